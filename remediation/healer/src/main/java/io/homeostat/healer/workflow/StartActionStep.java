package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.ActionStarted;
import io.homeostat.events.RecoveryAction;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.ClusterView;
import io.homeostat.healer.guard.GuardVerdict;
import io.homeostat.healer.guard.QuorumGuard;
import io.homeostat.healer.guard.StopButton;
import java.sql.SQLException;
import java.time.Instant;

/** Guard and stop button before each action; then the action is announced. It begins only when that is on the record. */
final class StartActionStep implements RecoveryStep {
    private final ClusterSight sight;
    private final StopButton stop;
    private final RecoveryLimits limits;

    StartActionStep(ClusterSight sight, StopButton stop, RecoveryLimits limits) {
        this.sight = sight;
        this.stop = stop;
        this.limits = limits;
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        if (!state.actionsLeft()) {
            return StepResult.of(state.withSince(context.now()), Outcome.VERIFY);
        }
        RecoveryAction action = state.action();
        ClusterView view = sight.look(state.node());
        GuardVerdict verdict = QuorumGuard.check(view.nodes(), action.node(), action.kind());
        if (!verdict.allowed()) {
            boolean blink = !view.othersSeen(state.node()) || !view.ledgerAnswered();
            if (blink && state.waits() + 1 < limits.tries()) {
                return StepResult.wait(state, limits.retryAfter(state.waits()));
            }
            return refused(state, action, verdict, context.now());
        }
        StopButton.State button = stop.stateHeld(context.connection());
        if (button.pressed()) {
            return IsolateStep.stopped(state, button, context.now());
        }
        return started(state.withStopTold(false), action, view, context.now());
    }

    private static StepResult started(RecoveryState state, RecoveryAction action, ClusterView view, Instant now) {
        if (state.doing().startedAt() != null) {
            // Announced before the stop button was pressed: it goes on without a second announcement.
            return StepResult.of(state, Outcome.STARTED);
        }
        EventIds ids = new EventIds(state);
        ActionStarted event =
                new ActionStarted(ids.next(), now, state.incidentId(), state.node(), action.actionId(), action.kind());
        RecoveryState next =
                ids.save(state).withDoing(new RecoveryState.Doing(state.doing().step(), now, false, false, 0, "", -1));
        if (action.kind() == ActionKind.RESTART || action.kind() == ActionKind.RESYNC) {
            // Only what the node attests from here on speaks for the recovery.
            long index = view.commitIndex() > 0 ? view.commitIndex() : view.newestAttested() + 1;
            next = next.withRecoveryIndex(Math.max(index, state.recoveryIndex()));
        }
        return StepResult.of(next, Outcome.STARTED, event);
    }

    private static StepResult refused(RecoveryState state, RecoveryAction action, GuardVerdict verdict, Instant now) {
        EventIds ids = new EventIds(state);
        String words = "our quorum guard refused: " + verdict.words();
        ActionStarted started =
                new ActionStarted(ids.next(), now, state.incidentId(), state.node(), action.actionId(), action.kind());
        ActionFinished finished = new ActionFinished(
                ids.next(),
                now,
                state.incidentId(),
                state.node(),
                action.actionId(),
                action.kind(),
                ActionOutcome.REFUSED,
                words,
                0);
        return StepResult.escalate(
                ids.save(state), action.kind() + " of " + action.node() + ": " + words, started, finished);
    }
}
