package io.homeostat.detector.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StretchTest {
    @Test
    void a_line_has_its_slope_no_scatter_and_its_mean_as_level() {
        double[] line = IntStream.range(0, 60).mapToDouble(i -> 3 + 0.5 * i).toArray();

        Stretch stretch = Stretch.of(line, 0, 60).orElseThrow();

        assertThat(stretch.slope()).isEqualTo(0.5, within(1e-12));
        assertThat(stretch.scatter()).isEqualTo(0, within(1e-9));
        assertThat(stretch.level()).isEqualTo(3 + 0.5 * 29.5, within(1e-12));
        assertThat(stretch.min()).isEqualTo(3);
        assertThat(stretch.max()).isEqualTo(3 + 0.5 * 59);
        assertThat(stretch.median()).isEqualTo(3 + 0.5 * 29);
        assertThat(stretch.high()).isEqualTo(3 + 0.5 * 53);
        assertThat(Stretch.of(line, 55, 60).orElseThrow().level()).isEqualTo(3 + 0.5 * 57, within(1e-12));
    }

    @Test
    void missing_seconds_have_no_say_and_fewer_than_half_say_nothing() {
        double[] line = IntStream.range(0, 10)
                .mapToDouble(i -> i % 2 == 1 ? Double.NaN : 2.0 * i)
                .toArray();

        Stretch stretch = Stretch.of(line, 0, 10).orElseThrow();

        assertThat(stretch.count()).isEqualTo(5);
        assertThat(stretch.slope()).isEqualTo(2, within(1e-12));
        assertThat(Stretch.of(line, 1, 10)).isEmpty();
        assertThat(Stretch.of(line, 1, 2)).isEmpty();
    }

    @Test
    void what_is_kept_is_bounded_and_equals_what_a_window_over_all_seconds_would_say() {
        Random random = new Random(5);
        double[] all = random.doubles(500).toArray();
        double[] kept = new double[0];
        for (double value : all) {
            kept = Stretch.append(kept, value);
            assertThat(kept.length).isLessThanOrEqualTo(Stretch.LONG);
        }

        assertThat(Stretch.of(kept, 0, 60)).isEqualTo(Stretch.of(all, 440, 500));
        assertThat(Stretch.of(kept, 55, 60)).isEqualTo(Stretch.of(all, 495, 500));
        assertThat(Arrays.equals(kept, Arrays.copyOfRange(all, 440, 500))).isTrue();
    }
}
