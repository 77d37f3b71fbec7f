package io.homeostat.detector.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PeerComparisonTest {
    private final Signal signal = SignalCatalog.standard().require("ledger.commit.duration p99");

    @Test
    void one_bad_node_of_three_stands_out_and_does_not_make_the_good_ones_look_bad() {
        Map<String, Map<String, Double>> values = Map.of("n1", at(0.010), "n2", at(0.900), "n3", at(0.012));

        assertThat(deviation("n2", values)).isGreaterThan(10);
        assertThat(Math.abs(deviation("n1", values))).isLessThan(1);
        assertThat(Math.abs(deviation("n3", values))).isLessThan(1);
    }

    @Test
    void the_expected_value_is_that_of_the_peers_in_their_unit() {
        PeerComparison.Deviation deviation = PeerComparison.of(
                        signal, "n2", Map.of("n1", at(0.010), "n2", at(0.900), "n3", at(0.010)))
                .orElseThrow();

        assertThat(deviation.expected()).isEqualTo(0.010, within(1e-9));
        assertThat(deviation.peers()).containsOnlyKeys("n1", "n3");
    }

    @Test
    void a_difference_below_the_floor_does_not_matter_though_the_peers_are_equal() {
        assertThat(Math.abs(deviation("n2", Map.of("n1", at(0.001), "n2", at(0.004), "n3", at(0.001)))))
                .isLessThan(1);
    }

    @Test
    void the_spread_has_a_floor_and_the_deviation_is_measured_in_it() {
        double moved = signal.inverse(signal.transform(0.010) + 3 * PeerComparison.SPREAD_FLOOR);

        assertThat(deviation("n2", Map.of("n1", at(0.010), "n2", at(moved), "n3", at(0.010))))
                .isEqualTo(3, within(1e-9));
    }

    @Test
    void one_peer_is_no_majority() {
        assertThat(PeerComparison.of(signal, "n2", Map.of("n1", at(0.010), "n2", at(0.900))))
                .isEmpty();
    }

    private double deviation(String node, Map<String, Map<String, Double>> values) {
        return PeerComparison.of(signal, node, values).orElseThrow().deviation();
    }

    private Map<String, Double> at(double value) {
        return Map.of(signal.name(), value);
    }
}
