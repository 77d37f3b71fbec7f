package io.homeostat.healer.workflow;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.RecoveryVerified;
import io.homeostat.events.Severity;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.Attestation;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.incident.Anomaly;
import io.homeostat.healer.verify.CheckResult;
import io.homeostat.healer.verify.RecoveryCheck;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The node is on trial until it is quiet and its digest equals the others'. */
final class VerifyStep implements RecoveryStep {
    private final LedgerApi ledger;
    private final RecoveryCheck check;
    private final RecoveryLimits limits;

    VerifyStep(LedgerApi ledger, RecoveryCheck check, RecoveryLimits limits) {
        this.ledger = ledger;
        this.check = check;
        this.limits = limits;
    }

    @Override
    public StepResult take(StepContext context) {
        RecoveryState state = context.state();
        Instant since = state.since() == null ? context.now() : state.since();
        Optional<Anomaly> relapse = relapse(state, context, since);
        if (relapse.isPresent()) {
            return failed(
                    state,
                    relapse.get().cause() + " was raised while the node was on trial ("
                            + relapse.get().anomalyId() + ")");
        }
        CheckResult result;
        try {
            List<Attestation> attestations = ledger.attestations(state.node());
            result = check.check(
                    state.node(),
                    attestations,
                    state.recoveryIndex(),
                    context.anomalies(),
                    context.lastAnomalyAt(),
                    since,
                    context.now());
        } catch (ActFault e) {
            result = new CheckResult.NotYet("attestations could not be read: " + e.getMessage());
        }
        if (result instanceof CheckResult.Verified verified) {
            return verified(state, verified, context.now());
        }
        if (result instanceof CheckResult.Differs differs) {
            return failed(state, differs.reason());
        }
        String reason = ((CheckResult.NotYet) result).reason();
        if (context.now().isAfter(since.plus(limits.verify()))) {
            return failed(state, "not verified within " + limits.verify().toSeconds() + " s: " + reason);
        }
        return StepResult.wait(state.withSince(since), limits.pollAfter(state.waits()));
    }

    private static StepResult verified(RecoveryState state, CheckResult.Verified verified, Instant now) {
        EventIds ids = new EventIds(state);
        RecoveryVerified event = new RecoveryVerified(
                ids.next(),
                now,
                state.incidentId(),
                state.node(),
                verified.raftIndex(),
                verified.stateDigest(),
                verified.agreeing(),
                verified.quietWindows());
        return StepResult.of(ids.save(state).withSince(now), Outcome.VERIFIED, event);
    }

    /** The breaker opens again at once; the next plan isolates first. */
    private static StepResult failed(RecoveryState state, String reason) {
        return StepResult.of(state.withTrouble("not verified: " + reason), Outcome.REPLAN);
    }

    /**
     * Hard evidence that came during the trial, or a more specific cause than the plan was made for, and that still holds
     * after a while: a silence that ended with the restart is often raised only afterwards, and soon cleared.
     */
    private Optional<Anomaly> relapse(RecoveryState state, StepContext context, Instant since) {
        Cause planned =
                state.planned() == null ? Cause.DEVIATION : state.planned().cause();
        Instant held = context.now().minus(limits.relapse());
        return context.anomalies().stream()
                .filter(a -> a.severity() == Severity.CRITICAL && !a.cleared())
                .filter(a -> a.raisedAt().isAfter(since) || a.cause().compareTo(planned) < 0)
                .filter(a -> a.raisedAt().isBefore(held) && since.isBefore(held))
                .findFirst();
    }
}
