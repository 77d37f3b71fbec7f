package io.homeostat.detector.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** front calls shop and search; both call the store; mail is called by nobody here. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OriginRankingTest {
    @Test
    void the_deepest_component_that_callers_wait_for_is_the_origin() {
        List<Suspect> ranked = rank(
                component("front", 0.1, 0.5, 1000, "shop", "search"),
                component("shop", 0.05, 0.45, 500, "store"),
                component("search", 0.05, 0.45, 500, "store"),
                component("store", 0.01, 0.41, 1000),
                component("mail", 0.1, 9, 1000));

        assertThat(ranked.get(0).component()).isEqualTo("store");
        assertThat(ranked.get(0).share()).isGreaterThan(0.9);
        assertThat(ranked.get(0).reason()).contains("latency").contains("window 0");
        assertThat(ranked).extracting(Suspect::component).doesNotContain("mail");
    }

    @Test
    void a_component_whose_callees_are_well_is_the_origin_itself() {
        List<Suspect> ranked = rank(
                component("front", 0.1, 0.5, 1000, "shop", "search"),
                component("shop", 0.05, 0.85, 500, "store"),
                component("search", 0.05, 0.05, 500, "store"),
                component("store", 0.01, 0.011, 1000));

        assertThat(ranked.get(0).component()).isEqualTo("shop");
    }

    @Test
    void a_callee_that_was_never_seen_before_is_a_change_of_its_caller() {
        Evidence unseen =
                new Evidence(new double[0], new double[0], new double[] {3, 3}, new double[] {500, 500}, 1e-6);
        List<Suspect> ranked = rank(
                component("front", 0.1, 0.5, 1000, "shop"),
                component("shop", 0.05, 0.85, 500, "added"),
                new Component("added", List.of(), Map.of("latency", unseen)));

        assertThat(ranked.get(0).component()).isEqualTo("shop");
        assertThat(ranked).filteredOn(s -> s.component().equals("added")).allMatch(s -> s.share() == 0);
    }

    @Test
    void a_few_slow_requests_do_not_outweigh_what_the_symptom_waits_for() {
        List<Suspect> ranked = rank(
                component("front", 0.1, 0.5, 1000, "rare", "store"),
                component("rare", 1, 5, 3),
                component("store", 0.01, 0.41, 1000));

        assertThat(ranked).extracting(Suspect::component).startsWith("store", "rare");
    }

    @Test
    void another_kind_of_evidence_adds_to_the_suspicion() {
        Component plain = component("a", 0.1, 0.3, 100);
        Component failing = new Component(
                "b",
                List.of(),
                Map.of(
                        "latency",
                        latency(0.1, 0.3, 100),
                        "errors logged",
                        new Evidence(
                                new double[] {0, 0}, new double[0], new double[] {5, 5}, new double[] {1, 1}, 0.1)));

        List<Suspect> ranked = rank(component("front", 0.1, 0.5, 1000, "a", "b"), plain, failing);

        assertThat(ranked.stream().map(Suspect::component).filter(c -> !c.equals("front")))
                .startsWith("b", "a");
    }

    @Test
    void among_replicas_the_one_that_differs_from_its_peers_is_the_origin() {
        // All three are slower than before, one of them most: a load surge and a slow disk.
        Evidence n1 = latency(0.01, 0.03, 100);
        Evidence n2 = latency(0.01, 0.09, 100);
        Evidence n3 = latency(0.01, 0.03, 100);
        List<Component> replicas = List.of(
                new Component("ledger", List.of("n1", "n2", "n3"), Map.of()),
                new Component("n1", List.of(), Map.of("latency", n1.against(List.of(n2, n3)))),
                new Component("n2", List.of(), Map.of("latency", n2.against(List.of(n1, n3)))),
                new Component("n3", List.of(), Map.of("latency", n3.against(List.of(n1, n2)))));

        List<Suspect> ranked = OriginRanking.rank("ledger", "latency", replicas);

        assertThat(ranked.get(0).component()).isEqualTo("n2");
        assertThat(ranked.get(0).share()).isEqualTo(1);
    }

    @Test
    void circles_of_calls_end_and_an_unknown_symptom_is_refused() {
        assertThat(rank(component("front", 0.1, 0.5, 10, "shop"), component("shop", 0.1, 0.5, 10, "front")))
                .hasSize(2);
        assertThatThrownBy(() -> OriginRanking.rank("nobody", "latency", List.of()))
                .hasMessageContaining("nobody");
    }

    private static List<Suspect> rank(Component... components) {
        return OriginRanking.rank("front", "latency", List.of(components));
    }

    private static Component component(String name, double before, double after, double volume, String... calls) {
        return new Component(name, List.of(calls), Map.of("latency", latency(before, after, volume)));
    }

    private static Evidence latency(double before, double after, double volume) {
        return new Evidence(
                new double[] {before, before * 1.02, Double.NaN},
                new double[0],
                new double[] {after, after, after},
                new double[] {volume, volume, volume},
                1e-6);
    }
}
