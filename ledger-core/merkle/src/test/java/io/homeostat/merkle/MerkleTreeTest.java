package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The well-known tree of eight leaves that Certificate Transparency code is tested with, and random trees. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MerkleTreeTest {
    private static final List<byte[]> LEAVES =
            hexes("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");
    private static final List<byte[]> ROOTS = hexes(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    @TempDir
    Path directory;

    @Test
    void the_published_roots_come_out() {
        MerkleFrontier frontier = new MerkleFrontier();
        assertThat(frontier.root()).isEqualTo(ROOTS.get(0));
        for (int size = 1; size <= LEAVES.size(); size++) {
            frontier.append(MerkleTree.leafHash(LEAVES.get(size - 1)));
            assertThat(frontier.root()).as("size %d", size).isEqualTo(ROOTS.get(size));
            assertThat(ReferenceTree.root(LEAVES.subList(0, size))).isEqualTo(ROOTS.get(size));
        }
    }

    @Test
    void the_published_inclusion_proofs_come_out() throws IOException {
        try (TreeFile.Reader tree = treeOf(LEAVES)) {
            assertThat(tree.inclusion(0, 1)).isEmpty();
            assertSame(tree.inclusion(0, 2), "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
            assertSame(tree.inclusion(1, 2), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
            assertSame(tree.inclusion(2, 3), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
            assertSame(
                    tree.inclusion(1, 5),
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
            assertSame(
                    tree.inclusion(0, 8),
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
            assertSame(
                    tree.inclusion(5, 8),
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
        }
    }

    @Test
    void the_published_consistency_proofs_come_out() throws IOException {
        try (TreeFile.Reader tree = treeOf(LEAVES)) {
            assertThat(tree.consistency(1, 1)).isEmpty();
            assertSame(
                    tree.consistency(1, 8),
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
            assertSame(
                    tree.consistency(2, 5),
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
            assertSame(
                    tree.consistency(6, 8),
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
        }
    }

    @Test
    void roots_and_proofs_equal_the_reference_for_every_size_and_place() {
        long seed = Long.getLong("seed", 20261120);
        Random random = new Random(seed);
        List<byte[]> leaves = new ArrayList<>();
        try (MerkleLog log = MerkleLog.open(directory)) {
            for (int size = 1; size <= 70; size++) {
                byte[] leaf = new byte[1 + random.nextInt(90)];
                random.nextBytes(leaf);
                leaves.add(leaf);
                log.append(leaf);
                byte[] root = ReferenceTree.root(leaves);
                assertThat(log.root()).as("seed %d size %d", seed, size).isEqualTo(root);
                assertThat(log.rootAt(size)).isEqualTo(root);
                int m = random.nextInt(size);
                assertSame(log.inclusionProof(m, size), ReferenceTree.path(m, leaves));
                for (int from = 0; from <= size; from++) {
                    List<byte[]> proof = ReferenceTree.proof(from, leaves);
                    assertSame(log.consistencyProof(from, size), proof);
                    byte[] oldRoot = ReferenceTree.root(leaves.subList(0, from));
                    assertThat(Proofs.verifyConsistency(from, size, oldRoot, root, proof))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void an_inclusion_proof_with_anything_changed_is_refused() {
        Random random = new Random(7);
        for (int size = 1; size <= 40; size++) {
            List<byte[]> leaves = randomLeaves(random, size);
            int m = random.nextInt(size);
            byte[] root = ReferenceTree.root(leaves);
            byte[] leaf = MerkleTree.leafHash(leaves.get(m));
            List<byte[]> proof = ReferenceTree.path(m, leaves);

            assertThat(Proofs.verifyInclusion(m, size, leaf, proof, root)).isTrue();
            for (int other = 0; other < size; other++) {
                assertThat(Proofs.verifyInclusion(other, size, leaf, proof, root))
                        .isEqualTo(other == m);
            }
            assertThat(Proofs.verifyInclusion(m, size, leaf, proof, flip(root))).isFalse();
            assertThat(Proofs.verifyInclusion(m, size, flip(leaf), proof, root)).isFalse();
            assertThat(Proofs.verifyInclusion(size, size, leaf, proof, root)).isFalse();
            assertThat(Proofs.verifyInclusion(-1, size, leaf, proof, root)).isFalse();
            for (List<byte[]> wrong : mutations(proof, root)) {
                assertThat(Proofs.verifyInclusion(m, size, leaf, wrong, root)).isFalse();
            }
        }
    }

    @Test
    void a_consistency_proof_with_anything_changed_is_refused() {
        Random random = new Random(8);
        for (int size = 2; size <= 40; size++) {
            List<byte[]> leaves = randomLeaves(random, size);
            int from = 1 + random.nextInt(size - 1);
            byte[] oldRoot = ReferenceTree.root(leaves.subList(0, from));
            byte[] root = ReferenceTree.root(leaves);
            List<byte[]> proof = ReferenceTree.proof(from, leaves);

            assertThat(Proofs.verifyConsistency(from, size, oldRoot, root, proof))
                    .isTrue();
            assertThat(Proofs.verifyConsistency(from, size, flip(oldRoot), root, proof))
                    .isFalse();
            assertThat(Proofs.verifyConsistency(from, size, oldRoot, flip(root), proof))
                    .isFalse();
            assertThat(Proofs.verifyConsistency(size + 1, size, oldRoot, root, proof))
                    .isFalse();
            assertThat(Proofs.verifyConsistency(0, size, oldRoot, root, proof)).isFalse();
            for (List<byte[]> wrong : mutations(proof, root)) {
                assertThat(Proofs.verifyConsistency(from, size, oldRoot, root, wrong))
                        .isFalse();
            }
        }
    }

    @Test
    void the_empty_tree_is_a_prefix_of_every_tree_and_nothing_else_is_its_root() {
        byte[] root = MerkleTree.leafHash(new byte[] {1});

        assertThat(Proofs.verifyConsistency(0, 1, MerkleTree.emptyRoot(), root, List.of()))
                .isTrue();
        assertThat(Proofs.verifyConsistency(0, 1, root, root, List.of())).isFalse();
    }

    @Test
    void a_frontier_survives_its_bytes_and_goes_on_alike() {
        MerkleFrontier frontier = new MerkleFrontier();
        for (int i = 0; i < 300; i++) {
            MerkleFrontier back = MerkleFrontier.fromBytes(frontier.toBytes());
            MerkleFrontier copy = frontier.copy();
            byte[] hash = MerkleTree.leafHash(new byte[] {(byte) i});
            frontier.append(hash);
            back.append(hash);

            assertThat(back.root()).isEqualTo(frontier.root());
            assertThat(back.size()).isEqualTo(i + 1);
            assertThat(copy.size()).isEqualTo(i);
            assertThat(back.toBytes()).isEqualTo(frontier.toBytes());
        }
    }

    @Test
    void bytes_that_are_no_frontier_are_refused() {
        MerkleFrontier frontier = new MerkleFrontier();
        frontier.append(new byte[32]);
        byte[] bytes = frontier.toBytes();

        assertThatThrownBy(() -> MerkleFrontier.fromBytes(Arrays.copyOf(bytes, bytes.length - 1)))
                .hasMessageContaining("40 bytes but this has 39");
        assertThatThrownBy(() -> MerkleFrontier.fromBytes(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MerkleFrontier.fromBytes(new byte[7])).isInstanceOf(IllegalArgumentException.class);
        bytes[0] = (byte) 0x80;
        assertThatThrownBy(() -> MerkleFrontier.fromBytes(bytes)).hasMessageContaining("negative");
    }

    private static List<List<byte[]>> mutations(List<byte[]> proof, byte[] root) {
        List<List<byte[]>> wrong = new ArrayList<>();
        for (int i = 0; i < proof.size(); i++) {
            List<byte[]> flipped = new ArrayList<>(proof);
            flipped.set(i, flip(proof.get(i)));
            wrong.add(flipped);
            List<byte[]> dropped = new ArrayList<>(proof);
            dropped.remove(i);
            wrong.add(dropped);
            List<byte[]> shorter = new ArrayList<>(proof);
            shorter.set(i, Arrays.copyOf(proof.get(i), 31));
            wrong.add(shorter);
        }
        List<byte[]> longer = new ArrayList<>(proof);
        longer.add(root);
        wrong.add(longer);
        List<byte[]> before = new ArrayList<>(proof);
        before.add(0, root);
        wrong.add(before);
        return wrong;
    }

    /** The nodes as a log writes them, of leaves that a log does not take: the published tree begins with an empty one. */
    private TreeFile.Reader treeOf(List<byte[]> leaves) throws IOException {
        try (TreeFile tree = new TreeFile(directory.resolve(TreeFile.NAME), 1024)) {
            MerkleFrontier frontier = new MerkleFrontier();
            for (byte[] leaf : leaves) {
                frontier.append(MerkleTree.leafHash(leaf), tree::append);
            }
            tree.flush();
            return tree.reader();
        }
    }

    private static List<byte[]> randomLeaves(Random random, int size) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            byte[] leaf = new byte[8];
            random.nextBytes(leaf);
            leaves.add(leaf);
        }
        return leaves;
    }

    private static byte[] flip(byte[] hash) {
        byte[] flipped = hash.clone();
        flipped[5] ^= 4;
        return flipped;
    }

    private static void assertSame(List<byte[]> proof, String... expected) {
        assertSame(proof, hexes(expected));
    }

    private static void assertSame(List<byte[]> proof, List<byte[]> expected) {
        assertThat(proof.stream().map(Digests::hex))
                .containsExactlyElementsOf(expected.stream().map(Digests::hex).toList());
    }

    private static List<byte[]> hexes(String... hexes) {
        return Arrays.stream(hexes).map(h -> HexFormat.of().parseHex(h)).toList();
    }
}
