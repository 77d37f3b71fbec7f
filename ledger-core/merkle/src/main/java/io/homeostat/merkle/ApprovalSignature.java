package io.homeostat.merkle;

/** Bounds of what stands in the signature field of an approval or a verdict, whatever the algorithm. */
public final class ApprovalSignature {
    /** 64 bytes of Ed25519 or ES256; a WebAuthn assertion has some 300, and no more than this. */
    public static final int MAX_BYTES = WebAuthn.MAX_ASSERTION_BYTES;

    /** The smallest: r and s of either curve. */
    public static final int MIN_BYTES = 64;

    private ApprovalSignature() {}
}
