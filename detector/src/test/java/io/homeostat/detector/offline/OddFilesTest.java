package io.homeostat.detector.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.model.Members;
import io.homeostat.detector.stream.AlarmLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they come: each is scored in a defined way, or refused with the place of what is wrong. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OddFilesTest {
    private static final String TRAIN = rows(1, 120);
    private static final String TEST = rows(2, 40);

    @TempDir
    private Path folder = Path.of("");

    @Test
    void line_ends_of_windows_a_byte_order_mark_and_a_gzipped_file_of_any_name_change_nothing() throws IOException {
        List<String> plain = scores(TRAIN, TEST);

        assertThat(scores(TRAIN.replace("\n", "\r\n"), TEST.replace("\n", "\r\n")))
                .isEqualTo(plain);
        assertThat(scores("\uFEFF" + TRAIN, "\uFEFF" + TEST)).isEqualTo(plain);
        assertThat(scores("\uFEFFcpu,memory,disk\n" + TRAIN, TEST)).isEqualTo(plain);
        write("train.csv", TRAIN);
        Files.write(folder.resolve("test.csv"), gzip(TEST));
        run();
        assertThat(Files.readAllLines(folder.resolve("scores.csv"))).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "-Infinity", "1e400", "1.7976931348623157E308", "-1e300", "NaN", ""})
    void what_is_no_number_of_use_is_missing_in_training_and_in_test(String cell) throws IOException {
        String train = TRAIN.replaceFirst("^[^,]*", cell);
        String test = TEST.replaceFirst("^[^,]*", cell);

        assertThat(scores(train, test)).hasSize(40).allMatch(OddFilesTest::finite);
        assertThat(run().missingCells()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9e99", "-9e99", "1e-300", "4.9e-324", "0", "-0.0", "123456789012345678901234567890"})
    void a_number_of_any_size_gives_a_finite_score(String cell) throws IOException {
        String constant =
                IntStream.range(0, 60).mapToObj(i -> "1," + cell + ",2\n").collect(Collectors.joining());
        String mixed = TRAIN.replaceFirst("^[^,]*", cell);

        assertThat(scores(mixed, TEST.replaceFirst("^[^,]*", cell))).hasSize(40).allMatch(OddFilesTest::finite);
        assertThat(scores(constant, TEST)).hasSize(40).allMatch(OddFilesTest::finite);
        assertThat(scores(constant, constant)).hasSize(60).allMatch(OddFilesTest::finite);
    }

    @Test
    void a_test_of_one_row_has_one_score_and_one_of_a_header_alone_has_none() throws IOException {
        assertThat(scores(TRAIN, TEST.substring(0, TEST.indexOf('\n') + 1))).hasSize(1);
        assertThat(scores(TRAIN, "a,b,c\n")).isEmpty();
    }

    @Test
    void empty_files_and_files_of_a_header_alone_say_what_is_missing() throws IOException {
        refused(TRAIN, "", "test.csv: expected 3 columns as in the training but found 0");
        refused("", TEST, "train.csv: expected at least 32 rows of training but found 0");
        refused("a,b,c\n", TEST, "train.csv: expected at least 32 rows of training but found 0");
    }

    @Test
    void ragged_rows_words_and_decimal_commas_are_named_with_line_and_column() throws IOException {
        refused(TRAIN + "1,2\n", TEST, "train.csv line 121: expected 3 columns but found 2");
        refused(TRAIN, TEST + "1,2,3,4\n", "test.csv line 41: expected 3 columns but found 4");
        refused(TRAIN, TEST + "1,2,x\n", "test.csv line 41 column 3: expected a number but found 'x'");
        refused(TRAIN, "1,5;2,7;1\n1,5;2,7;1\n", "test.csv line 2 column 2 (5;2): expected a number but found '5;2'");
        refused(TRAIN, TEST + "1,2,\"3\"\n", "test.csv line 41 column 3: expected a number but found '\"3\"'");
    }

    @Test
    void the_columns_of_the_training_in_another_order_are_refused() throws IOException {
        refused(
                "a,b,c\n" + TRAIN,
                "a,c,b\n" + TEST,
                "test.csv line 1 column 2: expected b as in the training but found c");
        assertThat(scores("a,b,c\n" + TRAIN, "x,y,z\n" + TEST)).hasSize(40);
    }

    @Test
    void a_line_without_an_end_is_refused_before_it_fills_the_memory() throws IOException {
        refused(TRAIN, "1,".repeat(600_000), "test.csv line 1: expected at most 1048576 characters but found more");
    }

    @Test
    void a_gzipped_file_that_was_cut_is_an_error_with_its_line_and_leaves_no_file() throws IOException {
        write("train.csv", TRAIN);
        byte[] whole = gzip(rows(3, 4_000));
        Files.write(folder.resolve("test.csv"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(this::run)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageMatching(".*test.csv line [0-9]+ can not be read: .*");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("train.csv", "test.csv");
        }
    }

    @Test
    void an_output_that_can_not_be_written_or_would_replace_an_input_is_refused_first() throws IOException {
        write("train.csv", TRAIN);
        write("test.csv", TEST);

        for (String out : List.of("train.csv", "test.csv", "./test.csv", "alarms.json")) {
            assertThatThrownBy(() -> run(folder.resolve(out))).hasMessageContaining("expected a file of its own");
        }
        assertThatThrownBy(() -> run(folder.resolve("nowhere/scores.csv")))
                .hasMessageContaining("expected a file in a folder that can be written");
        assertThatThrownBy(() -> run(folder)).hasMessageContaining("expected a file but found a folder or a device");
        assertThat(Files.readString(folder.resolve("test.csv"))).isEqualTo(TEST);
    }

    @Test
    void any_prefix_of_any_file_scores_like_the_prefix_of_the_whole() throws IOException {
        Random random = new Random(17);
        for (int file = 0; file < 5; file++) {
            String[] lines = rows(100 + file, 300).split("\n");
            for (int burst = 0; burst < 6; burst++) {
                int at = random.nextInt(290);
                String odd = random.nextGaussian() * 20 + "," + (random.nextBoolean() ? "" : "7") + ",-30";
                Arrays.fill(lines, at, at + 1 + random.nextInt(10), odd);
            }
            List<String> whole = scores(TRAIN, String.join("\n", lines));
            for (int prefix = 0; prefix < 6; prefix++) {
                int length = 1 + random.nextInt(299);
                List<String> part = scores(TRAIN, String.join("\n", Arrays.copyOf(lines, length)));

                assertThat(part).isEqualTo(whole.subList(0, length));
            }
        }
    }

    private void refused(String train, String test, String message) throws IOException {
        write("train.csv", train);
        write("test.csv", test);

        assertThatThrownBy(this::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private List<String> scores(String train, String test) throws IOException {
        write("train.csv", train);
        write("test.csv", test);
        run();
        return Files.readAllLines(folder.resolve("scores.csv"));
    }

    private OfflineReport run() {
        return run(folder.resolve("scores.csv"));
    }

    private OfflineReport run(Path out) {
        return OfflineDetector.run(
                new OfflineRequest(
                        Optional.of(folder.resolve("train.csv")),
                        folder.resolve("test.csv"),
                        out,
                        Optional.of(folder.resolve("alarms.json")),
                        Optional.empty(),
                        false,
                        Members.BOTH,
                        AlarmLimits.defaults()),
                line -> {});
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static boolean finite(String score) {
        return Double.isFinite(Double.parseDouble(score));
    }

    private static String rows(long seed, int count) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(t ->
                        random.nextGaussian() + "," + random.nextDouble() + "," + (5 + random.nextGaussian()) + "\n")
                .collect(Collectors.joining());
    }
}
