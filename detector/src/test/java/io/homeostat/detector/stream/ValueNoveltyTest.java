package io.homeostat.detector.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ValueNoveltyTest {
    @Test
    void a_value_that_was_never_near_speaks_and_is_known_from_then_on() {
        ValueNovelty novelty = taught(500, 1);

        double first = novelty.next(9);

        assertThat(first).isGreaterThan(3);
        assertThat(novelty.next(9)).isLessThan(0.5);
        assertThat(novelty.next(8.99)).isLessThan(first / 2);
    }

    @Test
    void a_gap_between_two_levels_is_new_although_it_is_within_the_range() {
        ValueNovelty novelty = new ValueNovelty();
        Random random = new Random(2);
        for (int i = 0; i < 1_000; i++) {
            novelty.next((i % 2 == 0 ? -4 : 4) + random.nextGaussian() / 10);
        }

        assertThat(novelty.next(0)).isGreaterThan(3);
    }

    @Test
    void a_known_range_stays_quiet() {
        ValueNovelty novelty = taught(2_000, 3);
        Random random = new Random(4);
        int loud = 0;
        for (int i = 0; i < 1_000; i++) {
            loud += novelty.next(random.nextGaussian()) > 2.5 ? 1 : 0;
        }

        assertThat(loud).isLessThan(10);
    }

    @Test
    void nothing_is_said_before_enough_is_known_and_a_missing_value_says_and_leaves_nothing() {
        ValueNovelty novelty = new ValueNovelty();
        for (int i = 0; i < 21; i++) {
            assertThat(novelty.next(i * i)).isZero();
        }
        ValueNovelty holed = taught(200, 5);
        ValueNovelty whole = taught(200, 5);

        assertThat(holed.next(Double.NaN)).isZero();
        assertThat(holed.next(0.3)).isEqualTo(whole.next(0.3));
        assertThat(holed.next(Double.POSITIVE_INFINITY)).isNotNaN();
    }

    @Test
    void what_is_older_than_the_memory_is_new_again() {
        ValueNovelty novelty = taught(500, 6);
        novelty.next(50);
        double known = novelty.next(50);
        Random random = new Random(7);
        for (int i = 0; i < ValueNovelty.MEMORY; i++) {
            novelty.next(random.nextGaussian());
        }

        assertThat(known).isLessThan(0.5);
        assertThat(novelty.next(50)).isGreaterThan(3);
    }

    private static ValueNovelty taught(int rows, long seed) {
        ValueNovelty novelty = new ValueNovelty();
        Random random = new Random(seed);
        for (int i = 0; i < rows; i++) {
            novelty.next(random.nextGaussian());
        }
        return novelty;
    }
}
