package io.homeostat.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for the score whichever member gives it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MembersTest {
    @ParameterizedTest
    @EnumSource(Members.class)
    void a_score_depends_on_the_rows_before_it_only_and_survives_storage(Members member) {
        double[][] test = rows(7, 120, 4);
        double[][] other = test.clone();
        for (int t = 80; t < other.length; t++) {
            other[t] = new double[] {9, -9, 9, -9};
        }
        StreamModel model = model(member, rows(1, 400, 4));

        double[] scores = scores(model, test);
        double[] stored = scores(StreamModel.fromBytes(model.toBytes()), other);

        assertThat(Arrays.copyOf(stored, 80)).containsExactly(Arrays.copyOf(scores, 80));
        assertThat(stored[85]).isGreaterThan(scores[85]);
        assertThat(StreamModel.fromBytes(model.toBytes()).id()).isEqualTo(model.id());
        assertThat(model.provenanceJson()).contains(member.name());
    }

    @ParameterizedTest
    @EnumSource(Members.class)
    void a_column_in_another_unit_gives_the_same_scores(Members member) {
        double[][] train = rows(2, 400, 3);
        double[][] test = rows(3, 150, 3);
        test[90] = new double[] {6, 0, 0};

        double[] scores = scores(model(member, train), test);
        double[] scaled = scores(model(member, inMilliUnits(train)), inMilliUnits(test));

        for (int t = 0; t < scores.length; t++) {
            assertThat(scaled[t]).isCloseTo(scores[t], within(1e-5 * (1 + scores[t])));
        }
    }

    @ParameterizedTest
    @EnumSource(Members.class)
    void constant_and_empty_columns_one_column_and_more_columns_than_rows_are_scored(Members member) {
        double[][] train = rows(4, 200, 3);
        double[][] test = rows(5, 60, 3);
        for (double[][] part : new double[][][] {train, test}) {
            for (double[] row : part) {
                row[1] = 3;
                row[2] = Double.NaN;
            }
        }

        assertThat(Arrays.stream(scores(model(member, train), test)).allMatch(Double::isFinite))
                .isTrue();
        assertThat(Arrays.stream(scores(model(member, rows(6, 200, 1)), rows(7, 60, 1)))
                        .allMatch(Double::isFinite))
                .isTrue();
        assertThat(Arrays.stream(scores(model(member, rows(8, 34, 40)), rows(9, 60, 40)))
                        .allMatch(Double::isFinite))
                .isTrue();
    }

    private static StreamModel model(Members member, double[][] train) {
        return StreamTrainer.ablation(member)
                .train(
                        IntStream.range(0, train[0].length)
                                .mapToObj(j -> "column " + j)
                                .toList(),
                        train,
                        "synthetic",
                        Instant.EPOCH);
    }

    private static double[] scores(StreamModel model, double[][] rows) {
        StreamState state = model.newState();
        return Arrays.stream(rows)
                .mapToDouble(row -> model.score(state, row, true).score())
                .toArray();
    }

    private static double[][] inMilliUnits(double[][] rows) {
        return Arrays.stream(rows)
                .map(row -> Arrays.stream(row).map(v -> 1_000 * v + 5).toArray())
                .toArray(double[][]::new);
    }

    private static double[][] rows(long seed, int count, int columns) {
        Random random = new Random(seed);
        double[][] rows = new double[count][columns];
        for (int t = 0; t < count; t++) {
            double common = Math.sin(t / 9.0) + 0.3 * random.nextGaussian();
            for (int j = 0; j < columns; j++) {
                rows[t][j] = common * (1 + j % 3) + 0.5 * random.nextGaussian();
            }
        }
        return rows;
    }
}
