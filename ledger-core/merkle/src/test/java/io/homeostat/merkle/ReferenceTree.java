package io.homeostat.merkle;

import java.util.ArrayList;
import java.util.List;

/** RFC 6962, section 2.1, written down as it stands there: slow, recursive, and sharing nothing with the real code but SHA-256. */
final class ReferenceTree {
    private ReferenceTree() {}

    static byte[] root(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return MerkleTree.newSha256().digest();
        }
        if (leaves.size() == 1) {
            return hash(new byte[] {0}, leaves.get(0));
        }
        int k = split(leaves.size());
        return hash(new byte[] {1}, root(leaves.subList(0, k)), root(leaves.subList(k, leaves.size())));
    }

    static List<byte[]> path(int m, List<byte[]> leaves) {
        if (leaves.size() == 1) {
            return new ArrayList<>();
        }
        int k = split(leaves.size());
        List<byte[]> path;
        if (m < k) {
            path = path(m, leaves.subList(0, k));
            path.add(root(leaves.subList(k, leaves.size())));
        } else {
            path = path(m - k, leaves.subList(k, leaves.size()));
            path.add(root(leaves.subList(0, k)));
        }
        return path;
    }

    static List<byte[]> proof(int m, List<byte[]> leaves) {
        return m == 0 || m == leaves.size() ? new ArrayList<>() : subproof(m, leaves, true);
    }

    private static List<byte[]> subproof(int m, List<byte[]> leaves, boolean complete) {
        if (m == leaves.size()) {
            List<byte[]> proof = new ArrayList<>();
            if (!complete) {
                proof.add(root(leaves));
            }
            return proof;
        }
        int k = split(leaves.size());
        List<byte[]> proof;
        if (m <= k) {
            proof = subproof(m, leaves.subList(0, k), complete);
            proof.add(root(leaves.subList(k, leaves.size())));
        } else {
            proof = subproof(m - k, leaves.subList(k, leaves.size()), false);
            proof.add(root(leaves.subList(0, k)));
        }
        return proof;
    }

    private static int split(int n) {
        int k = 1;
        while (k * 2 < n) {
            k *= 2;
        }
        return k;
    }

    private static byte[] hash(byte[]... parts) {
        var sha256 = MerkleTree.newSha256();
        for (byte[] part : parts) {
            sha256.update(part);
        }
        return sha256.digest();
    }
}
