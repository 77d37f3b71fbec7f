package io.homeostat.ledger.check;

import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal folder without taking its lock and without changing it, also while its node writes: up to the last whole
 * frame there is. Checks each frame's checksum, each leaf's hash against the tree file, and the root against the head.
 */
final class FolderJournal {
    private static final int MAX_LEAF_BYTES = 1 << 20;
    private static final int BUFFER = 1 << 18;
    private final Path folder;
    private final Differences differences;
    private final Progress progress;
    private final MerkleFrontier frontier = new MerkleFrontier();

    private record Head(long size, byte[] root) {}

    FolderJournal(Path folder, Differences differences, Progress progress) {
        this.folder = folder;
        this.differences = differences;
        this.progress = progress;
    }

    /** Gives each leaf in order, the tree's right edge beside it already counting it. */
    void read(Consumer<byte[]> leaves) throws IOException {
        Head head = head();
        long expected = head == null ? 0 : head.size;
        List<Path> segments;
        try (Stream<Path> files = Files.list(folder)) {
            segments = files.filter(file -> file.getFileName().toString().endsWith(".leaves"))
                    .sorted()
                    .toList();
        }
        Path tree = folder.resolve("tree.nodes");
        try (InputStream nodes =
                Files.exists(tree) ? new BufferedInputStream(Files.newInputStream(tree), BUFFER) : null) {
            for (Path segment : segments) {
                String name = segment.getFileName().toString();
                differences.same(
                        Recount.JOURNAL,
                        "first leaf of " + name,
                        frontier.size(),
                        frontier.size(),
                        Long.parseLong(name.substring(0, name.indexOf('.'))));
                readSegment(segment, nodes, expected, leaves, head);
            }
        }
        if (head != null && frontier.size() < head.size) {
            differences.add(
                    Recount.JOURNAL,
                    "leaves",
                    frontier.size(),
                    head.size + " were synced",
                    frontier.size() + " whole ones");
        }
    }

    MerkleFrontier frontier() {
        return frontier;
    }

    private void readSegment(
            Path segment, @Nullable InputStream nodes, long expected, Consumer<byte[]> leaves, @Nullable Head head)
            throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(segment), BUFFER))) {
            while (true) {
                int length;
                byte[] leaf;
                int crc;
                try {
                    length = in.readInt();
                    // Behind the data of a preallocated file stand zeros.
                    if (length == 0) {
                        return;
                    }
                    if (length < 0 || length > MAX_LEAF_BYTES) {
                        differences.add(
                                Recount.JOURNAL, "leaf", frontier.size(), "1.." + MAX_LEAF_BYTES + " bytes", length);
                        return;
                    }
                    crc = in.readInt();
                    leaf = new byte[length];
                    in.readFully(leaf);
                } catch (EOFException e) {
                    return;
                }
                long sequence = frontier.size();
                if (crc(leaf) != crc) {
                    if (sequence >= expected) {
                        // Written at this moment, or torn by a crash: nobody vouched for it yet.
                        return;
                    }
                    differences.add(Recount.JOURNAL, "leaf", sequence, "its CRC32C", "another one");
                }
                byte[] hash = MerkleTree.leafHash(leaf);
                compareWithTree(nodes, sequence, hash, expected);
                frontier.append(hash);
                leaves.accept(leaf);
                if (head != null && frontier.size() == head.size) {
                    differences.same(
                            "tree",
                            "root of the synced head",
                            sequence,
                            io.homeostat.merkle.Digests.hex(head.root),
                            io.homeostat.merkle.Digests.hex(frontier.root()));
                }
                if (sequence % 1024 == 0) {
                    progress.at("leaves", sequence, expected);
                }
            }
        }
    }

    /** The tree file holds a leaf's hash and then the nodes that the leaf closed. */
    private void compareWithTree(@Nullable InputStream nodes, long sequence, byte[] hash, long expected)
            throws IOException {
        if (nodes == null || sequence >= expected) {
            return;
        }
        byte[] stored = nodes.readNBytes(MerkleTree.HASH_BYTES);
        nodes.skipNBytes((long) Long.numberOfTrailingZeros(sequence + 1) * MerkleTree.HASH_BYTES);
        if (!Arrays.equals(stored, hash)) {
            differences.add(
                    "tree",
                    "hash of the leaf",
                    sequence,
                    io.homeostat.merkle.Digests.hex(stored),
                    io.homeostat.merkle.Digests.hex(hash));
        } else {
            differences.same("tree", "hash of the leaf", sequence, true, true);
        }
    }

    private @Nullable Head head() throws IOException {
        Path file = folder.resolve("head");
        if (!Files.exists(file)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length != Long.BYTES + MerkleTree.HASH_BYTES + Integer.BYTES) {
            differences.add("tree", "head", -1, "44 bytes", bytes.length);
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long size = in.getLong();
        byte[] root = new byte[MerkleTree.HASH_BYTES];
        in.get(root);
        return new Head(size, root);
    }

    private static int crc(byte[] leaf) {
        CRC32C crc = new CRC32C();
        crc.update(leaf);
        return (int) crc.getValue();
    }
}
