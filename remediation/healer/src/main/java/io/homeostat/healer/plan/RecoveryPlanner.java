package io.homeostat.healer.plan;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.events.Cause;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Chooses typed actions by cause and context. Pure: the same context gives the same plan, ids included. */
public final class RecoveryPlanner {
    private final AutonomyPolicy policy;

    public RecoveryPlanner(AutonomyPolicy policy) {
        this.policy = policy;
    }

    public RecoveryPlan plan(PlanContext context) {
        List<ActionKind> kinds = kinds(context);
        boolean resync = kinds.contains(ActionKind.RESYNC);
        Autonomy autonomy = kinds.stream()
                .map(k -> policy.levelOf(k, resync, context.othersVerifiedEqual()))
                .reduce(AutonomyPolicy::lower)
                .orElse(Autonomy.OBSERVE);
        return assemble(context.planId(), context.node(), autonomy, kinds, alternatives(context));
    }

    /** A person has repaired the node and hands it back: only the readmission is left, with its own check. */
    public RecoveryPlan readmission(String incidentId, String node, int number) {
        return assemble(
                incidentId + "-plan-" + number,
                node,
                Autonomy.AUTO,
                List.of(ActionKind.READMIT),
                List.of("any other action: a person has repaired the node and says so"));
    }

    private static RecoveryPlan assemble(
            String planId, String node, Autonomy autonomy, List<ActionKind> kinds, List<String> alternatives) {
        List<RecoveryAction> actions = new ArrayList<>();
        for (ActionKind kind : kinds) {
            ActionTerms terms = ActionTerms.of(kind);
            actions.add(new RecoveryAction(
                    planId + "-" + (actions.size() + 1),
                    kind,
                    node,
                    terms.precondition(),
                    terms.postcondition(),
                    terms.undo(),
                    Map.of()));
        }
        return new RecoveryPlan(planId, node, autonomy, actions, alternatives);
    }

    private static List<ActionKind> kinds(PlanContext context) {
        return switch (context.cause()) {
            case DIVERGENCE, DEAD_LOG -> resync(context.leader());
            case CRASH ->
                context.restartFailed()
                        ? resync(context.leader())
                        : List.of(ActionKind.ISOLATE, ActionKind.RESTART, ActionKind.READMIT);
            case SILENCE -> context.restartFailed() ? resync(context.leader()) : restart(context.leader());
            case SLOWNESS, DEVIATION -> List.of();
        };
    }

    private static List<ActionKind> resync(boolean leader) {
        List<ActionKind> kinds = new ArrayList<>();
        kinds.add(ActionKind.ISOLATE);
        if (leader) {
            kinds.add(ActionKind.TRANSFER_LEADERSHIP);
        }
        kinds.addAll(List.of(
                ActionKind.FENCE,
                ActionKind.REMOVE_MEMBER,
                ActionKind.RESYNC,
                ActionKind.ADD_MEMBER,
                ActionKind.READMIT));
        return kinds;
    }

    private static List<ActionKind> restart(boolean leader) {
        List<ActionKind> kinds = new ArrayList<>();
        kinds.add(ActionKind.ISOLATE);
        if (leader) {
            kinds.add(ActionKind.TRANSFER_LEADERSHIP);
        }
        kinds.addAll(List.of(ActionKind.RESTART, ActionKind.READMIT));
        return kinds;
    }

    private static List<String> alternatives(PlanContext context) {
        String replace = "replace the node by a new one: it needs people and a spare, and the node's host answers";
        if (context.restartFailed() && (context.cause() == Cause.CRASH || context.cause() == Cause.SILENCE)) {
            return List.of(
                    "restart once more: an earlier plan of this incident restarted it and that did not hold", replace);
        }
        return switch (context.cause()) {
            case DIVERGENCE ->
                List.of(
                        "restart on its own data: the data itself differs from the majority's, a restart keeps it",
                        "correct the state in place: no one could prove afterwards what was changed",
                        replace);
            case DEAD_LOG ->
                List.of(
                        "restart on its own data: after a failed fsync the log may lack entries that were acknowledged",
                        "leave it as a follower: a node without a live log acknowledges nothing and narrows the majority",
                        replace);
            case CRASH ->
                List.of(
                        "wipe and resync: nothing says that its data is damaged, and a restart keeps one more copy",
                        "leave it down: redundancy would stay lowered",
                        replace);
            case SILENCE ->
                List.of(
                        "wait: a hung process can come back and act on an old view; it is stopped first",
                        "wipe and resync: nothing says that its data is damaged, and a restart keeps one more copy",
                        replace);
            case SLOWNESS, DEVIATION ->
                List.of(
                        "isolate: only a model says so, and soft evidence never isolates (ADR 0007)",
                        "restart: it would lower redundancy for a finding that may pass");
        };
    }
}
