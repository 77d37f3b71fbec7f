package io.homeostat.approvals.desk;

/**
 * Body of {@code POST /api/cases/ID/decisions}: what the approver's browser or command line signed.
 *
 * @param decision {@code approve} or {@code deny}
 * @param reason the text itself; the signature is over its digest
 * @param signature base64 of what the key gives over the approval text: 64 bytes, or a WebAuthn assertion
 */
public record SignedDecision(
        String keyId, String decision, String reason, String payloadDigest, long expiresAtMicros, String signature) {}
