package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the approvers of a change of the gate itself sign for (docs/encoding.md): the whole new policy, or the change of a key.
 *
 * <pre>
 * "homeostat policy v1\n"     | u64 version of the policy that it replaces | body of the complete new policy
 * "homeostat key change v1\n" | u64 0                                      | body of the change
 * </pre>
 */
public final class ChangePayload {
    /** Most bytes of a body: some 400 tiers. */
    public static final int MAX_BODY_BYTES = 32 << 10;

    private static final byte[] POLICY = "homeostat policy v1\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEYS = "homeostat key change v1\n".getBytes(StandardCharsets.US_ASCII);

    private ChangePayload() {}

    /** @param baseVersion of the policy that the new one replaces */
    public static byte[] policyDigest(long baseVersion, byte[] body) {
        return digest(POLICY, baseVersion, body);
    }

    public static byte[] keysDigest(byte[] body) {
        return digest(KEYS, 0, body);
    }

    private static byte[] digest(byte[] title, long base, byte[] body) {
        return MerkleTree.sha256(ByteBuffer.allocate(title.length + Long.BYTES + body.length)
                .put(title)
                .putLong(base)
                .put(body)
                .array());
    }
}
