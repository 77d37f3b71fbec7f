package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.healer.act.ActionRunner;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.SidecarApi;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.StopButton;
import io.homeostat.healer.incident.AttemptBudget;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.IncidentLimits;
import io.homeostat.healer.incident.StormBrake;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.healer.plan.RecoveryPlanner;
import io.homeostat.healer.verify.RecoveryCheck;
import java.time.InstantSource;
import java.util.Map;

/**
 * What the steps are made of.
 *
 * @param tier the approval tier of recovery cases in the ledger's policy
 */
public record RecoverySteps(
        LedgerApi ledger,
        SidecarApi sidecars,
        ClusterSight sight,
        AutonomyPolicy policy,
        RecoveryCheck check,
        IncidentBook book,
        StopButton stop,
        String tier,
        IncidentLimits incidentLimits,
        RecoveryLimits limits,
        InstantSource clock) {

    /** By the names of the delegate expressions in {@code recovery.bpmn}. */
    Map<String, RecoveryStep> byName() {
        RecoveryPlanner planner = new RecoveryPlanner(policy);
        boolean mayIsolate = policy.levelOf(ActionKind.ISOLATE).compareTo(Autonomy.APPROVE) >= 0;
        return Map.ofEntries(
                Map.entry(
                        "isolateNode",
                        new IsolateStep(policy, new StormBrake(incidentLimits), stop, book, sight, ledger, clock)),
                Map.entry(
                        "planRecovery",
                        new PlanStep(planner, new AttemptBudget(incidentLimits), incidentLimits, book, sight)),
                Map.entry("askPeople", new AskStep(ledger, tier, limits)),
                Map.entry("checkApproval", new CheckApprovalStep(ledger, limits)),
                Map.entry("startAction", new StartActionStep(sight, stop, limits)),
                Map.entry(
                        "carryOutAction",
                        new CarryOutStep(
                                new ActionRunner(ledger, sidecars), ledger, sidecars, check, stop, limits, clock)),
                Map.entry("verifyRecovery", new VerifyStep(ledger, check, limits)),
                Map.entry("closeRecovered", CloseStep.recovered(book)),
                Map.entry("observeNode", new ObserveStep(book, check, limits, mayIsolate)),
                Map.entry("closeObserved", CloseStep.observed(book)),
                Map.entry("escalate", new EscalateStep()),
                Map.entry("handBack", new HandBackStep(planner)),
                Map.entry("closeAbandoned", CloseStep.abandoned(book)));
    }
}
