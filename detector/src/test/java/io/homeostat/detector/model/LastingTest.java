package io.homeostat.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What the score remembers beyond some rows: which columns are restless, and that a jump has not gone back. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LastingTest {
    private final double[] one = {1};

    @Test
    void a_column_four_times_as_odd_as_usual_counts_half_and_one_that_stands_still_has_a_bound() {
        Unrest unrest = new Unrest(0.1, 9, 0.5, 0.1);
        double[] lately = {4, 0.001};
        double[] usual = {1, 1};

        assertThat(unrest.weigh(lately, usual, 0, 3)).isCloseTo(1.5, within(1e-12));
        assertThat(unrest.weigh(lately, usual, 1, 3)).isCloseTo(3 / Math.sqrt(0.1), within(1e-12));
        assertThat(lately[0]).isCloseTo(3.9, within(1e-12));
        unrest.weigh(lately, usual, 0, 1e6);
        assertThat(lately[0]).isCloseTo(3.9 + 0.1 * (9 - 3.9), within(1e-12));
    }

    @Test
    void a_jump_keeps_a_falling_part_of_its_score_while_the_level_stays() {
        Hold hold = new Hold(1, 0.1, 0.5, 0.02);
        StreamState state = state();

        assertThat(hold.keep(state, new double[] {0}, one, 0.2)).isEqualTo(0.2);
        assertThat(hold.keep(state, new double[] {5}, one, 4)).isEqualTo(4);
        assertThat(hold.keep(state, new double[] {5}, one, 0.2)).isCloseTo(0.5 * 4 * 0.9, within(1e-12));
        assertThat(hold.keep(state, new double[] {2.5}, one, 0.2)).isCloseTo(0.5 * 4 * 0.81 * 0.5, within(1e-12));
    }

    @Test
    void a_jump_that_goes_back_or_is_long_past_leaves_nothing() {
        Hold hold = new Hold(1, 0.1, 0.5, 0.02);
        StreamState back = state();
        hold.keep(back, new double[] {5}, one, 4);
        StreamState past = state();
        hold.keep(past, new double[] {5}, one, 4);
        for (int i = 0; i < 40; i++) {
            hold.keep(past, new double[] {5}, one, 0);
        }

        assertThat(hold.keep(back, new double[] {0}, one, 0.2)).isEqualTo(0.2);
        assertThat(hold.keep(past, new double[] {5}, one, 0.001)).isEqualTo(0.001);
    }

    @Test
    void a_column_that_turns_noisy_for_a_day_drowns_a_fault_in_another_less() {
        double[][] train = rows(1, 3_000, 1);
        double[][] test = rows(2, 3_000, 12);
        test[2_900][1] += 20;

        assertThat(lead(Members.BOTH, train, test)).isGreaterThan(1.3 * lead(Members.UNWEIGHTED, train, test));
    }

    @Test
    void columns_that_stand_still_at_an_odd_level_score_higher_for_some_rows_than_without_hold() {
        double[][] train = rows(1, 3_000, 1);
        double[][] test = rows(2, 400, 1);
        for (int t = 300; t < test.length; t++) {
            test[t] = new double[] {62, 32, 0};
        }

        double[] held = scores(Members.BOTH, train, test);
        double[] unheld = scores(Members.UNHELD, train, test);

        assertThat(mean(held, 200, 300)).isLessThan(1.1 * mean(unheld, 200, 300));
        assertThat(mean(held, 310, 320)).isGreaterThan(1.5 * mean(unheld, 310, 320));
    }

    /** How much higher the fault of row 2,900 scores than the rows before it. */
    private static double lead(Members members, double[][] train, double[][] test) {
        double[] scores = scores(members, train, test);
        return scores[2_900] / mean(scores, 2_800, 2_900);
    }

    private static double mean(double[] scores, int from, int to) {
        return Arrays.stream(scores, from, to).average().orElseThrow();
    }

    private static double[] scores(Members members, double[][] train, double[][] test) {
        StreamModel model =
                StreamTrainer.ablation(members).train(List.of("a", "b", "c"), train, "synthetic", Instant.EPOCH);
        StreamState state = model.newState();
        for (double[] row : train) {
            model.score(state, row, true);
        }
        double[] scores = new double[test.length];
        for (int t = 0; t < test.length; t++) {
            scores[t] = model.score(state, test[t], true).raw();
        }
        return scores;
    }

    /** Three columns of noise; the first has {@code noise} times as much of it. */
    private static double[][] rows(long seed, int count, double noise) {
        Random random = new Random(seed);
        double[][] rows = new double[count][3];
        for (double[] row : rows) {
            row[0] = 50 + noise * random.nextGaussian();
            row[1] = 20 + random.nextGaussian();
            row[2] = random.nextGaussian();
        }
        return rows;
    }

    private static StreamState state() {
        StreamState state = new StreamState();
        state.level = new double[1];
        state.before = new double[1];
        return state;
    }
}
