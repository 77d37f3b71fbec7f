package io.homeostat.detector.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.Sample.Kind;
import io.homeostat.detector.signal.SignalCatalog;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FeatureAccumulatorTest {
    private static final long NONE = Long.MIN_VALUE;
    private static final String RATE = "ledger.transfers rate";
    private static final String P99 = "ledger.commit.duration p99";
    private final WindowLimits limits = WindowLimits.defaults();
    private final FeatureAccumulator accumulator = new FeatureAccumulator(SignalCatalog.standard(), limits);
    private final WindowState state = new WindowState();

    @Test
    void a_counter_becomes_a_rate_over_the_time_between_its_points() {
        add(counter(1_200, 100), NONE);
        add(counter(2_700, 250), NONE);

        assertThat(close(1_000).values()).doesNotContainKey(RATE);
        assertThat(close(2_000).values().get(RATE)).isEqualTo(100, within(1e-9));
    }

    @Test
    void a_restarted_counter_counts_from_zero_and_not_backwards() {
        add(counter(1_000, 1_000), NONE);
        close(1_000);
        add(counter(2_000, 30), NONE);

        assertThat(close(2_000).values().get(RATE)).isEqualTo(30, within(1e-9));
    }

    @Test
    void series_of_one_counter_are_added_and_not_mixed() {
        add(new NodeSamples("n1", 1_000, List.of(counterOf("a", 1_000, 10), counterOf("b", 1_000, 1_000))), NONE);
        close(1_000);
        add(new NodeSamples("n1", 2_000, List.of(counterOf("a", 2_000, 15), counterOf("b", 2_000, 1_020))), NONE);

        assertThat(close(2_000).values().get(RATE)).isEqualTo(25, within(1e-9));
    }

    @Test
    void a_peak_is_the_rate_of_the_worst_series() {
        add(peers(1_000, 3, 10), NONE);
        close(1_000);
        add(peers(2_000, 4, 15), NONE);

        assertThat(close(2_000).values()).containsEntry("peer.refused rate", 5.0);
    }

    private static NodeSamples peers(long time, double one, double two) {
        return new NodeSamples(
                "n1",
                time,
                List.of(
                        Sample.ofNumber("peer.refused rate", "n2", time, 1, Kind.CUMULATIVE, one),
                        Sample.ofNumber("peer.refused rate", "n3", time, 1, Kind.CUMULATIVE, two)));
    }

    @Test
    void a_quantile_is_taken_from_the_growth_of_the_buckets_only() {
        add(histogram(1_000, 1_000, 0, 0), NONE);
        close(1_000);
        add(histogram(2_000, 1_000, 100, 0), NONE);

        assertThat(close(2_000).values().get(P99)).isEqualTo(0.1 + 0.99 * 0.1, within(1e-9));
    }

    @Test
    void a_histogram_without_growth_has_no_quantile() {
        add(histogram(1_000, 5, 5, 5), NONE);
        close(1_000);
        add(histogram(2_000, 5, 5, 5), NONE);

        assertThat(close(2_000).values()).doesNotContainKey(P99);
    }

    @Test
    void a_late_sample_counts_in_the_oldest_open_window_and_does_not_hide_a_newer_one() {
        add(gauge("node.up", 5_100, 1), NONE);

        FeatureAccumulator.Added late = add(gauge("node.up", 4_900, 0), 4_999);

        assertThat(late.windowStart()).isEqualTo(5_000);
        assertThat(late.late()).isEqualTo(1);
        assertThat(close(5_000).values()).containsEntry("node.up", 1.0);
    }

    @Test
    void a_sample_on_the_late_bound_counts_and_one_beyond_is_only_a_sign_of_life() {
        long watermark = 60_000;
        long bound = limits.lateBound().toMillis();

        FeatureAccumulator.Added onBound = add(gauge("node.up", watermark - bound, 1), watermark);
        FeatureAccumulator.Added beyond = add(gauge("node.divergent", watermark - bound - 1, 1), watermark);

        assertThat(onBound.late()).isEqualTo(1);
        assertThat(beyond.dropped()).isEqualTo(1);
        NodeWindow window = close(beyond.windowStart());
        assertThat(window.values()).containsKey("node.up").doesNotContainKey("node.divergent");
    }

    @Test
    void samples_beyond_the_bound_of_a_window_are_dropped_and_counted() {
        FeatureAccumulator narrow = new FeatureAccumulator(
                SignalCatalog.standard(),
                new WindowLimits(limits.outOfOrder(), limits.lateBound(), limits.idle(), 10, 1, 10));

        assertThat(narrow.add(state, gauge("node.up", 1_000, 1), NONE).dropped())
                .isZero();
        assertThat(narrow.add(state, gauge("node.up", 1_001, 1), NONE).dropped())
                .isEqualTo(1);
    }

    @Test
    void series_beyond_the_bound_are_not_remembered() {
        FeatureAccumulator narrow = new FeatureAccumulator(
                SignalCatalog.standard(),
                new WindowLimits(limits.outOfOrder(), limits.lateBound(), limits.idle(), 2, 100, 10));
        for (int i = 0; i < 5; i++) {
            narrow.add(state, new NodeSamples("n1", 1_000, List.of(counterOf("s" + i, 1_000, 1))), NONE);
        }

        narrow.close(state, "n1", 1_000);

        assertThat(state.previous).hasSize(2);
    }

    @Test
    void a_violated_early_rule_is_told_once_per_window() {
        FeatureAccumulator.Added first = add(gauge("node.divergent", 1_100, 1), NONE);

        assertThat(accumulator.early(state, "n1", first.windowStart(), 1_100)).isPresent();
        add(gauge("node.divergent", 1_600, 1), NONE);
        assertThat(accumulator.early(state, "n1", 1_000, 1_600)).isEmpty();
        close(1_000);
        add(gauge("node.divergent", 2_100, 1), NONE);
        assertThat(accumulator.early(state, "n1", 2_000, 2_100)).isPresent();
    }

    @Test
    void a_violated_rule_that_is_not_early_waits_for_the_end_of_the_window() {
        add(gauge("node.process.alive", 1_100, 0), NONE);

        assertThat(accumulator.early(state, "n1", 1_000, 1_100)).isEmpty();
        assertThat(close(1_000).values()).containsEntry("node.process.alive", 0.0);
    }

    @Test
    void a_short_drop_of_the_process_within_a_second_stays_visible() {
        add(gauge("node.process.alive", 1_100, 0), NONE);
        add(gauge("node.process.alive", 1_900, 1), NONE);

        assertThat(close(1_000).values()).containsEntry("node.process.alive", 0.0);
    }

    private FeatureAccumulator.Added add(NodeSamples batch, long watermark) {
        return accumulator.add(state, batch, watermark);
    }

    private NodeWindow close(long start) {
        return accumulator.close(state, "n1", start);
    }

    private static NodeSamples gauge(String signal, long time, double value) {
        return new NodeSamples("n1", time, List.of(Sample.ofNumber(signal, "", time, 0, Kind.GAUGE, value)));
    }

    private static NodeSamples counter(long time, double value) {
        return new NodeSamples("n1", time, List.of(counterOf("", time, value)));
    }

    private static Sample counterOf(String series, long time, double value) {
        return Sample.ofNumber(RATE, series, time, 0, Kind.CUMULATIVE, value);
    }

    private static NodeSamples histogram(long time, long... counts) {
        return new NodeSamples(
                "n1",
                time,
                List.of(new Sample(P99, "", time, 0, Kind.CUMULATIVE_HISTOGRAM, 0, new double[] {0.1, 0.2}, counts)));
    }
}
