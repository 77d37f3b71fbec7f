package io.homeostat.events;

import java.util.Objects;

/**
 * One approver's signature as it travels with a case.
 *
 * @param keyId id of the registered approver key
 * @param decision APPROVE or DENY
 * @param payloadDigest lower-case hex SHA-256 of the exact payload that was approved
 * @param expiresAtMicros after this ledger time (microseconds since the epoch) the signature counts for nothing
 * @param signature base64 Ed25519 signature over {@link ApprovalStatement#bytes()}
 * @param reasonDigest lower-case hex SHA-256 of the UTF-8 reason; the text itself stays outside ledger and leaves
 */
public record SignedApproval(
        String keyId,
        Decision decision,
        String payloadDigest,
        long expiresAtMicros,
        String signature,
        String reasonDigest) {
    public SignedApproval {
        Objects.requireNonNull(keyId, "keyId");
        Objects.requireNonNull(decision, "decision");
        Objects.requireNonNull(payloadDigest, "payloadDigest");
        Objects.requireNonNull(signature, "signature");
        Objects.requireNonNull(reasonDigest, "reasonDigest");
        if (decision == Decision.EXPIRED) {
            throw new IllegalArgumentException("decision must be APPROVE or DENY but is EXPIRED");
        }
    }
}
