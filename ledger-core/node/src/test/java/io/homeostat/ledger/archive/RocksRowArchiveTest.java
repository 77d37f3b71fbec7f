package io.homeostat.ledger.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.archive.RowArchive.Row;
import io.homeostat.ledger.testing.Eventually;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RocksRowArchiveTest {
    @TempDir
    Path dir;

    @Test
    void rows_are_found_by_id_and_holds_by_number_after_a_copy_was_restored_too() {
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("a"), "n1")) {
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
                    .extracting(RocksRowArchiveTest::number)
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
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 100);
            archive.await(100);
            archive.copyTo(dir.resolve("copy"));
        }
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("a"), "n1")) {
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
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("a"), "n1")) {
            fill(archive, 0, 5000);
            archive.await(5000);
            archive.copyTo(dir.resolve("copy"));
        }
        for (Path table : tables(dir.resolve("copy"))) {
            flip(table, 200);
        }
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("b"), "n1")) {
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
        try (RocksRowArchive archive = new RocksRowArchive(dir.resolve("a"), "n1")) {
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

    private static void fill(RowArchive archive, int from, int to) {
        for (int at = from; at < to; at += 100) {
            int first = at;
            archive.add(at + 100, () -> {
                List<Row> rows = new ArrayList<>();
                for (long i = first; i < first + 100; i++) {
                    rows.add(new Row(
                            7,
                            -i,
                            i,
                            i % 10 == 0,
                            ByteBuffer.allocate(67).putLong(i).array()));
                }
                return rows;
            });
        }
    }

    private static long number(byte[] content) {
        return ByteBuffer.wrap(content).getLong();
    }

    private static List<Path> tables(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".sst")).toList();
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
