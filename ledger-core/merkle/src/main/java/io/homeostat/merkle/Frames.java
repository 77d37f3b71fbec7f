package io.homeostat.merkle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Frames as they stand in journal files, in bundles and in answers of the journal route.
 *
 * <pre>
 * +----------------+--------------------------+-----------------+
 * | u32 length     | u32 CRC32C of the leaf   | leaf            |
 * +----------------+--------------------------+-----------------+
 * </pre>
 *
 * Stateless and thread-safe.
 */
public final class Frames {
    /** Bytes before the leaf. */
    public static final int HEADER_BYTES = 8;

    private Frames() {}

    /** One frame around {@code leaf}. */
    public static byte[] frame(byte[] leaf) {
        return ByteBuffer.allocate(HEADER_BYTES + leaf.length)
                .putInt(leaf.length)
                .putInt(crc(leaf, 0, leaf.length))
                .put(leaf)
                .array();
    }

    public static byte[] encode(List<byte[]> leaves) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] leaf : leaves) {
            out.writeBytes(frame(leaf));
        }
        return out.toByteArray();
    }

    /**
     * The leaves of whole frames.
     *
     * @throws IllegalArgumentException naming the offset, when a frame is cut off, too long or its CRC differs
     */
    public static List<byte[]> decode(byte[] frames, int maxLeafBytes) {
        List<byte[]> leaves = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(frames);
        while (in.hasRemaining()) {
            int offset = in.position();
            if (in.remaining() < HEADER_BYTES) {
                throw new IllegalArgumentException("byte " + offset + ": expected a frame header of 8 bytes but "
                        + in.remaining() + " bytes are left");
            }
            int length = in.getInt();
            int crc = in.getInt();
            if (length < 0 || length > maxLeafBytes || length > in.remaining()) {
                throw new IllegalArgumentException("byte " + offset + ": a frame of " + Integer.toUnsignedString(length)
                        + " bytes, but " + in.remaining() + " bytes are left and the limit is " + maxLeafBytes);
            }
            byte[] leaf = new byte[length];
            in.get(leaf);
            if (crc(leaf, 0, length) != crc) {
                throw new IllegalArgumentException("byte " + offset + ": CRC32C of the frame differs");
            }
            leaves.add(leaf);
        }
        return leaves;
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
