package io.homeostat.merkle;

import java.util.Arrays;
import java.util.List;

/**
 * Checks of inclusion and consistency proofs: RFC 9162, sections 2.1.3.2 and 2.1.4.2, the same trees as RFC 6962.
 * A malformed proof is simply not a proof: the answer is {@code false}. Thread-safe.
 */
public final class Proofs {
    private Proofs() {}

    /** True when the leaf with this hash stands at {@code sequence} in the tree of {@code size} leaves and this root. */
    public static boolean verifyInclusion(long sequence, long size, byte[] leafHash, List<byte[]> proof, byte[] root) {
        if (sequence < 0 || sequence >= size || !allHashes(proof) || leafHash.length != MerkleTree.HASH_BYTES) {
            return false;
        }
        long fn = sequence;
        long sn = size - 1;
        byte[] hash = leafHash;
        for (byte[] p : proof) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = MerkleTree.nodeHash(p, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                hash = MerkleTree.nodeHash(hash, p);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && Arrays.equals(hash, root);
    }

    /**
     * True when the tree of {@code from} leaves is a prefix of the tree of {@code to} leaves. The empty tree is a prefix of
     * every tree: from 0 the proof is empty.
     */
    public static boolean verifyConsistency(long from, long to, byte[] fromRoot, byte[] toRoot, List<byte[]> proof) {
        if (from < 0 || from > to || !allHashes(proof)) {
            return false;
        }
        if (from == to) {
            return proof.isEmpty() && Arrays.equals(fromRoot, toRoot);
        }
        if (from == 0) {
            return proof.isEmpty() && Arrays.equals(fromRoot, MerkleTree.emptyRoot());
        }
        if (proof.isEmpty()) {
            return false;
        }
        long fn = from - 1;
        long sn = to - 1;
        while ((fn & 1) == 1) {
            fn >>>= 1;
            sn >>>= 1;
        }
        // A perfect old tree is itself a node of the new one, so the proof does not repeat its root.
        boolean perfect = Long.bitCount(from) == 1;
        byte[] oldRoot = perfect ? fromRoot : proof.get(0);
        byte[] newRoot = oldRoot;
        for (byte[] p : perfect ? proof : proof.subList(1, proof.size())) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                oldRoot = MerkleTree.nodeHash(p, oldRoot);
                newRoot = MerkleTree.nodeHash(p, newRoot);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                newRoot = MerkleTree.nodeHash(newRoot, p);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && Arrays.equals(oldRoot, fromRoot) && Arrays.equals(newRoot, toRoot);
    }

    private static boolean allHashes(List<byte[]> proof) {
        // 63 levels is the height of the largest tree; a longer proof only costs time.
        return proof.size() <= 64 && proof.stream().allMatch(p -> p.length == MerkleTree.HASH_BYTES);
    }
}
