package io.homeostat.ledger.state;

import io.homeostat.merkle.MerkleFrontier;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * What a snapshot says of itself, read without building the state that it holds.
 *
 * @param genesisDigest SHA-256 of the genesis that it belongs to
 * @param raftIndex newest Raft index at which it changed; Ratis may have applied entries of its own since
 * @param timeMicros ledger time
 * @param edge right edge of the journal that belongs to it
 */
public record SnapshotSummary(byte[] genesisDigest, long raftIndex, long timeMicros, MerkleFrontier edge) {
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_EDGE_BYTES = Long.BYTES + 64 * DIGEST_BYTES;

    /** @throws SnapshotDamaged when it does not begin as a snapshot of this version does */
    public static SnapshotSummary read(InputStream source) throws IOException {
        return read(new DataInputStream(new SnapshotInput(source)));
    }

    /**
     * Reads to the end, so that every frame's checksum and the digest over all of them are compared.
     *
     * @return the state digest, the last section
     * @throws SnapshotDamaged when it is not what was written
     */
    public static byte[] stateDigest(InputStream source) throws IOException {
        SnapshotInput frames = new SnapshotInput(source);
        byte[] last = new byte[0];
        byte[] part = new byte[SnapshotOutput.FRAME_BYTES];
        for (int n = frames.read(part, 0, part.length); n >= 0; n = frames.read(part, 0, part.length)) {
            byte[] both = Arrays.copyOf(last, last.length + n);
            System.arraycopy(part, 0, both, last.length, n);
            last = Arrays.copyOfRange(both, Math.max(0, both.length - DIGEST_BYTES), both.length);
        }
        frames.requireEnd();
        if (last.length < DIGEST_BYTES) {
            throw new SnapshotDamaged("the snapshot is too short for a state digest");
        }
        return last;
    }

    private static SnapshotSummary read(DataInputStream in) throws IOException {
        try {
            int version = in.readUnsignedShort();
            if (version != LedgerSnapshot.VERSION) {
                throw new SnapshotDamaged(
                        "this ledger reads snapshots of version " + LedgerSnapshot.VERSION + " but found " + version);
            }
            byte[] genesis = in.readNBytes(DIGEST_BYTES);
            in.readBoolean();
            long raftIndex = in.readLong();
            long timeMicros = in.readLong();
            in.readLong();
            int length = in.readUnsignedShort();
            if (length > MAX_EDGE_BYTES) {
                throw new SnapshotDamaged("the journal's edge states " + length + " bytes");
            }
            return new SnapshotSummary(genesis, raftIndex, timeMicros, MerkleFrontier.fromBytes(in.readNBytes(length)));
        } catch (EOFException | IllegalArgumentException e) {
            throw new SnapshotDamaged("the snapshot's head is damaged: " + e.getMessage(), e);
        }
    }
}
