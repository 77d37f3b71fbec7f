package io.homeostat.ledger.state;

import io.homeostat.merkle.MerkleTree;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Reads what {@link SnapshotOutput} wrote, and gives out a frame's bytes only once its checksum was found right. */
final class SnapshotInput extends InputStream {
    private final InputStream in;
    private final MessageDigest sha256 = MerkleTree.newSha256();
    private byte[] frame = new byte[0];
    private int at;
    private long frames;
    private boolean ended;

    SnapshotInput(InputStream in) throws IOException {
        this.in = in;
        if (ByteBuffer.wrap(raw(Long.BYTES)).getLong() != SnapshotOutput.MAGIC) {
            throw new SnapshotDamaged("expected a snapshot of the ledger but the first 8 bytes say otherwise");
        }
    }

    @Override
    public int read() throws IOException {
        return ready() ? frame[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!ready()) {
            return -1;
        }
        int part = Math.min(length, frame.length - at);
        System.arraycopy(frame, at, bytes, offset, part);
        at += part;
        return part;
    }

    /** Everything was read, and the digest over all of it is right. */
    void requireEnd() throws IOException {
        if (ready()) {
            throw new SnapshotDamaged("the snapshot goes on behind its last section");
        }
        if (in.read() != -1) {
            throw new SnapshotDamaged("the snapshot's file goes on behind its end");
        }
    }

    private boolean ready() throws IOException {
        if (at < frame.length) {
            return true;
        }
        if (ended) {
            return false;
        }
        int length = ByteBuffer.wrap(raw(Integer.BYTES)).getInt();
        if (length == 0) {
            ended = true;
            if (!Arrays.equals(raw(MerkleTree.HASH_BYTES), sha256.digest())) {
                throw new SnapshotDamaged("the snapshot's SHA-256 differs: a frame was lost, repeated or exchanged");
            }
            return false;
        }
        if (length < 0 || length > SnapshotOutput.FRAME_BYTES) {
            throw new SnapshotDamaged("frame " + frames + " of the snapshot states " + length + " bytes, the limit is "
                    + SnapshotOutput.FRAME_BYTES);
        }
        int expected = ByteBuffer.wrap(raw(Integer.BYTES)).getInt();
        byte[] next = raw(length);
        CRC32C crc = new CRC32C();
        crc.update(next);
        if ((int) crc.getValue() != expected) {
            throw new SnapshotDamaged("frame " + frames + " of the snapshot has another CRC32C than it states");
        }
        sha256.update(next);
        frame = next;
        at = 0;
        frames++;
        return true;
    }

    private byte[] raw(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new SnapshotDamaged(
                    "the snapshot ends within frame " + frames, new EOFException("expected " + length + " bytes"));
        }
        return bytes;
    }
}
