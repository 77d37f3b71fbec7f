package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.BreakerState;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.ActionContext;
import io.homeostat.healer.act.ActionRunner;
import io.homeostat.healer.act.Attestation;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.Progress;
import io.homeostat.healer.act.SidecarApi;
import io.homeostat.healer.breaker.BreakerSignal;
import io.homeostat.healer.breaker.CircuitBreaker;
import io.homeostat.healer.guard.StopButton;
import io.homeostat.healer.verify.CheckResult;
import io.homeostat.healer.verify.RecoveryCheck;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls the present action until its postcondition is seen, its time is over, or its actor fails. A crash anywhere in
 * between leads back here, with the same action id.
 */
final class CarryOutStep implements RecoveryStep {
    private final ActionRunner runner;
    private final LedgerApi ledger;
    private final SidecarApi sidecars;
    private final RecoveryCheck check;
    private final StopButton stop;
    private final RecoveryLimits limits;
    private final InstantSource clock;

    CarryOutStep(
            ActionRunner runner,
            LedgerApi ledger,
            SidecarApi sidecars,
            RecoveryCheck check,
            StopButton stop,
            RecoveryLimits limits,
            InstantSource clock) {
        this.runner = runner;
        this.ledger = ledger;
        this.sidecars = sidecars;
        this.check = check;
        this.stop = stop;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        RecoveryState.Doing doing = state.doing();
        if (!doing.acted() && !doing.ordered()) {
            StopButton.State button = stop.stateHeld(context.connection());
            if (button.pressed()) {
                return IsolateStep.stopped(state, button, context.now());
            }
        }
        RecoveryAction action = state.action();
        try {
            return next(state, action, progress(state, action));
        } catch (ActFault e) {
            int faults = doing.faults() + 1;
            if (e.kind() == ActFault.Kind.PERMANENT || faults >= limits.tries()) {
                return failed(state, action, e.getMessage() + " (after " + faults + " tries)");
            }
            RecoveryState.Doing tried = new RecoveryState.Doing(
                    doing.step(),
                    doing.startedAt(),
                    doing.ordered(),
                    doing.acted(),
                    faults,
                    doing.detail(),
                    doing.ledgerIndex());
            return StepResult.wait(state.withDoing(tried), limits.retryAfter(doing.faults()));
        }
    }

    private Progress progress(RecoveryState state, RecoveryAction action) {
        RecoveryState.Doing doing = state.doing();
        if (doing.acted()) {
            return runner.check(action);
        }
        if (action.kind() == ActionKind.READMIT) {
            CheckResult digest =
                    check.digest(state.node(), attestationsBeforeAdmission(state.node()), state.recoveryIndex());
            if (digest instanceof CheckResult.NotYet notYet) {
                return new Progress.Running(notYet.reason(), false);
            }
            if (digest instanceof CheckResult.Differs differs) {
                return new Progress.Failed("not readmitted: " + differs.reason());
            }
        }
        ActionContext context = new ActionContext(
                state.incidentId(),
                state.asked().caseId(),
                state.asked().caseProof(),
                state.requirePlanned().digest(),
                new String(EventCodec.canonicalJson(state.plan()), StandardCharsets.UTF_8),
                state.requirePlanned().cause().name(),
                state.firstAnomalyAt(),
                state.asked().approvals());
        Progress progress = runner.act(action, context, doing.ordered());
        if (progress instanceof Progress.Acted acted) {
            Progress seen = runner.check(action);
            return seen instanceof Progress.Holds ? new Progress.Holds(acted.detail(), acted.ledgerIndex()) : progress;
        }
        return progress;
    }

    /**
     * The ledger takes no attestation of a node that diverged before the node is admitted again. So what its control API
     * says of its own digest stands in for it here, compared with what the others attested at the same index; the
     * verification after the admission is by attestations alone.
     */
    private List<Attestation> attestationsBeforeAdmission(String node) {
        NodeProbe probe = sidecars.status(node).probe();
        List<Attestation> attestations = ledger.attestations(node);
        if (probe == null || probe.stateDigest().isEmpty()) {
            return attestations;
        }
        return attestations.stream()
                .map(a -> a.raftIndex() == probe.digestIndex() ? a.withOwnWord(node, probe.stateDigest()) : a)
                .toList();
    }

    private StepResult next(RecoveryState state, RecoveryAction action, Progress progress) {
        RecoveryState.Doing doing = state.doing();
        if (progress instanceof Progress.Holds holds) {
            return doing.acted()
                    ? succeeded(state, action, doing.detail(), doing.ledgerIndex())
                    : succeeded(state, action, holds.detail(), holds.ledgerIndex());
        }
        if (progress instanceof Progress.Failed failed) {
            return failed(state, action, failed.detail());
        }
        if (progress instanceof Progress.Refused refused) {
            return refused(state, action, refused.detail());
        }
        Duration limit = limits.timeFor(action.kind());
        Instant startedAt = doing.startedAt() == null ? clock.instant() : doing.startedAt();
        if (clock.instant().isAfter(startedAt.plus(limit))) {
            return failed(state, action, "not done within " + limit.toSeconds() + " s: " + progress.detail());
        }
        RecoveryState.Doing further = new RecoveryState.Doing(
                doing.step(),
                startedAt,
                doing.ordered() || (progress instanceof Progress.Running running && running.ordered()),
                doing.acted() || progress instanceof Progress.Acted,
                0,
                progress instanceof Progress.Acted acted ? acted.detail() : doing.detail(),
                progress instanceof Progress.Acted done ? done.ledgerIndex() : doing.ledgerIndex());
        return StepResult.wait(state.withDoing(further), limits.pollAfter(state.waits()));
    }

    private StepResult succeeded(RecoveryState state, RecoveryAction action, String detail, long ledgerIndex) {
        Instant now = RecoveryState.cut(clock.instant());
        EventIds ids = new EventIds(state);
        List<IncidentEvent> events = new ArrayList<>();
        events.add(finished(ids, state, action, ActionOutcome.SUCCEEDED, detail, now));
        RecoveryState next = state;
        if (action.kind() == ActionKind.ISOLATE) {
            next = isolated(state, ids, events, detail, ledgerIndex, now);
        } else if (action.kind() == ActionKind.READMIT) {
            next = state.withBreaker(new CircuitBreaker(state.isolation().breaker())
                    .on(BreakerSignal.READMITTED)
                    .state());
        }
        next = ids.save(next).withDoing(RecoveryState.Doing.at(state.doing().step() + 1));
        return new StepResult(next.withWaits(0), Outcome.DONE, Duration.ZERO, events);
    }

    /** The first isolation in the ledger counts; a breaker that was not open before is told of now. */
    private static RecoveryState isolated(
            RecoveryState state, EventIds ids, List<IncidentEvent> events, String detail, long found, Instant now) {
        long ledgerIndex =
                state.isolation().ledgerIndex() >= 0 ? state.isolation().ledgerIndex() : found;
        BreakerState from = state.isolation().breaker();
        BreakerState to = new CircuitBreaker(from).on(BreakerSignal.CRITICAL).state();
        if (from != to) {
            events.add(new BreakerOpened(
                    ids.next(), now, state.incidentId(), state.node(), from, to, detail, ledgerIndex));
        }
        Instant at = state.isolation().at() == null ? now : state.isolation().at();
        return state.withIsolation(new RecoveryState.Isolation(to, at, ledgerIndex));
    }

    private StepResult failed(RecoveryState state, RecoveryAction action, String detail) {
        EventIds ids = new EventIds(state);
        IncidentEvent event =
                finished(ids, state, action, ActionOutcome.FAILED, detail, RecoveryState.cut(clock.instant()));
        RecoveryState next = ids.save(state).withTrouble(action.kind() + " failed: " + detail);
        return StepResult.of(next, Outcome.REPLAN, event);
    }

    private StepResult refused(RecoveryState state, RecoveryAction action, String detail) {
        EventIds ids = new EventIds(state);
        IncidentEvent event =
                finished(ids, state, action, ActionOutcome.REFUSED, detail, RecoveryState.cut(clock.instant()));
        return StepResult.escalate(ids.save(state), action.kind() + " was refused: " + detail, event);
    }

    private static ActionFinished finished(
            EventIds ids,
            RecoveryState state,
            RecoveryAction action,
            ActionOutcome outcome,
            String detail,
            Instant now) {
        Instant startedAt =
                state.doing().startedAt() == null ? now : state.doing().startedAt();
        return new ActionFinished(
                ids.next(),
                now,
                state.incidentId(),
                state.node(),
                action.actionId(),
                action.kind(),
                outcome,
                detail,
                Math.max(0, Duration.between(startedAt, now).toMillis()));
    }
}
