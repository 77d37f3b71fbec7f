package io.homeostat.merkle;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The exact text that an approver signs (docs/encoding.md): six lines, each ended by one line feed.
 *
 * <pre>
 * homeostat approval v1
 * case: transfer:6f1c2f3e-...
 * payload: 64 hex digits
 * decision: approve
 * expires: 1795182000000000
 * reason: 64 hex digits, SHA-256 of the reason's UTF-8
 * </pre>
 *
 * @param caseId {@code [A-Za-z0-9:._-]{1,128}}
 * @param payloadDigest SHA-256 of the payload
 * @param approve false for a denial
 * @param expiresAtMicros ledger time after which the signature counts for nothing, microseconds since the epoch
 * @param reasonDigest SHA-256 of the reason's UTF-8
 */
public record ApprovalText(
        String caseId, byte[] payloadDigest, boolean approve, long expiresAtMicros, byte[] reasonDigest) {
    private static final Pattern CASE_ID = Pattern.compile("[A-Za-z0-9:._-]{1,128}");

    public ApprovalText {
        Objects.requireNonNull(caseId, "caseId");
        if (!CASE_ID.matcher(caseId).matches()) {
            throw new IllegalArgumentException("caseId must match " + CASE_ID);
        }
        payloadDigest =
                MerkleFrontier.requireHash(payloadDigest, "payloadDigest").clone();
        reasonDigest = MerkleFrontier.requireHash(reasonDigest, "reasonDigest").clone();
    }

    @Override
    public byte[] payloadDigest() {
        return payloadDigest.clone();
    }

    @Override
    public byte[] reasonDigest() {
        return reasonDigest.clone();
    }

    public String text() {
        return "homeostat approval v1\n"
                + "case: " + caseId + "\n"
                + "payload: " + Digests.hex(payloadDigest) + "\n"
                + "decision: " + (approve ? "approve" : "deny") + "\n"
                + "expires: " + expiresAtMicros + "\n"
                + "reason: " + Digests.hex(reasonDigest) + "\n";
    }

    public byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /** @param rawPublicKey Ed25519, 32 bytes */
    public boolean signedBy(byte[] rawPublicKey, byte[] signature) {
        return Ed25519.verify(rawPublicKey, bytes(), signature);
    }

    public boolean signedBy(VerificationKey key, byte[] signature) {
        return key.verifies(bytes(), signature);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ApprovalText t && Arrays.equals(bytes(), t.bytes());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
