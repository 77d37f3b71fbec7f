package io.homeostat.healer.act;

import java.util.List;

/**
 * What recovery needs of the ledger's public API, asked of any node that answers; {@code avoid} names the sick node, which
 * is asked last. Every method throws {@link ActFault} when no node answered in time. Thread-safe.
 */
public interface LedgerApi {
    LedgerNodes nodes(String avoid);

    /** Newest first, at most 64. Never read from the avoided node, which would be the judge of its own cause. */
    List<Attestation> attestations(String avoid);

    /** Journal index of the isolation. */
    Reply<Long> isolate(String node, String incidentId, String reason);

    Reply<Long> readmit(String node, String incidentId);

    /** The members after the change. */
    Reply<List<String>> setMember(String node, boolean member);

    /** The leader after the move. */
    Reply<String> moveLeadershipAway(String node);

    Reply<String> openCase(String caseId, String payloadDigest, String tier, String requester);

    ApprovalCase approvalCase(String caseId);

    /** Answer of {@code GET /v1/cases/ID/proof} as it is: it is for sidecars, which check it themselves. */
    String caseProof(String caseId);
}
