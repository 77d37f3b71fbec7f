package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MerkleLogTest {
    /** Segments of a few leaves and a buffer of a few frames, so that every border is met often. */
    private static final MerkleLogLimits SMALL = new MerkleLogLimits(200, 100, 64, 50, 10_000);

    private static final String FIRST_SEGMENT = "00000000000000000000.leaves";

    @TempDir(factory = MemoryFolder.class)
    Path directory;

    @Test
    void a_reopened_log_has_the_same_leaves_root_and_proofs() {
        for (int size = 0; size <= 60; size += 3) {
            try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
                assertThat(log.size()).isEqualTo(Math.max(0, size - 3));
                while (log.size() < size) {
                    assertThat(log.append(leaf(log.size()))).isEqualTo(log.size() - 1);
                }
                assertHolds(log, size);
            }
        }
    }

    @Test
    void appended_leaves_are_readable_at_once() {
        try (MerkleLog log = MerkleLog.open(directory)) {
            for (int i = 0; i < 10; i++) {
                log.append(leaf(i));
                assertThat(log.read(i, 5)).containsExactly(leaf(i));
                assertThat(log.leafHash(i)).isEqualTo(MerkleTree.leafHash(leaf(i)));
            }
        }
    }

    @Test
    void a_read_ends_at_its_limits() {
        MerkleLogLimits limits = new MerkleLogLimits(1000, 100, 64, 7, 60);
        try (MerkleLog log = MerkleLog.open(directory, limits)) {
            for (int i = 0; i < 20; i++) {
                log.append(new byte[1]);
            }
            log.append(new byte[40]);
            log.append(new byte[40]);
            log.append(new byte[40]);

            assertThat(log.read(0, 100)).hasSize(7);
            assertThat(log.read(0, 3)).hasSize(3);
            assertThat(log.read(20, 100)).as("two frames of 48 bytes reach 60").hasSize(2);
            assertThat(log.read(23, 100)).isEmpty();
            assertThat(log.read(1000, 100)).isEmpty();
            assertThat(log.read(0, 0)).isEmpty();
            assertThat(Frames.decode(log.readFrames(19, 2), 100)).containsExactly(new byte[1], new byte[40]);
            assertThatThrownBy(() -> log.read(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_leaf_of_the_limit_is_taken_and_one_byte_more_is_refused() {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            log.append(new byte[100]);

            assertThatThrownBy(() -> log.append(new byte[101])).hasMessageContaining("at most 100 bytes");
            assertThatThrownBy(() -> log.append(new byte[0]))
                    .as("a frame of zeros is unused room")
                    .hasMessageContaining("1 to at most 100 bytes");
            assertThat(log.read(0, 10)).containsExactly(new byte[100]);
        }
    }

    @Test
    void truncation_to_any_size_gives_the_tree_of_that_size() {
        for (int cut = 0; cut <= 24; cut++) {
            try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
                while (log.size() < 24) {
                    log.append(leaf(log.size()));
                }
                log.truncate(cut);
                assertHolds(log, cut);
                log.append(leaf(cut));
                assertHolds(log, cut + 1);
            }
            try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
                assertHolds(log, cut + 1);
                assertThat(log.recovery().rehashedLeaves()).isZero();
            }
        }
    }

    @Test
    void truncation_to_more_than_there_is_is_refused() {
        try (MerkleLog log = MerkleLog.open(directory)) {
            log.append(leaf(0));

            assertThatThrownBy(() -> log.truncate(2)).hasMessageContaining("0..1");
            assertThatThrownBy(() -> log.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_tail_torn_at_any_byte_behind_the_last_sync_is_cut() throws IOException {
        Path segment = directory.resolve(FIRST_SEGMENT);
        for (int torn = 1; torn <= 2 * frameBytes(); torn++) {
            int size;
            try (MerkleLog log = MerkleLog.open(directory)) {
                log.truncate(0);
                fill(log, 0, 5);
                log.sync();
            }
            byte[] head = Files.readAllBytes(directory.resolve("head"));
            try (MerkleLog log = MerkleLog.open(directory)) {
                fill(log, 5, 8);
            }
            // As after a power cut: the head is the one of the last sync, and the file lost its end.
            Files.write(directory.resolve("head"), head);
            byte[] bytes = Files.readAllBytes(segment);
            byte[] left = java.util.Arrays.copyOf(bytes, bytes.length - torn);
            // Every second time the lost end is room of zeros, as in a file that was preallocated.
            Files.write(segment, torn % 2 == 0 ? java.util.Arrays.copyOf(left, left.length + 100_000) : left);
            size = 8 - (torn + frameBytes() - 1) / frameBytes();

            try (MerkleLog log = MerkleLog.open(directory)) {
                assertHolds(log, size);
                assertThat(log.recovery().cutBytes()).isEqualTo(Math.max(0, dataEnd(left) - size * frameBytes()));
                fill(log, size, 8);
                assertHolds(log, 8);
            }
        }
    }

    @Test
    void a_tail_lost_in_front_of_the_last_sync_is_damage() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
        }
        Path segment = directory.resolve(FIRST_SEGMENT);
        byte[] bytes = Files.readAllBytes(segment);

        Files.write(segment, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertDamagedAt(4, 4L * frameBytes());

        Files.write(segment, java.util.Arrays.copyOf(bytes, 4 * frameBytes()));
        assertDamagedAt(4, 4L * frameBytes());

        Files.delete(segment);
        assertDamagedAt(0, 0);
    }

    @Test
    void a_byte_flipped_anywhere_in_a_synced_leaf_is_found_and_named() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
        }
        Path segment = directory.resolve(FIRST_SEGMENT);
        byte[] bytes = Files.readAllBytes(segment);
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 0x10;
            Files.write(segment, flipped);
            assertDamagedAt(i / frameBytes(), (long) i / frameBytes() * frameBytes());
        }
        Files.write(segment, bytes);
        try (MerkleLog log = MerkleLog.open(directory)) {
            assertHolds(log, 5);
        }
    }

    @Test
    void a_byte_flipped_while_the_log_is_open_is_found_by_the_read() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
            log.sync();
            Path segment = directory.resolve(FIRST_SEGMENT);
            byte[] bytes = Files.readAllBytes(segment);
            bytes[3 * frameBytes() + 9] ^= 1;
            Files.write(segment, bytes);

            assertThat(log.read(0, 3)).hasSize(3);
            JournalDamaged damage = catchThrowableOfType(JournalDamaged.class, () -> log.read(0, 5));
            assertThat(damage.sequence()).isEqualTo(3);
            assertThat(damage.file()).isEqualTo(FIRST_SEGMENT);
            assertThat(damage.offset()).isEqualTo(3L * frameBytes());
        }
    }

    @Test
    void room_is_taken_ahead_and_given_back_at_the_close() throws IOException {
        Path segment = directory.resolve(FIRST_SEGMENT);
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
            log.sync();
            assertThat(Files.size(segment)).isEqualTo(5L * frameBytes() + GrowingFile.STEP_BYTES);
            assertThat(Files.size(directory.resolve(TreeFile.NAME))).isGreaterThan(GrowingFile.STEP_BYTES);
            fill(log, 5, 8);
            log.sync();
            assertThat(Files.size(segment))
                    .as("the data fits the room")
                    .isEqualTo(5L * frameBytes() + GrowingFile.STEP_BYTES);
        }
        assertThat(Files.size(segment)).isEqualTo(8L * frameBytes());
        assertThat(Files.size(directory.resolve(TreeFile.NAME))).isEqualTo(TreeFile.nodeCount(8) * 32);
    }

    @Test
    void leaves_that_are_appended_together_are_the_same_as_one_by_one(@TempDir Path other) {
        try (MerkleLog together = MerkleLog.open(directory, SMALL);
                MerkleLog single = MerkleLog.open(other, SMALL)) {
            int length = leaf(0).length;
            int from = 0;
            for (int count : new int[] {1, 0, 7, 50, 2}) {
                byte[] leaves = new byte[3 + count * length];
                for (int i = 0; i < count; i++) {
                    System.arraycopy(leaf(from + i), 0, leaves, 3 + i * length, length);
                }
                together.appendAll(leaves, 3, length, count);
                fill(single, from, from + count);
                from += count;
                assertThat(together.root()).isEqualTo(single.root());
                assertHolds(together, from);
            }
        }
        try (MerkleLog again = MerkleLog.open(directory, SMALL)) {
            assertHolds(again, 60);
        }
    }

    @Test
    void room_never_passes_the_segments_size() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 40);
            log.sync();
            try (var files = Files.list(directory)) {
                assertThat(files.filter(f -> f.toString().endsWith(".leaves"))
                                .mapToLong(f -> f.toFile().length()))
                        .allMatch(bytes -> bytes <= SMALL.segmentBytes());
            }
        }
    }

    @Test
    void a_log_killed_with_room_behind_its_leaves_comes_back_whole(@TempDir(factory = MemoryFolder.class) Path copy)
            throws IOException {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 30);
            log.sync();
            fill(log, 30, 37);
            log.flush();
            copyFiles(copy);
        }
        try (MerkleLog log = MerkleLog.open(copy, SMALL)) {
            assertThat(log.recovery().cutBytes()).isZero();
            assertHolds(log, 37);
            fill(log, 37, 60);
            assertHolds(log, 60);
        }
    }

    @Test
    void a_bit_flipped_in_a_killed_log_is_refused_before_the_last_sync_and_cut_behind_it(
            @TempDir(factory = MemoryFolder.class) Path copy) throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
            log.sync();
            fill(log, 5, 8);
            log.flush();
            copyFiles(copy);
        }
        Path segment = copy.resolve(FIRST_SEGMENT);
        byte[] bytes = Files.readAllBytes(segment);
        for (int i = 0; i < 8 * frameBytes(); i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 0x10;
            Files.write(segment, flipped);
            int leaf = i / frameBytes();
            if (leaf < 5) {
                JournalDamaged damage = catchThrowableOfType(
                        JournalDamaged.class, () -> MerkleLog.open(copy).close());
                assertThat(damage.file()).isEqualTo(FIRST_SEGMENT);
                assertThat(damage.sequence()).isEqualTo(leaf);
            } else {
                byte[] head = Files.readAllBytes(copy.resolve("head"));
                byte[] tree = Files.readAllBytes(copy.resolve(TreeFile.NAME));
                try (MerkleLog log = MerkleLog.open(copy)) {
                    assertThat(log.recovery().cutBytes()).isPositive();
                    assertHolds(log, leaf);
                }
                Files.write(copy.resolve("head"), head);
                Files.write(copy.resolve(TreeFile.NAME), tree);
            }
        }
    }

    @Test
    void data_behind_unused_room_is_damage_when_nothing_tells_what_was_synced(
            @TempDir(factory = MemoryFolder.class) Path copy) throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
            log.flush();
            copyFiles(copy);
        }
        Files.delete(copy.resolve("head"));
        Path segment = copy.resolve(FIRST_SEGMENT);
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length - 1] = 1;
        Files.write(segment, bytes);

        assertThatThrownBy(() -> MerkleLog.open(copy))
                .isInstanceOf(JournalDamaged.class)
                .hasMessageContaining("leaf 5")
                .hasMessageContaining("data stands behind it");
    }

    @Test
    void an_interrupted_writer_still_makes_its_leaves_durable() {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 10);
            Thread.currentThread().interrupt();
            log.sync();
            assertThat(Thread.interrupted()).isTrue();
            fill(log, 10, 20);
            log.sync();
            assertHolds(log, 20);
        }
    }

    @Test
    void a_missing_middle_segment_is_damage() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 60);
        }
        List<Path> segments;
        try (var files = Files.list(directory)) {
            segments =
                    files.filter(f -> f.toString().endsWith(".leaves")).sorted().toList();
        }
        assertThat(segments).hasSizeGreaterThan(3);
        Files.delete(segments.get(1));

        assertThatThrownBy(() -> MerkleLog.open(directory, SMALL))
                .isInstanceOf(JournalDamaged.class)
                .hasMessageContaining("comes next");
    }

    @Test
    void a_lost_or_damaged_tree_file_is_rebuilt_from_the_leaves() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 37);
        }
        Path tree = directory.resolve(TreeFile.NAME);
        byte[] nodes = Files.readAllBytes(tree);
        Files.delete(tree);
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            assertThat(log.recovery().rehashedLeaves()).isEqualTo(37);
            assertHolds(log, 37);
        }
        assertThat(Files.readAllBytes(tree)).isEqualTo(nodes);

        byte[] flipped = nodes.clone();
        int peak = (int) TreeFile.place(5, 0);
        flipped[peak] ^= 1;
        Files.write(tree, flipped);
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            assertThat(log.recovery().rehashedLeaves()).isEqualTo(37);
            assertHolds(log, 37);
        }
    }

    @Test
    void a_proof_that_does_not_verify_is_never_handed_out() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 37);
        }
        Path tree = directory.resolve(TreeFile.NAME);
        byte[] flipped = Files.readAllBytes(tree);
        flipped[(int) TreeFile.place(0, 3)] ^= 1;
        Files.write(tree, flipped);
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            assertThat(log.recovery().rehashedLeaves())
                    .as("the peaks are whole")
                    .isZero();
            assertThatThrownBy(() -> log.inclusionProof(2, 37)).isInstanceOf(JournalDamaged.class);
        }
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            assertThat(log.recovery().rehashedLeaves()).as("rebuilt").isEqualTo(37);
            assertThat(log.inclusionProof(2, 37)).isNotEmpty();
        }
    }

    @Test
    void leaves_that_hash_to_another_root_than_the_synced_one_are_damage() throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 5);
        }
        Path segment = directory.resolve(FIRST_SEGMENT);
        byte[] forged = leaf(2);
        forged[0] ^= 1;
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
        bytes.position(2 * frameBytes()).put(Frames.frame(forged));
        Files.write(segment, bytes.array());
        Files.delete(directory.resolve(TreeFile.NAME));

        assertThatThrownBy(() -> MerkleLog.open(directory))
                .isInstanceOf(JournalDamaged.class)
                .hasMessageContaining("another root");
    }

    @Test
    void a_second_opening_is_refused() {
        try (MerkleLog log = MerkleLog.open(directory)) {
            log.append(leaf(0));

            assertThatThrownBy(() -> MerkleLog.open(directory)).hasMessageContaining("already open");
        }
        MerkleLog.open(directory).close();
    }

    @Test
    void a_closed_log_says_so() {
        MerkleLog log = MerkleLog.open(directory);
        log.append(leaf(0));
        log.close();
        log.close();

        assertThatThrownBy(() -> log.append(leaf(1))).hasMessageContaining("closed");
        assertThatThrownBy(() -> log.read(0, 1)).hasMessageContaining("closed");
        assertThatThrownBy(() -> log.rootAt(1)).hasMessageContaining("closed");
    }

    @Test
    void readers_see_only_true_leaves_and_proofs_while_the_writer_appends_and_cuts() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try (MerkleLog log = MerkleLog.open(directory, SMALL)) {
            fill(log, 0, 100);
            Callable<Long> reading = () -> {
                long checks = 0;
                while (!done.get() || checks < 50) {
                    // The first 100 leaves are never cut, so their head and leaves stand whatever the writer does.
                    assertThat(log.read(60, 40)).hasSize(40).last().isEqualTo(leaf(99));
                    assertThat(Proofs.verifyInclusion(
                                    checks % 100,
                                    100,
                                    MerkleTree.leafHash(leaf(checks % 100)),
                                    log.inclusionProof(checks % 100, 100),
                                    log.rootAt(100)))
                            .isTrue();
                    List<byte[]> newest = log.read(100, 10);
                    for (int i = 0; i < newest.size(); i++) {
                        assertThat(newest.get(i)).isEqualTo(leaf(100 + i));
                    }
                    checks++;
                }
                return checks;
            };
            List<Future<Long>> running = List.of(readers.submit(reading), readers.submit(reading));
            for (int round = 0; round < 20; round++) {
                fill(log, 100, 400);
                log.truncate(100);
            }
            done.set(true);
            for (Future<Long> future : running) {
                assertThat(future.get()).isPositive();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    void an_interrupted_reader_harms_nobody() {
        try (MerkleLog log = MerkleLog.open(directory)) {
            fill(log, 0, 10);
            Thread.currentThread().interrupt();
            assertThat(log.read(0, 10)).hasSize(10);
            assertThat(log.inclusionProof(3, 10)).isNotEmpty();
            assertThat(Thread.interrupted()).isTrue();
            fill(log, 10, 20);
            assertHolds(log, 20);
        }
    }

    private void assertDamagedAt(long sequence, long offset) {
        JournalDamaged damage = catchThrowableOfType(
                JournalDamaged.class, () -> MerkleLog.open(directory).close());
        assertThat(damage).isNotNull();
        assertThat(damage.file()).isEqualTo(FIRST_SEGMENT);
        assertThat(damage.sequence()).isEqualTo(sequence);
        assertThat(damage.offset()).isEqualTo(offset);
    }

    private static void assertHolds(MerkleLog log, int size) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(leaf(i));
        }
        assertThat(log.size()).isEqualTo(size);
        List<byte[]> found = new ArrayList<>();
        while (found.size() < size) {
            found.addAll(log.read(found.size(), 7));
        }
        assertThat(found).usingElementComparator(java.util.Arrays::compare).containsExactlyElementsOf(leaves);
        byte[] root = ReferenceTree.root(leaves);
        assertThat(log.root()).isEqualTo(root);
        assertThat(log.rootAt(size)).isEqualTo(root);
        assertThat(log.frontier().root()).isEqualTo(root);
        for (int i = 0; i < size; i += 5) {
            assertThat(Proofs.verifyInclusion(i, size, MerkleTree.leafHash(leaf(i)), log.inclusionProof(i, size), root))
                    .isTrue();
        }
    }

    private static void fill(MerkleLog log, int from, int to) {
        for (int i = from; i < to; i++) {
            log.append(leaf(i));
        }
    }

    private void copyFiles(Path to) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static int dataEnd(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static byte[] leaf(long i) {
        return String.format("leaf %06d", i).getBytes(StandardCharsets.US_ASCII);
    }

    private static int frameBytes() {
        return Frames.HEADER_BYTES + leaf(0).length;
    }
}
