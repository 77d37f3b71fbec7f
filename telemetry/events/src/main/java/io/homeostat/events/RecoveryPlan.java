package io.homeostat.events;

import java.util.List;
import java.util.Objects;

/**
 * What remediation intends, complete before the first step.
 *
 * @param autonomy the lowest level among the actions: it decides whether people are asked first
 * @param alternatives plans that were considered, each with the reason why it was not chosen
 */
public record RecoveryPlan(
        String planId, String node, Autonomy autonomy, List<RecoveryAction> actions, List<String> alternatives) {
    public RecoveryPlan {
        Objects.requireNonNull(planId, "planId");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(autonomy, "autonomy");
        actions = List.copyOf(actions);
        alternatives = List.copyOf(alternatives);
    }
}
