package io.homeostat.detector.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.homeostat.events.Cause;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SignalCatalogTest {
    private static final String HEAD = "services: [s]\nsignals:\n";

    @Test
    void only_the_hard_causes_are_critical_in_the_catalog_of_the_jar() {
        SignalCatalog catalog = SignalCatalog.standard();

        assertThat(catalog.signals().stream().filter(Signal::critical).map(Signal::cause))
                .containsOnly(Cause.DIVERGENCE, Cause.DEAD_LOG, Cause.CRASH, Cause.SILENCE);
        assertThat(catalog.signals().stream().filter(Signal::modelled)).noneMatch(Signal::critical);
        assertThat(catalog.features()).contains("ledger.commit.duration p99").isSorted();
        assertThat(catalog.covers("homeostat-ledger")).isTrue();
        assertThat(catalog.covers("someone-else")).isFalse();
    }

    @Test
    void an_unknown_key_is_refused_with_the_name_of_its_signal() {
        assertThatThrownBy(() ->
                        SignalCatalog.parse(HEAD + "  - {name: a, metric: m, unit: s, statistic: last, colour: red}\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a'")
                .hasMessageContaining("colour");
    }

    @Test
    void a_critical_signal_without_a_rule_is_refused_because_a_model_alone_never_isolates() {
        assertThatThrownBy(
                        () -> SignalCatalog.parse(
                                HEAD
                                        + "  - {name: a, metric: m, unit: s, statistic: last, critical: true, model: true, floor: 1}\n"))
                .hasMessageContaining("must have a rule");
    }

    @Test
    void a_modelled_signal_needs_the_least_difference_that_matters() {
        assertThatThrownBy(() ->
                        SignalCatalog.parse(HEAD + "  - {name: a, metric: m, unit: s, statistic: last, model: true}\n"))
                .hasMessageContaining("floor");
    }

    @Test
    void a_rule_names_one_side_and_only_known_signals() {
        assertThatThrownBy(() -> SignalCatalog.parse(
                        HEAD + "  - {name: a, metric: m, unit: s, statistic: last, rule: {above: 1, below: 0}}\n"))
                .hasMessageContaining("exactly one");
        assertThatThrownBy(
                        () -> SignalCatalog.parse(
                                HEAD
                                        + "  - {name: a, metric: m, unit: s, statistic: last, rule: {above: 1, when: [{signal: b, above: 0}]}}\n"))
                .hasMessageContaining("unknown signal 'b'");
    }

    @Test
    void a_quantile_lies_strictly_between_zero_and_one() {
        String signal = HEAD + "  - {name: a, metric: m, unit: s, statistic: quantile, quantile: %s}\n";

        assertThat(SignalCatalog.parse(signal.formatted("0.999")).require("a").quantile())
                .isEqualTo(0.999);
        assertThatThrownBy(() -> SignalCatalog.parse(signal.formatted("1"))).hasMessageContaining("quantile");
        assertThatThrownBy(() -> SignalCatalog.parse(signal.formatted("0"))).hasMessageContaining("quantile");
    }

    @Test
    void a_rule_fires_beyond_its_bound_and_not_on_it() {
        Rule above = SignalCatalog.standard().require("node.divergent").rule().orElseThrow();

        assertThat(above.violatedBy(0)).isFalse();
        assertThat(above.violatedBy(Math.ulp(0.0))).isTrue();
    }

    @Test
    void the_transform_keeps_small_values_and_turns_big_ones_into_ratios() {
        Signal signal = SignalCatalog.standard().require("ledger.commit.duration p99");

        assertThat(signal.transform(0.001)).isEqualTo(0.05, within(0.001));
        assertThat(signal.transform(20) - signal.transform(10)).isEqualTo(Math.log(2), within(1e-4));
        assertThat(signal.inverse(signal.transform(0.7))).isEqualTo(0.7, within(1e-12));
    }
}
