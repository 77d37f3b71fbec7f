package io.homeostat.healer.workflow;

import io.homeostat.events.IncidentEvent.IncidentEscalated;

/** The automation hands over: the reason goes on the record, and a person's task follows. */
final class EscalateStep implements RecoveryStep {
    @Override
    public StepResult take(StepContext context) {
        RecoveryState state = context.state();
        EventIds ids = new EventIds(state);
        IncidentEscalated event =
                new IncidentEscalated(ids.next(), context.now(), state.incidentId(), state.node(), state.trouble());
        return StepResult.of(ids.save(state), Outcome.ESCALATED, event);
    }
}
