package io.homeostat.deploy.platform;

import io.homeostat.approvals.web.StopButton;
import io.homeostat.healer.Healer;

/** The web UI's stop button, wired to the healer in the same process. Thread-safe. */
final class HealerStopButton implements StopButton {
    private final Healer healer;

    HealerStopButton(Healer healer) {
        this.healer = healer;
    }

    @Override
    public State stopAll(String who, String why) {
        healer.stopAll(who, why);
        return state();
    }

    @Override
    public State resume(String who, String why) {
        healer.resume(who);
        return state();
    }

    @Override
    public State state() {
        io.homeostat.healer.guard.StopButton.State state = healer.stopState();
        return state.by().isEmpty()
                ? State.RUNNING
                : new State(state.pressed(), state.by(), state.reason(), state.since());
    }
}
