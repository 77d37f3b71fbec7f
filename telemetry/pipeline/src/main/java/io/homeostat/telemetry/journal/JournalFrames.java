package io.homeostat.telemetry.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Cuts a page of the journal into leaves: {@code u32 length | u32 CRC32C | leaf}, as docs/encoding.md draws it. */
final class JournalFrames {
    private static final int HEADER_BYTES = 8;

    private JournalFrames() {}

    /** @throws IllegalArgumentException naming the offset when a frame is cut short or its checksum differs */
    static List<byte[]> leaves(byte[] page) {
        List<byte[]> leaves = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(page);
        while (in.hasRemaining()) {
            int offset = in.position();
            if (in.remaining() < HEADER_BYTES) {
                throw new IllegalArgumentException("journal page ends inside a frame's header at offset " + offset);
            }
            int length = in.getInt();
            int expected = in.getInt();
            if (length < 1 || length > in.remaining()) {
                throw new IllegalArgumentException("journal frame at offset " + offset + " has length " + length
                        + " but " + in.remaining() + " bytes are left");
            }
            byte[] leaf = new byte[length];
            in.get(leaf);
            CRC32C crc = new CRC32C();
            crc.update(leaf);
            if ((int) crc.getValue() != expected) {
                throw new IllegalArgumentException("journal frame at offset " + offset + " has another checksum");
            }
            leaves.add(leaf);
        }
        return leaves;
    }
}
