package io.homeostat.detector.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TailTest {
    private final AlarmLimits limits = AlarmLimits.defaults();

    @Test
    void a_surprise_of_three_decades_comes_about_once_in_a_thousand_normal_scores() {
        Random random = new Random(1);
        TailState state = Tail.start(limits.bufferRows());
        for (int i = 0; i < limits.bufferRows(); i++) {
            Tail.take(state, exponential(random), limits);
        }

        int above = 0;
        int rows = 200_000;
        for (int i = 0; i < rows; i++) {
            above += Tail.surprise(state, exponential(random)) > 3 ? 1 : 0;
        }

        assertThat(above / (rows / 1_000.0)).isBetween(0.25, 4.0);
    }

    @Test
    void surprise_rises_with_the_score_without_end_and_threshold_is_its_inverse() {
        Random random = new Random(2);
        TailState state = Tail.start(500);
        for (int i = 0; i < 500; i++) {
            Tail.take(state, random.nextDouble(), limits);
        }

        double before = 0;
        for (double score = 0.8; score < 1e6; score = score * 1.3 + 0.01) {
            double surprise = Tail.surprise(state, score);
            assertThat(surprise).isGreaterThan(before);
            before = surprise;
        }
        assertThat(Tail.surprise(state, Tail.threshold(state, 4))).isBetween(3.999, 4.001);
    }

    @Test
    void faults_that_nobody_marked_in_a_hundredth_of_the_training_do_not_hide_the_next_one() {
        Random random = new Random(3);
        TailState clean = Tail.start(limits.bufferRows());
        TailState marred = Tail.start(limits.bufferRows());
        for (int i = 0; i < limits.bufferRows(); i++) {
            double score = exponential(random);
            Tail.remember(clean, score);
            Tail.remember(marred, i % 100 == 0 ? 1_000 + score : score);
        }
        Tail.fit(clean, limits);
        Tail.fit(marred, limits);

        assertThat(Tail.threshold(marred, 4) / Tail.threshold(clean, 4)).isBetween(1.0, 1.3);
    }

    @Test
    void scores_that_are_all_alike_make_a_tail_too() {
        TailState state = Tail.start(100);
        for (int i = 0; i < 100; i++) {
            Tail.take(state, 0, limits);
        }

        assertThat(Tail.surprise(state, 0)).isLessThan(3);
        assertThat(Tail.threshold(state, 4)).isPositive().isFinite();
        assertThat(Tail.surprise(state, 1)).isGreaterThan(3).isFinite();
    }

    @Test
    void the_budget_becomes_a_probability_of_a_row() {
        assertThat(limits.rowProbability()).isBetween(0.99 / 10_080, 1.01 / 10_080);
        assertThat(limits.withBudget(2, 300).rowProbability()).isBetween(0.99 / 1_008, 1.01 / 1_008);
        assertThatThrownBy(() -> limits.withBudget(0, 60)).hasMessageContaining("budgetPerWeek must lie in");
        assertThatThrownBy(() -> limits.withBudget(1, 0)).hasMessageContaining("rowSeconds must lie in");
    }

    private static double exponential(Random random) {
        return -Math.log(1 - random.nextDouble());
    }
}
