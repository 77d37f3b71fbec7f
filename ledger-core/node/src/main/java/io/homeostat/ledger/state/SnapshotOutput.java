package io.homeostat.ledger.state;

import io.homeostat.merkle.MerkleTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/**
 * Writes a snapshot in frames, so that a damaged byte is found before anything of its frame is believed.
 *
 * <pre>
 * u64 magic | frames: u32 length (1..65536) | u32 CRC32C | bytes | ... | u32 0 | SHA-256 of all frames' bytes
 * </pre>
 *
 * Not thread-safe. The stream below stays open.
 */
final class SnapshotOutput extends OutputStream {
    static final long MAGIC = 0x484d5354_534e4150L;
    static final int FRAME_BYTES = 64 << 10;

    private final OutputStream out;
    private final MessageDigest sha256 = MerkleTree.newSha256();
    private final byte[] frame = new byte[FRAME_BYTES];
    private int used;

    SnapshotOutput(OutputStream out) throws IOException {
        this.out = out;
        out.write(ByteBuffer.allocate(Long.BYTES).putLong(MAGIC).array());
    }

    @Override
    public void write(int b) throws IOException {
        if (used == FRAME_BYTES) {
            drain();
        }
        frame[used++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (used == FRAME_BYTES) {
                drain();
            }
            int part = Math.min(left, FRAME_BYTES - used);
            System.arraycopy(bytes, from, frame, used, part);
            used += part;
            from += part;
            left -= part;
        }
    }

    /** Ends the snapshot. Without this call it can not be read, so a write that failed half-way is never taken for whole. */
    void finish() throws IOException {
        drain();
        out.write(new byte[Integer.BYTES]);
        out.write(sha256.digest());
        out.flush();
    }

    private void drain() throws IOException {
        if (used == 0) {
            return;
        }
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, used);
        sha256.update(frame, 0, used);
        out.write(ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(used)
                .putInt((int) crc.getValue())
                .array());
        out.write(frame, 0, used);
        used = 0;
    }
}
