package io.homeostat.events;

import java.util.Map;
import java.util.Objects;

/**
 * One typed step of a plan.
 *
 * @param precondition what must hold before, in words; the code that checks it belongs to the action kind
 * @param postcondition what must hold after
 * @param undo how the step is taken back, or why it needs no undo
 */
public record RecoveryAction(
        String actionId,
        ActionKind kind,
        String node,
        String precondition,
        String postcondition,
        String undo,
        Map<String, String> parameters) {
    public RecoveryAction {
        Objects.requireNonNull(actionId, "actionId");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(precondition, "precondition");
        Objects.requireNonNull(postcondition, "postcondition");
        Objects.requireNonNull(undo, "undo");
        parameters = Map.copyOf(parameters);
    }
}
