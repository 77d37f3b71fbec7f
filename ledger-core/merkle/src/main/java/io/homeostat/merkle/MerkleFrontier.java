package io.homeostat.merkle;

import static io.homeostat.merkle.MerkleTree.HASH_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * The right edge of an append-only tree: the roots of its perfect subtrees ("peaks", one for each bit of the size).
 * It is all that is needed to append further leaves and to tell the root, so it travels in snapshots.
 *
 * <pre>
 * toBytes: u64 size | 32 bytes for each set bit of size, highest bit first
 * </pre>
 *
 * Not thread-safe. Appending costs one node hash on average.
 */
public final class MerkleFrontier {
    private static final int LEVELS = 63;

    private final MerkleTree.Hasher hasher = new MerkleTree.Hasher();
    /** The peak of level L lies at L * 32; it means something only while bit L of the size is set. */
    private final byte[] peaks = new byte[LEVELS * HASH_BYTES];

    private final byte[] carry = new byte[HASH_BYTES];
    private long size;

    /** Told of every node that an append completes, the leaf itself first, then its ancestors upwards. */
    @FunctionalInterface
    interface NodeSink {
        void node(byte[] source, int offset) throws IOException;
    }

    public void append(byte[] leafHash) {
        requireHash(leafHash, "leafHash");
        try {
            append(leafHash, (source, offset) -> {});
        } catch (IOException e) {
            throw new IllegalStateException("nothing is written", e);
        }
    }

    /** @throws IOException of the sink: the frontier is half changed then and is of no use any more */
    void append(byte[] leafHash, NodeSink completed) throws IOException {
        System.arraycopy(leafHash, 0, carry, 0, HASH_BYTES);
        completed.node(carry, 0);
        int level = 0;
        while ((size >>> level & 1) == 1) {
            hasher.node(peaks, level * HASH_BYTES, carry, 0, carry, 0);
            completed.node(carry, 0);
            level++;
        }
        System.arraycopy(carry, 0, peaks, level * HASH_BYTES, HASH_BYTES);
        size++;
    }

    public long size() {
        return size;
    }

    public byte[] root() {
        if (size == 0) {
            return MerkleTree.emptyRoot();
        }
        int level = Long.numberOfTrailingZeros(size);
        byte[] root = Arrays.copyOfRange(peaks, level * HASH_BYTES, (level + 1) * HASH_BYTES);
        for (level++; level < LEVELS; level++) {
            if ((size >>> level & 1) == 1) {
                hasher.node(peaks, level * HASH_BYTES, root, 0, root, 0);
            }
        }
        return root;
    }

    public MerkleFrontier copy() {
        MerkleFrontier copy = new MerkleFrontier();
        copy.size = size;
        System.arraycopy(peaks, 0, copy.peaks, 0, peaks.length);
        return copy;
    }

    public byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES + Long.bitCount(size) * HASH_BYTES);
        out.putLong(size);
        for (int level = LEVELS - 1; level >= 0; level--) {
            if ((size >>> level & 1) == 1) {
                out.put(peaks, level * HASH_BYTES, HASH_BYTES);
            }
        }
        return out.array();
    }

    public static MerkleFrontier fromBytes(byte[] bytes) {
        if (bytes.length < Long.BYTES) {
            throw new IllegalArgumentException("a frontier has at least 8 bytes but this has " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long size = in.getLong();
        if (size < 0) {
            throw new IllegalArgumentException("a frontier's size must not be negative but is " + size);
        }
        int expected = Long.BYTES + Long.bitCount(size) * HASH_BYTES;
        if (bytes.length != expected) {
            throw new IllegalArgumentException(
                    "a frontier of " + size + " leaves has " + expected + " bytes but this has " + bytes.length);
        }
        MerkleFrontier frontier = new MerkleFrontier();
        frontier.size = size;
        for (int level = LEVELS - 1; level >= 0; level--) {
            if ((size >>> level & 1) == 1) {
                in.get(frontier.peaks, level * HASH_BYTES, HASH_BYTES);
            }
        }
        return frontier;
    }

    static byte[] requireHash(byte[] hash, String name) {
        Objects.requireNonNull(hash, name);
        if (hash.length != HASH_BYTES) {
            throw new IllegalArgumentException(name + " must have 32 bytes but has " + hash.length);
        }
        return hash;
    }
}
