package io.homeostat.healer.act;

import io.homeostat.events.Decision;
import io.homeostat.events.RoleQuorum;
import io.homeostat.events.SignedApproval;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answer of {@code GET /v1/cases/ID}: the gate's own record, the only one that is believed. */
public record ApprovalCase(
        String caseId,
        String kind,
        String state,
        String payloadDigest,
        long expiresAtMicros,
        @Nullable List<RoleQuorum> demands,
        @Nullable List<Approval> approvals,
        @Nullable Long decidedIndex,
        @Nullable Long escalatesAtMicros) {

    public boolean approved() {
        return state.equals("approved");
    }

    /** Whether somebody may have stood in: sidecars then want the ledger's proof of when the case was opened. */
    public boolean escalates() {
        return escalatesAtMicros != null && escalatesAtMicros > 0;
    }

    public boolean open() {
        return state.equals("open");
    }

    public Instant expiresAt() {
        return Instant.EPOCH.plus(expiresAtMicros, ChronoUnit.MICROS);
    }

    public List<RoleQuorum> demandsOrNone() {
        return demands == null ? List.of() : demands;
    }

    /** The approving signatures, as they travel with an order. */
    public List<SignedApproval> signatures() {
        if (approvals == null) {
            return List.of();
        }
        return approvals.stream()
                .filter(a -> a.decision().equals("approve"))
                .map(a -> new SignedApproval(
                        a.keyId(),
                        Decision.APPROVE,
                        payloadDigest,
                        a.expiresAtMicros(),
                        a.signature(),
                        a.reasonDigest()))
                .toList();
    }

    public record Approval(
            String keyId,
            String person,
            String decision,
            String reasonDigest,
            String signature,
            long expiresAtMicros) {}
}
