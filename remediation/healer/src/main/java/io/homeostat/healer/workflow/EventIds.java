package io.homeostat.healer.workflow;

/** Numbers the events of one step. */
final class EventIds {
    private final String incidentId;
    private int used;

    EventIds(RecoveryState state) {
        this.incidentId = state.incidentId();
        this.used = state.events();
    }

    String next() {
        used++;
        return incidentId + "-e" + used;
    }

    RecoveryState save(RecoveryState state) {
        return state.withEvents(used);
    }
}
