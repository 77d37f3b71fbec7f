package io.homeostat.healer.workflow;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.incident.Anomaly;
import io.homeostat.healer.plan.RecoveryPlanner;

/**
 * A person says that the node is repaired: a plan of one action readmits it, then it is verified. For a node that was never
 * isolated that action ends at most the ledger's mark of a divergence.
 */
final class HandBackStep implements RecoveryStep {
    private final RecoveryPlanner planner;

    HandBackStep(RecoveryPlanner planner) {
        this.planner = planner;
    }

    @Override
    public StepResult take(StepContext context) {
        RecoveryState state = context.state();
        RecoveryPlan plan = planner.readmission(state.incidentId(), state.node(), state.plans() + 1);
        Cause cause = Anomaly.leading(context.anomalies()).map(Anomaly::cause).orElse(Cause.DEVIATION);
        String digest = EventCodec.digest(plan);
        EventIds ids = new EventIds(state);
        RecoveryPlanned event =
                new RecoveryPlanned(ids.next(), context.now(), state.incidentId(), state.node(), plan, digest);
        return StepResult.of(
                ids.save(state).withPlan(new RecoveryState.Planned(plan, cause, digest, false)), Outcome.AUTO, event);
    }
}
