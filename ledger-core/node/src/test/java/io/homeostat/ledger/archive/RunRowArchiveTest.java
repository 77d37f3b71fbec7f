package io.homeostat.ledger.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.testing.Eventually;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RunRowArchiveTest {
    @TempDir
    Path dir;

    @Test
    void rows_are_found_by_id_and_holds_by_number_after_a_copy_was_restored_too() {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            assertThat(archive.find(1, 2)).isNull();
            assertThat(archive.holdsBefore(9, 9)).isEmpty();

            fill(archive, 0, 1000);
            archive.await(1000);
            archive.copyTo(dir.resolve("copy"));
            fill(archive, 1000, 2000);
            archive.await(2000);

            assertThat(number(archive.find(7, -3))).isEqualTo(3);
            assertThat(number(archive.find(7, -1500))).isEqualTo(1500);
            assertThat(archive.find(8, -3)).isNull();
            assertThat(archive.holdsBefore(1995, 3))
                    .extracting(RunRowArchiveTest::number)
                    .containsExactly(1990L, 1980L, 1970L);

            archive.restore(dir.resolve("copy"), 1000);
            assertThat(archive.addedTo()).isEqualTo(1000);
            assertThat(number(archive.find(7, -3))).isEqualTo(3);
            assertThat(archive.find(7, -1500)).isNull();
            fill(archive, 1000, 1200);
            archive.await(1200);
            assertThat(number(archive.find(7, -1100))).isEqualTo(1100);

            archive.restore(null, 0);
            assertThat(archive.find(7, -3)).isNull();
        }
    }

    @Test
    void what_a_former_process_left_is_gone_and_a_copy_outlives_both() throws IOException {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 100);
            archive.await(100);
            archive.copyTo(dir.resolve("copy"));
        }
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            assertThat(archive.find(7, -3)).isNull();
            archive.restore(dir.resolve("copy"), 100);
            archive.restore(dir.resolve("copy"), 100);
            assertThat(number(archive.find(7, -99))).isEqualTo(99);
            try (Stream<Path> live = Files.list(dir.resolve("a"))) {
                assertThat(live.filter(Files::isDirectory)).hasSize(1);
            }
        }
    }

    @Test
    void a_flipped_bit_in_a_table_is_found_by_itself_and_by_whoever_reads_it() throws Exception {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 5000);
            archive.await(5000);
            archive.copyTo(dir.resolve("copy"));
        }
        for (Path table : tables(dir.resolve("copy"))) {
            flip(table, 200);
        }
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("b"), "n1")) {
            archive.restore(dir.resolve("copy"), 5000);

            Eventually.holds("the damage is found", Duration.ofSeconds(20), () -> archive.fault() != null);
            assertThat(archive.fault()).hasMessageContaining("homeostat node --rebuild");
            assertThatThrownBy(archive::addedTo).isInstanceOf(ArchiveFault.class);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 5000; i++) {
                            archive.find(7, -i);
                        }
                    })
                    .isInstanceOf(ArchiveFault.class);
        }
    }

    @Test
    void a_copy_that_is_not_whole_is_refused_and_nothing_changes() throws IOException {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 100);
            archive.await(100);
            archive.copyTo(dir.resolve("copy"));
            Files.delete(tables(dir.resolve("copy")).get(0));

            assertThatThrownBy(() -> archive.restore(dir.resolve("copy"), 100)).isInstanceOf(ArchiveFault.class);
            assertThatThrownBy(() -> archive.restore(dir.resolve("nothing"), 100))
                    .isInstanceOf(ArchiveFault.class);
            assertThat(archive.fault()).isNull();
            assertThat(number(archive.find(7, -3))).isEqualTo(3);
        }
    }

    /** Parts of any size, so that files of several levels arise; ids that share their upper half, come in order or not at all in order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void it_answers_as_a_map_does_over_merges_copies_restores_and_closing(long seed) {
        Random random = new Random(seed);
        TreeMap<Long, byte[]> holds = new TreeMap<>();
        Map<UUID, byte[]> model = new HashMap<>();
        Map<UUID, byte[]> copied = Map.of();
        long copiedTo = 0;
        long number = 0;
        Path copy = null;
        RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1");
        try {
            for (int step = 0; step < 150; step++) {
                List<byte[]> rows = new ArrayList<>();
                for (int i = random.nextInt(4) == 0 ? 0 : random.nextInt(100); i > 0; i--) {
                    UUID id = switch (random.nextInt(4)) {
                        case 0 -> new UUID(7, random.nextLong());
                        case 1 -> new UUID(number, 7);
                        case 2 -> new UUID(-number, number);
                        default -> new UUID(random.nextLong(), random.nextLong());
                    };
                    byte[] row = row(
                            number++, id.getMostSignificantBits(), id.getLeastSignificantBits(), random.nextBoolean());
                    if (model.putIfAbsent(id, row) == null) {
                        rows.add(row);
                    }
                }
                if (random.nextInt(5) == 0) {
                    // As after a restart, when the copy is ahead of its snapshot.
                    model.values().stream().limit(50).forEach(rows::add);
                }
                archive.add(number, rows.size(), out -> rows.forEach(out::put));
                if (random.nextInt(15) == 0 && !model.isEmpty()) {
                    archive.await(number);
                    copy = dir.resolve("copy-" + step);
                    archive.copyTo(copy);
                    copied = new HashMap<>(model);
                    copiedTo = number;
                }
                if (random.nextInt(20) == 0) {
                    if (random.nextBoolean()) {
                        archive.close();
                        archive = new RunRowArchive(dir.resolve("a"), "n1");
                    }
                    archive.restore(copy, copiedTo);
                    model = new HashMap<>(copied);
                    number = copiedTo;
                }
                archive.await(number);
                requireSame(archive, model, random, step % 50 == 49 ? 5 : 100);
            }
            requireSame(archive, model, random, 1);
            for (byte[] row : model.values()) {
                if (ArchivedRow.hold(row, 0)) {
                    holds.put(ArchivedRow.number(row, 0), row);
                }
            }
            List<byte[]> paged = new ArrayList<>();
            for (long before = Long.MAX_VALUE; ; ) {
                List<byte[]> page = archive.holdsBefore(before, 1 + random.nextInt(200));
                paged.addAll(page);
                if (page.isEmpty()) {
                    break;
                }
                before = ArchivedRow.number(page.get(page.size() - 1), 0);
            }
            assertThat(paged).containsExactlyElementsOf(holds.descendingMap().values());
            assertThat(archive.fault()).isNull();
        } finally {
            archive.close();
        }
    }

    private static void requireSame(RowArchive archive, Map<UUID, byte[]> model, Random random, int oneIn) {
        model.forEach((id, row) -> {
            if (random.nextInt(oneIn) == 0
                    && !Arrays.equals(archive.find(id.getMostSignificantBits(), id.getLeastSignificantBits()), row)) {
                throw new AssertionError("row of " + id + " is not found as it was added");
            }
        });
        for (int i = 0; i < 50; i++) {
            assertThat(archive.find(random.nextLong(), random.nextLong())).isNull();
        }
    }

    /** 600,000 rows lie in 9837 blocks, more than there are fences; rows are found, and none between them. */
    @Test
    void a_large_file_finds_each_of_its_rows_and_pages_backwards() {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            int many = 600_000;
            archive.add(many, many, out -> {
                for (long i = 0; i < many; i++) {
                    out.put(row(i, i * 2654435761L % many, i, true));
                }
            });
            archive.await(many);
            for (long i = 0; i < many; i += 997) {
                assertThat(number(archive.find(i * 2654435761L % many, i))).isEqualTo(i);
                assertThat(archive.find(i * 2654435761L % many, i + many)).isNull();
            }
            assertThat(archive.holdsBefore(70_000, 500))
                    .extracting(RunRowArchiveTest::number)
                    .containsExactlyElementsOf(LongStream.range(69_500, 70_000)
                            .map(i -> 69_500 + 69_999 - i)
                            .boxed()
                            .toList());
        }
    }

    @Test
    void a_copy_whose_list_or_whose_end_of_a_file_changed_is_refused() throws Exception {
        try (RunRowArchive archive = new RunRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 300);
            archive.await(300);
            archive.copyTo(dir.resolve("list"));
            Path list = dir.resolve("list").resolve("runs");
            Files.writeString(list, Files.readString(list).replace(" 0", " 1"));
            assertThatThrownBy(() -> archive.restore(dir.resolve("list"), 300)).isInstanceOf(ArchiveFault.class);

            archive.copyTo(dir.resolve("end"));
            for (Path table : tables(dir.resolve("end"))) {
                flip(table, (int) Files.size(table) - 40);
            }
            try (RunRowArchive other = new RunRowArchive(dir.resolve("b"), "n1")) {
                assertThatThrownBy(() -> other.restore(dir.resolve("end"), 300)).isInstanceOf(ArchiveFault.class);
                assertThat(other.find(7, -3)).isNull();
            }
        }
    }

    /** Ids, the number and whether every tenth began as a hold. */
    private static void fill(RowArchive archive, int from, int to) {
        for (int at = from; at < to; at += 100) {
            int first = at;
            archive.add(at + 100, 100, out -> {
                for (long i = first; i < first + 100; i++) {
                    out.put(row(i, 7, -i, i % 10 == 0));
                }
            });
        }
    }

    private static byte[] row(long number, long idHigh, long idLow, boolean hold) {
        return ByteBuffer.allocate(ArchivedRow.BYTES)
                .putLong(number)
                .putLong(idHigh)
                .putLong(idLow)
                .put(ArchivedRow.BYTES - 1, (byte) (hold ? ArchivedRow.HOLD : 0))
                .array();
    }

    private static long number(byte[] content) {
        return ByteBuffer.wrap(content).getLong();
    }

    private static List<Path> tables(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".rows")).toList();
        }
    }

    private static void flip(Path file, int at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 4);
        }
    }
}
