package io.homeostat.merkle;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The exact text that a detector signs when it has screened a transfer (docs/encoding.md): six lines, each ended by one line
 * feed.
 *
 * <pre>
 * homeostat verdict v1
 * case: transfer:6f1c2f3e-...
 * payload: 64 hex digits
 * verdict: clear
 * expires: 1795182000000000
 * evidence: 64 hex digits, SHA-256 of what the verdict rests on
 * </pre>
 *
 * @param caseId {@code transfer:} and the transfer's id
 * @param payloadDigest SHA-256 of the transfer's payload, as approvers sign it
 * @param clear false for an odd transfer, which people must look at
 * @param expiresAtMicros ledger time after which the verdict counts for nothing, microseconds since the epoch
 */
public record VerdictText(
        String caseId, byte[] payloadDigest, boolean clear, long expiresAtMicros, byte[] evidenceDigest) {
    private static final Pattern CASE_ID = Pattern.compile("[A-Za-z0-9:._-]{1,128}");

    public VerdictText {
        Objects.requireNonNull(caseId, "caseId");
        if (!CASE_ID.matcher(caseId).matches()) {
            throw new IllegalArgumentException("caseId must match " + CASE_ID);
        }
        payloadDigest =
                MerkleFrontier.requireHash(payloadDigest, "payloadDigest").clone();
        evidenceDigest =
                MerkleFrontier.requireHash(evidenceDigest, "evidenceDigest").clone();
    }

    @Override
    public byte[] payloadDigest() {
        return payloadDigest.clone();
    }

    @Override
    public byte[] evidenceDigest() {
        return evidenceDigest.clone();
    }

    public String text() {
        return "homeostat verdict v1\n"
                + "case: " + caseId + "\n"
                + "payload: " + Digests.hex(payloadDigest) + "\n"
                + "verdict: " + (clear ? "clear" : "odd") + "\n"
                + "expires: " + expiresAtMicros + "\n"
                + "evidence: " + Digests.hex(evidenceDigest) + "\n";
    }

    public byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    public boolean signedBy(VerificationKey key, byte[] signature) {
        return key.verifies(bytes(), signature);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerdictText t && text().equals(t.text());
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
