package io.homeostat.merkle;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hashes of a Merkle tree: RFC 6962, section 2.1, with SHA-256.
 *
 * <pre>
 * leaf hash = SHA-256(0x00 || leaf)      node = SHA-256(0x01 || left || right)      empty tree = SHA-256()
 * </pre>
 *
 * Thread-safe: each thread has its own digest, because making one costs more than a short hash.
 */
public final class MerkleTree {
    /** Bytes of every hash. */
    public static final int HASH_BYTES = 32;

    private static final byte LEAF_PREFIX = 0x00;
    private static final byte NODE_PREFIX = 0x01;
    /** Holds the leaf of a transfer, which nearly all are. */
    private static final int SHORT_LEAF_BYTES = 127;

    private static final ThreadLocal<Hasher> HASHERS = ThreadLocal.withInitial(Hasher::new);

    private MerkleTree() {}

    public static byte[] leafHash(byte[] leaf) {
        byte[] hash = new byte[HASH_BYTES];
        HASHERS.get().leaf(leaf, 0, leaf.length, hash, 0);
        return hash;
    }

    public static byte[] nodeHash(byte[] left, byte[] right) {
        byte[] hash = new byte[HASH_BYTES];
        HASHERS.get().node(left, 0, right, 0, hash, 0);
        return hash;
    }

    public static byte[] emptyRoot() {
        return sha256(new byte[0]);
    }

    /** Plain SHA-256, as payloads and reasons are digested. */
    public static byte[] sha256(byte[] bytes) {
        return HASHERS.get().sha256(bytes);
    }

    /** Hashes of one thread, into caller's arrays: the fast form for a writer that appends millions of leaves. */
    static final class Hasher {
        private final MessageDigest sha256;
        private final byte[] node = new byte[1 + 2 * HASH_BYTES];
        /** A short leaf behind its prefix: one update costs less than two. */
        private final byte[] shortLeaf = new byte[1 + SHORT_LEAF_BYTES];

        Hasher() {
            sha256 = newSha256();
            node[0] = NODE_PREFIX;
            shortLeaf[0] = LEAF_PREFIX;
        }

        void leaf(byte[] leaf, int offset, int length, byte[] out, int outOffset) {
            if (length <= SHORT_LEAF_BYTES) {
                System.arraycopy(leaf, offset, shortLeaf, 1, length);
                sha256.update(shortLeaf, 0, 1 + length);
            } else {
                sha256.update(LEAF_PREFIX);
                sha256.update(leaf, offset, length);
            }
            finish(out, outOffset);
        }

        /** {@code out} may be one of the inputs. */
        void node(byte[] left, int leftOffset, byte[] right, int rightOffset, byte[] out, int outOffset) {
            System.arraycopy(left, leftOffset, node, 1, HASH_BYTES);
            System.arraycopy(right, rightOffset, node, 1 + HASH_BYTES, HASH_BYTES);
            sha256.update(node, 0, node.length);
            finish(out, outOffset);
        }

        byte[] sha256(byte[] bytes) {
            return sha256.digest(bytes);
        }

        private void finish(byte[] out, int offset) {
            try {
                int written = sha256.digest(out, offset, HASH_BYTES);
                if (written != HASH_BYTES) {
                    throw new IllegalStateException("SHA-256 wrote " + written + " bytes, expected " + HASH_BYTES);
                }
            } catch (DigestException e) {
                throw new IllegalStateException("SHA-256 needs " + HASH_BYTES + " bytes of room", e);
            }
        }
    }

    /** A fresh SHA-256 for streams. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
