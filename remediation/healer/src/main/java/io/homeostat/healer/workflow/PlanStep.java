package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.ClusterView;
import io.homeostat.healer.incident.Anomaly;
import io.homeostat.healer.incident.AttemptBudget;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.IncidentLimits;
import io.homeostat.healer.plan.PlanContext;
import io.homeostat.healer.plan.RecoveryPlanner;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** Makes a plan, or the next one after a plan that failed, inside the node's budget. */
final class PlanStep implements RecoveryStep {
    private final RecoveryPlanner planner;
    private final AttemptBudget budget;
    private final IncidentLimits limits;
    private final IncidentBook book;
    private final ClusterSight sight;

    PlanStep(
            RecoveryPlanner planner,
            AttemptBudget budget,
            IncidentLimits limits,
            IncidentBook book,
            ClusterSight sight) {
        this.planner = planner;
        this.budget = budget;
        this.limits = limits;
        this.book = book;
        this.sight = sight;
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        Cause cause = Anomaly.leading(context.anomalies()).map(Anomaly::cause).orElse(Cause.DEVIATION);
        if (state.isolation().breaker() == BreakerState.SHADOW) {
            return planned(state, shadowContext(state, cause), Outcome.SHADOW, context.now());
        }
        Duration settle = settleTime(state, cause, context.now());
        if (!settle.isZero()) {
            return StepResult.wait(state, settle);
        }
        AttemptBudget.Verdict verdict = budget.check(
                state.node(),
                book.attemptsSince(context.connection(), state.node(), budget.windowStart(context.now())),
                context.now());
        if (verdict.exhausted()) {
            String last = state.trouble().isEmpty() ? "" : "; the last plan ended: " + state.trouble();
            return StepResult.escalate(state, verdict.words() + last);
        }
        if (!verdict.now()) {
            return StepResult.wait(state, verdict.delay());
        }
        ClusterView view = sight.look(state.node());
        PlanContext planContext = new PlanContext(
                state.incidentId(),
                state.node(),
                state.plans() + 1,
                cause,
                view.leader().equals(state.node()),
                view.othersVerifiedEqual(state.node()),
                state.planned() != null && state.planned().restarts());
        RecoveryPlan plan = planner.plan(planContext);
        book.recordAttempt(context.connection(), plan.planId(), state.node(), context.now());
        return planned(state, planContext, outcome(plan.autonomy()), context.now());
    }

    private StepResult planned(RecoveryState state, PlanContext context, Outcome outcome, Instant now) {
        RecoveryPlan plan = planner.plan(context);
        String digest = EventCodec.digest(plan);
        EventIds ids = new EventIds(state);
        RecoveryPlanned event = new RecoveryPlanned(ids.next(), now, state.incidentId(), state.node(), plan, digest);
        boolean restarts = plan.actions().stream().anyMatch(a -> a.kind() == ActionKind.RESTART);
        RecoveryState next =
                ids.save(state).withPlan(new RecoveryState.Planned(plan, context.cause(), digest, restarts));
        if (outcome == Outcome.ESCALATE) {
            return StepResult.escalate(
                    next, "autonomy of the plan is " + plan.autonomy() + ": people carry out " + plan.planId(), event);
        }
        return StepResult.of(next.withSince(now), outcome, event);
    }

    private static PlanContext shadowContext(RecoveryState state, Cause cause) {
        // A hard cause under a policy that forbids isolating is observed as well: its plan is to do nothing.
        Cause soft = cause.compareTo(Cause.SLOWNESS) < 0 ? Cause.DEVIATION : cause;
        return new PlanContext(state.incidentId(), state.node(), state.plans() + 1, soft, false, false, false);
    }

    /** Only the first plan waits, and only for causes that a more specific one may still explain. */
    private Duration settleTime(RecoveryState state, Cause cause, Instant now) {
        if (state.plans() > 0 || cause.compareTo(Cause.DEAD_LOG) <= 0) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, state.openedAt().plus(limits.settle()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Outcome outcome(Autonomy autonomy) {
        return switch (autonomy) {
            case AUTO -> Outcome.AUTO;
            case APPROVE -> Outcome.ASK;
            case PROPOSE, OBSERVE -> Outcome.ESCALATE;
        };
    }
}
