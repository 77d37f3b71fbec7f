package io.homeostat.healer.act;

import io.homeostat.events.SignedApproval;
import java.time.Instant;
import java.util.List;

/**
 * What travels with every action of a plan.
 *
 * @param caseId empty when nobody had to be asked
 * @param planJson the plan's canonical JSON, whose SHA-256 is {@code payloadDigest}
 * @param caseProof that the ledger opened the case and when, empty when nobody can have stood in
 * @param firstAnomalyAt a restart by reflex after this time needs no second one
 */
public record ActionContext(
        String incidentId,
        String caseId,
        String caseProof,
        String payloadDigest,
        String planJson,
        String reason,
        Instant firstAnomalyAt,
        List<SignedApproval> approvals) {
    public ActionContext {
        approvals = List.copyOf(approvals);
    }
}
