package io.homeostat.events;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Body of {@code POST /v1/actions} on a sidecar's control API.
 *
 * @param actionId idempotency key: the same id again answers with the report of the first
 * @param caseId the approval case, empty when the action needs none
 * @param payloadDigest lower-case hex SHA-256 of the plan's canonical JSON, what the approvals are over
 * @param approvals signatures carried along; the sidecar checks them against the last policy that it verified
 */
public record ActionOrder(
        String actionId,
        String incidentId,
        ActionKind kind,
        String node,
        String caseId,
        String payloadDigest,
        List<SignedApproval> approvals,
        Map<String, String> parameters) {
    public ActionOrder {
        Objects.requireNonNull(actionId, "actionId");
        Objects.requireNonNull(incidentId, "incidentId");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(caseId, "caseId");
        Objects.requireNonNull(payloadDigest, "payloadDigest");
        approvals = List.copyOf(approvals);
        parameters = Map.copyOf(parameters);
    }
}
