package io.homeostat.ledger.attest;

import io.homeostat.merkle.MerkleTree;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * A hash over everything that was ever decided about transfer ids but stands in no leaf: rejections, and the fingerprints
 * of requests. Folded once per batch: {@code fold = SHA-256(fold || entries of the batch)}. Not thread-safe.
 */
public final class RunningFold {
    private static final int ENTRY_BYTES = 2 * Long.BYTES + 2;

    private final MessageDigest sha256 = MerkleTree.newSha256();
    private final ByteBuffer buffer = ByteBuffer.allocate(1024 * ENTRY_BYTES);
    private byte[] fold = new byte[MerkleTree.HASH_BYTES];
    private boolean begun;

    public void add(long idLow, long fingerprint, int status, int reason) {
        if (!begun) {
            sha256.update(fold);
            begun = true;
        }
        if (buffer.remaining() < ENTRY_BYTES) {
            drain();
        }
        buffer.putLong(idLow).putLong(fingerprint).put((byte) status).put((byte) reason);
    }

    /** Ends the batch; one without entries changes nothing. Every replica seals after the same batches. */
    public void seal() {
        if (begun) {
            drain();
            fold = sha256.digest();
            begun = false;
        }
    }

    /** The fold up to the last {@link #seal}. */
    public byte[] value() {
        return fold.clone();
    }

    /** Puts the fold of a snapshot back. */
    public void restore(byte[] sealed) {
        fold = sealed.clone();
    }

    private void drain() {
        sha256.update(buffer.array(), 0, buffer.position());
        buffer.clear();
    }
}
