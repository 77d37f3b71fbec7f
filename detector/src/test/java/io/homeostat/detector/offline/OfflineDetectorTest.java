package io.homeostat.detector.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.model.Members;
import io.homeostat.detector.stream.AlarmLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OfflineDetectorTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_planted_anomaly_scores_above_all_normal_rows_and_opens_an_alarm_that_names_its_column() throws IOException {
        List<String> all = normal(1, 2_100, 3);
        List<String> test = new ArrayList<>(all.subList(1_500, 2_100));
        for (int t = 300; t < 320; t++) {
            test.set(t, test.get(t).replaceFirst("^[^,]*", "25"));
        }

        OfflineReport report = run(all.subList(0, 1_500), test);

        List<Double> scores = scores();
        double normal =
                scores.subList(0, 300).stream().mapToDouble(v -> v).max().orElseThrow();
        assertThat(scores.subList(300, 320).stream().mapToDouble(v -> v).max().orElseThrow())
                .isGreaterThan(2 * normal);
        assertThat(report.alarms()).isNotEmpty();
        OfflineAlarm alarm = report.alarms().stream()
                .filter(a -> a.firstRow() >= 300 && a.firstRow() <= 303)
                .findFirst()
                .orElseThrow();
        assertThat(alarm.contributions().get(0).column()).isEqualTo("1");
        assertThat(alarm.contributions().get(0).direction()).isEqualTo("above");
        assertThat(alarm.contributions().get(0).observed()).isEqualTo(25);
    }

    @Test
    void the_scores_of_a_prefix_are_the_same_bits_as_the_prefix_of_the_scores() throws IOException {
        List<String> train = normal(1, 900, 4);
        List<String> test = normal(7, 700, 4);
        for (int t = 200; t < 290; t++) {
            test.set(t, "5,5,5,5");
        }
        run(train, test);
        List<String> whole = Files.readAllLines(folder.resolve("scores.csv"));
        for (int length : new int[] {1, 17, 199, 205, 260, 431, 699}) {
            run(train, test.subList(0, length));

            assertThat(Files.readAllLines(folder.resolve("scores.csv"))).isEqualTo(whole.subList(0, length));
        }
    }

    @Test
    void a_header_a_gzipped_file_and_plain_rows_give_the_same_scores() throws IOException {
        List<String> train = normal(1, 400, 2);
        List<String> test = normal(2, 100, 2);
        run(train, test);
        List<String> plain = Files.readAllLines(folder.resolve("scores.csv"));
        List<String> headed = new ArrayList<>(train);
        headed.add(0, "cpu,memory");
        Path gzipped = folder.resolve("train.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
            out.write(String.join("\n", headed).getBytes(StandardCharsets.UTF_8));
        }

        OfflineDetector.run(request(Optional.of(gzipped), file("test.csv", test), false), line -> {});

        assertThat(Files.readAllLines(folder.resolve("scores.csv"))).isEqualTo(plain);
    }

    @Test
    void missing_cells_constant_columns_and_an_empty_column_are_scored_without_a_gap() throws IOException {
        List<String> train = new ArrayList<>();
        List<String> test = new ArrayList<>();
        Random random = new Random(5);
        for (int t = 0; t < 300; t++) {
            train.add(
                    (t % 7 == 0 ? "" : String.valueOf(random.nextGaussian())) + ",3,NaN," + (t % 11 == 0 ? "NA" : "1"));
            test.add((t % 5 == 0 ? "nan" : String.valueOf(random.nextGaussian())) + ",3,,null");
        }

        OfflineReport report = run(train, test);

        assertThat(scores()).hasSize(300).allMatch(Double::isFinite);
        assertThat(report.missingCells()).isEqualTo(60 + 600);
    }

    @Test
    void one_column_and_five_hundred_columns_work() throws IOException {
        run(normal(1, 200, 1), normal(2, 60, 1));
        assertThat(scores()).hasSize(60).allMatch(Double::isFinite);

        run(normal(1, 200, 500), normal(2, 60, 500));
        assertThat(scores()).hasSize(60).allMatch(Double::isFinite);
    }

    @Test
    void a_row_with_another_number_of_cells_is_named() throws IOException {
        List<String> test = normal(2, 50, 3);
        test.set(20, "1,2");

        assertThatThrownBy(() -> run(normal(1, 100, 3), test))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("test.csv line 21: expected 3 columns but found 2");
    }

    @Test
    void a_word_among_the_numbers_is_named_with_its_line_and_column() throws IOException {
        List<String> train = normal(1, 100, 3);
        train.set(30, "1,two,3");

        assertThatThrownBy(() -> run(train, normal(2, 10, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.csv line 31 column 2: expected a number but found 'two'");
    }

    @Test
    void a_training_that_is_too_small_says_how_many_rows_it_takes() throws IOException {
        assertThatThrownBy(() -> run(normal(1, 31, 3), normal(2, 10, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at least 32 rows of training but found 31");

        run(normal(1, 32, 3), normal(2, 10, 3));
        assertThat(scores()).hasSize(10);
    }

    @Test
    void a_test_with_other_columns_than_the_training_is_refused() {
        assertThatThrownBy(() -> run(normal(1, 100, 3), normal(2, 10, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 3 columns as in the training but found 4");
    }

    @Test
    void a_stream_of_timestamps_and_values_teaches_with_its_first_part() throws IOException {
        List<String> rows = new ArrayList<>(List.of("timestamp,value"));
        Random random = new Random(3);
        for (int t = 0; t < 1_000; t++) {
            double value = t == 700 ? 400 : 100 + random.nextGaussian();
            rows.add("2014-04-01 00:" + t % 60 + ":00," + value);
        }

        OfflineDetector.run(request(Optional.empty(), file("test.csv", rows), true), line -> {});

        List<Double> scores = scores();
        assertThat(scores).hasSize(1_000);
        assertThat(scores.subList(0, 150)).containsOnly(0.0);
        double most = scores.stream().mapToDouble(v -> v).max().orElseThrow();
        assertThat(scores.indexOf(most)).isBetween(700, 701);
    }

    @Test
    void a_burst_that_has_been_there_before_opens_no_alarm_and_a_new_value_opens_one() throws IOException {
        List<String> rows = new ArrayList<>(List.of("timestamp,value"));
        Random random = new Random(3);
        for (int t = 0; t < 3_000; t++) {
            double burst = t % 97 < 3 ? 40 + 10 * random.nextDouble() : 0;
            double value = t >= 2_500 && t < 2_505 ? 900 : 10 + random.nextGaussian() + burst;
            rows.add("2014-04-01 00:" + t % 60 + ":00," + value);
        }

        OfflineReport report = OfflineDetector.run(request(Optional.empty(), file("test.csv", rows), true), line -> {});

        assertThat(report.alarms()).hasSize(1);
        OfflineAlarm alarm = report.alarms().get(0);
        assertThat(alarm.firstRow()).isEqualTo(2_500);
        assertThat(alarm.pace()).isGreaterThan(alarm.threshold());
        assertThat(alarm.contributions().get(0).observed()).isEqualTo(900);
    }

    @Test
    void a_stream_without_a_training_file_scores_its_prefix_alike_whatever_comes_after() throws IOException {
        List<String> rows = normal(11, 900, 1);
        for (int i = 0; i < rows.size(); i++) {
            rows.set(i, i + "," + rows.get(i));
        }
        OfflineDetector.run(request(Optional.empty(), file("test.csv", rows), true), line -> {});
        List<String> whole = Files.readAllLines(folder.resolve("scores.csv"));
        for (int length : new int[] {150, 151, 320, 899}) {
            OfflineDetector.run(request(Optional.empty(), file("test.csv", rows.subList(0, length)), true), line -> {});

            assertThat(Files.readAllLines(folder.resolve("scores.csv"))).isEqualTo(whole.subList(0, length));
        }
    }

    @Test
    void a_stream_shorter_than_what_teaches_says_so() {
        assertThatThrownBy(() -> OfflineDetector.run(
                        request(Optional.empty(), file("test.csv", normal(11, 149, 2)), false), line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without --train the first 150 rows teach, but there are 149");
    }

    private OfflineReport run(List<String> train, List<String> test) throws IOException {
        return OfflineDetector.run(
                request(Optional.of(file("train.csv", train)), file("test.csv", test), false), line -> {});
    }

    private OfflineRequest request(Optional<Path> train, Path test, boolean univariate) {
        return new OfflineRequest(
                train,
                test,
                folder.resolve("scores.csv"),
                Optional.of(folder.resolve("alarms.json")),
                Optional.empty(),
                univariate,
                Members.BOTH,
                AlarmLimits.defaults());
    }

    private Path file(String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines);
    }

    private List<Double> scores() throws IOException {
        return Files.readAllLines(folder.resolve("scores.csv")).stream()
                .map(Double::valueOf)
                .toList();
    }

    /** Correlated columns around a slow wave, all of one seed. */
    private static List<String> normal(long seed, int rows, int columns) {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int t = 0; t < rows; t++) {
            double common = random.nextGaussian();
            StringBuilder line = new StringBuilder();
            for (int j = 0; j < columns; j++) {
                double value = 2 * Math.sin(t / 20.0) + 0.5 * common + 0.3 * random.nextGaussian();
                line.append(j == 0 ? "" : ",").append(String.format(Locale.ROOT, "%.6f", value));
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
