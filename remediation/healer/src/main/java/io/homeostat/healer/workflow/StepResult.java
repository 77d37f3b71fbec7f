package io.homeostat.healer.workflow;

import io.homeostat.events.IncidentEvent;
import java.time.Duration;
import java.util.List;

/** What a step decided; nothing of it is in effect before the transaction ends. */
record StepResult(RecoveryState state, Outcome outcome, Duration delay, List<IncidentEvent> events) {
    StepResult {
        events = List.copyOf(events);
    }

    static StepResult of(RecoveryState state, Outcome outcome, IncidentEvent... events) {
        return new StepResult(state.withWaits(0), outcome, Duration.ZERO, List.of(events));
    }

    static StepResult wait(RecoveryState state, Duration delay, IncidentEvent... events) {
        return new StepResult(state.withWaits(state.waits() + 1), Outcome.WAIT, delay, List.of(events));
    }

    static StepResult escalate(RecoveryState state, String trouble, IncidentEvent... events) {
        return of(state.withTrouble(trouble), Outcome.ESCALATE, events);
    }
}
