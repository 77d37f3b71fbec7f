package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.events.BreakerState;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.Severity;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.Reply;
import io.homeostat.healer.breaker.BreakerSignal;
import io.homeostat.healer.breaker.CircuitBreaker;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.ClusterView;
import io.homeostat.healer.guard.GuardVerdict;
import io.homeostat.healer.guard.QuorumGuard;
import io.homeostat.healer.guard.StopButton;
import io.homeostat.healer.incident.Anomaly;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.StormBrake;
import io.homeostat.healer.plan.AutonomyPolicy;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The breaker decides, and the ledger is told at once: hard evidence isolates before anything is planned. When the ledger
 * can not be reached the recovery goes on only if the guard holds by what the sidecars see; the plan's own ISOLATE tries
 * again.
 */
final class IsolateStep implements RecoveryStep {
    private final AutonomyPolicy policy;
    private final StormBrake storm;
    private final StopButton stop;
    private final IncidentBook book;
    private final ClusterSight sight;
    private final LedgerApi ledger;
    private final InstantSource clock;

    IsolateStep(
            AutonomyPolicy policy,
            StormBrake storm,
            StopButton stop,
            IncidentBook book,
            ClusterSight sight,
            LedgerApi ledger,
            InstantSource clock) {
        this.policy = policy;
        this.storm = storm;
        this.stop = stop;
        this.book = book;
        this.sight = sight;
        this.ledger = ledger;
        this.clock = clock;
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        Anomaly leading = Anomaly.leading(context.anomalies())
                .orElseThrow(() -> new IllegalStateException("incident " + state.incidentId() + " has no anomaly"));
        Autonomy level = policy.levelOf(ActionKind.ISOLATE);
        if (leading.severity() == Severity.WARNING || level.compareTo(Autonomy.APPROVE) < 0) {
            String why = leading.severity() == Severity.WARNING
                    ? leading.cause() + " is soft evidence: observed only"
                    : "autonomy of ISOLATE is " + level + ": observed only";
            return shadow(state, why, context.now());
        }
        StopButton.State button = stop.stateHeld(context.connection());
        if (button.pressed()) {
            return stopped(state, button, context.now());
        }
        List<Instant> openings = book.criticalSince(context.connection(), storm.windowStart(context.now()));
        if (storm.pulled(openings, context.now())) {
            return StepResult.escalate(state, storm.words(openings, context.now()));
        }
        if (level == Autonomy.APPROVE) {
            return StepResult.of(state, Outcome.OPEN);
        }
        return isolate(state, leading);
    }

    private StepResult isolate(RecoveryState state, Anomaly leading) {
        ClusterView view = sight.look(state.node());
        GuardVerdict verdict = QuorumGuard.check(view.nodes(), state.node(), ActionKind.ISOLATE);
        if (!verdict.allowed()) {
            return StepResult.escalate(state, "our quorum guard refused the isolation: " + verdict.words());
        }
        String reason = leading.cause() + " (" + leading.anomalyId() + ")";
        try {
            Reply<Long> reply = ledger.isolate(
                    state.node(), state.incidentId(), leading.cause().name());
            if (reply instanceof Reply.Refused<Long> no) {
                return no.reason().equals("node_already_isolated")
                        ? opened(state, reason + "; the ledger had it isolated already", -1)
                        : StepResult.escalate(
                                state, "the ledger refused the isolation: " + no.reason() + ", " + no.detail());
            }
            return opened(state, reason, ((Reply.Done<Long>) reply).value());
        } catch (ActFault e) {
            return opened(
                    state,
                    reason + "; the ledger was not reached, the quorum guard holds by the sidecars' view: "
                            + e.getMessage(),
                    -1);
        }
    }

    private StepResult opened(RecoveryState state, String reason, long ledgerIndex) {
        Instant now = RecoveryState.cut(clock.instant());
        BreakerState from = state.isolation().breaker();
        BreakerState to = new CircuitBreaker(from).on(BreakerSignal.CRITICAL).state();
        EventIds ids = new EventIds(state);
        BreakerOpened event =
                new BreakerOpened(ids.next(), now, state.incidentId(), state.node(), from, to, reason, ledgerIndex);
        RecoveryState.Isolation isolation = new RecoveryState.Isolation(to, ledgerIndex >= 0 ? now : null, ledgerIndex);
        return StepResult.of(ids.save(state).withIsolation(isolation), Outcome.OPEN, event);
    }

    private static StepResult shadow(RecoveryState state, String reason, Instant now) {
        BreakerState from = state.isolation().breaker();
        BreakerState to = new CircuitBreaker(from).on(BreakerSignal.WARNING).state();
        if (to == from) {
            return StepResult.of(state, Outcome.SHADOW);
        }
        EventIds ids = new EventIds(state);
        BreakerOpened event =
                new BreakerOpened(ids.next(), now, state.incidentId(), state.node(), from, to, reason, -1);
        return StepResult.of(ids.save(state).withBreaker(to), Outcome.SHADOW, event);
    }

    /** Told once per press; the step comes back here when the button is released. */
    static StepResult stopped(RecoveryState state, StopButton.State button, Instant now) {
        if (state.stopTold()) {
            return StepResult.of(state, Outcome.STOPPED);
        }
        EventIds ids = new EventIds(state);
        IncidentEscalated event = new IncidentEscalated(
                ids.next(),
                now,
                state.incidentId(),
                state.node(),
                "the stop button is pressed by " + button.by() + ": " + button.reason()
                        + "; the recovery goes on when it is released");
        return StepResult.of(ids.save(state).withStopTold(true), Outcome.STOPPED, event);
    }
}
