package io.homeostat.ledger.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One bit anywhere in the copy, tables and what lists them: the right answer or a fault, and never another answer. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FlippedBitTest {
    private static final int ROWS = 600;
    private static final int FLIPS = 40;

    @TempDir
    Path dir;

    @Test
    void with_any_one_bit_flipped_an_id_is_found_with_its_content_or_the_damage_is_told() throws Exception {
        try (RowArchive archive = archive("a")) {
            archive.add(ROWS, ROWS, FlippedBitTest::rows);
            archive.await(ROWS);
            archive.copyTo(dir.resolve("copy"));
        }
        int told = 0;
        for (long seed = 1; seed <= FLIPS; seed++) {
            Random random = new Random(seed);
            Path damaged = copyWithOneBitFlipped(dir.resolve("copy"), dir.resolve("damaged-" + seed), random);
            try (RowArchive archive = archive("b-" + seed)) {
                archive.restore(damaged, ROWS);
                for (int i = 0; i < ROWS; i++) {
                    byte[] content = archive.find(7, -(long) i);
                    assertThat(content).as("seed %d: row %d", seed, i).isEqualTo(content(i));
                }
                assertThat(archive.find(8, 1))
                        .as("seed %d: an id that never was", seed)
                        .isNull();
            } catch (ArchiveFault found) {
                told++;
            }
        }
        assertThat(told).as("most bits are of tables, and count").isGreaterThan(FLIPS / 2);
    }

    private static Path copyWithOneBitFlipped(Path whole, Path copy, Random random) throws IOException {
        Files.createDirectory(copy);
        List<Path> copied = new ArrayList<>();
        try (Stream<Path> files = Files.list(whole)) {
            for (Path file : files.sorted().toList()) {
                copied.add(Files.copy(file, copy.resolve(file.getFileName())));
            }
        }
        long bit = 0;
        for (Path file : copied) {
            bit += 8 * Files.size(file);
        }
        bit = random.nextLong(bit);
        for (Path file : copied) {
            long bits = 8 * Files.size(file);
            if (bit < bits) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
                Files.write(file, bytes);
                return copy;
            }
            bit -= bits;
        }
        throw new AssertionError("no bit was flipped");
    }

    private RowArchive archive(String name) {
        return new RunRowArchive(dir.resolve(name), "n1");
    }

    private static void rows(ByteBuffer out) {
        for (long i = 0; i < ROWS; i++) {
            out.put(content(i));
        }
    }

    /** Every tenth began as a hold. */
    private static byte[] content(long i) {
        return ByteBuffer.allocate(ArchivedRow.BYTES)
                .putLong(i)
                .putLong(7)
                .putLong(-i)
                .put(ArchivedRow.BYTES - 1, (byte) (i % 10 == 0 ? ArchivedRow.HOLD : 0))
                .array();
    }
}
