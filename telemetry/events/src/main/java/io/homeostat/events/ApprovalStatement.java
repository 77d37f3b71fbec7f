package io.homeostat.events;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The exact text that an approver signs. It is text, so that a person can read what a key was used for:
 *
 * <pre>
 * homeostat approval v1
 * case: transfer:6f1c..
 * payload: sha256 hex of the payload
 * decision: approve
 * expires: 1795182000000000
 * reason: sha256 hex of the reason text
 * </pre>
 *
 * Every line ends with one line feed. The ledger holds the same rule in code of its own
 * ({@code io.homeostat.merkle.ApprovalText}), because neither may import the other; a test in {@code deploy} compares them.
 */
public record ApprovalStatement(
        String caseId, String payloadDigest, Decision decision, long expiresAtMicros, String reasonDigest) {
    private static final Pattern CASE_ID = Pattern.compile("[A-Za-z0-9:._-]{1,128}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    public ApprovalStatement {
        Objects.requireNonNull(decision, "decision");
        if (!CASE_ID.matcher(caseId).matches()) {
            throw new IllegalArgumentException("caseId must match " + CASE_ID + " but is '" + caseId + "'");
        }
        if (!DIGEST.matcher(payloadDigest).matches()) {
            throw new IllegalArgumentException("payloadDigest must be 64 lower-case hex digits");
        }
        if (!DIGEST.matcher(reasonDigest).matches()) {
            throw new IllegalArgumentException("reasonDigest must be 64 lower-case hex digits");
        }
        if (decision == Decision.EXPIRED) {
            throw new IllegalArgumentException("decision must be APPROVE or DENY but is EXPIRED");
        }
    }

    public byte[] bytes() {
        String text = "homeostat approval v1\n"
                + "case: " + caseId + "\n"
                + "payload: " + payloadDigest + "\n"
                + "decision: " + decision.wireName() + "\n"
                + "expires: " + expiresAtMicros + "\n"
                + "reason: " + reasonDigest + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
