package io.homeostat.detector.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.Direction;
import io.homeostat.events.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Each test tells the windows of a small cluster, second by second, and reads the verdicts. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AnomalyPolicyTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final String COMMIT = "ledger.commit.duration p99";
    private final SignalCatalog catalog = SignalCatalog.standard();
    private final PolicyLimits limits = PolicyLimits.defaults();
    private final AnomalyPolicy policy = new AnomalyPolicy(catalog, limits, Set.copyOf(NODES));
    private final ClusterTrack track = new ClusterTrack();
    private final Random random = new Random(3);
    private final List<String> told = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();
    private Optional<Scoring> scoring = Optional.empty();
    private RuleBook rules = RuleBook.none();
    private long second = 100;

    @Test
    void a_clean_run_says_nothing() {
        seconds(50, Map.of());

        assertThat(told).isEmpty();
    }

    @Test
    void a_divergent_node_is_raised_once_and_cleared_after_the_last_of_its_normal_windows() {
        seconds(3, Map.of());
        seconds(5, Map.of("n2", Map.of("node.divergent", 1.0)));
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL");

        seconds(limits.clearWindows() - 1, Map.of());
        assertThat(told).hasSize(1);
        seconds(1, Map.of());
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL", "clear n2 DIVERGENCE");
        seconds(1, Map.of("n2", Map.of("node.divergent", 1.0)));
        assertThat(told).hasSize(3);
    }

    @Test
    void the_digest_of_the_majority_alone_also_raises_divergence_and_holds_it_open() {
        seconds(3, Map.of("n2", Map.of("ledger.digest.divergent", 0.0)));
        seconds(1, Map.of("n2", Map.of("ledger.digest.divergent", 1.0)));
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL");

        seconds(5, Map.of("n2", Map.of("ledger.digest.divergent", 1.0)));
        assertThat(told).hasSize(1);
    }

    @Test
    void the_finding_says_what_was_expected_and_what_the_peers_had() {
        seconds(3, Map.of());
        seconds(1, Map.of("n2", Map.of("node.divergent", 1.0)));

        Finding finding = ((Decision.Raise) decisions.get(0)).finding();
        assertThat(finding.expected()).isZero();
        assertThat(finding.observed()).isEqualTo(1);
        assertThat(finding.direction()).isEqualTo(Direction.ABOVE);
        assertThat(finding.peers()).containsExactlyInAnyOrderEntriesOf(Map.of("n1", 0.0, "n3", 0.0));
        assertThat(finding.modelId()).isEqualTo("rule:node.divergent");
        assertThat(finding.provenanceDigest()).hasSize(64);
    }

    @Test
    void an_early_look_raises_at_once_and_the_end_of_the_window_does_not_repeat_it() {
        seconds(3, Map.of());
        NodeWindow window = window("n2", Map.of("node.divergent", 1.0));

        tell(policy.early(track, window, rules));
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL");
        tell(policy.early(track, window, rules));
        seconds(1, Map.of("n2", Map.of("node.divergent", 1.0)));
        assertThat(told).hasSize(1);
    }

    @Test
    void an_early_look_at_a_node_that_was_never_up_or_is_fenced_says_nothing() {
        tell(policy.early(track, window("n2", Map.of("node.divergent", 1.0)), rules));
        seconds(3, Map.of("n2", Map.of("node.fenced", 1.0)));
        tell(policy.early(track, window("n2", Map.of("node.divergent", 1.0)), rules));

        assertThat(told).isEmpty();
    }

    @Test
    void the_same_windows_give_the_same_anomaly_id_and_another_window_another() {
        ClusterTrack first = armed();
        ClusterTrack second = armed();
        NodeWindow window = window("n2", Map.of("node.divergent", 1.0));
        NodeWindow later = new NodeWindow(
                "n2",
                window.startMillis() + 1_000,
                window.endMillis() + 1_000,
                true,
                0,
                window.values(),
                List.of(),
                List.of());

        String id = id(policy.early(first, window, rules));

        assertThat(id(policy.early(second, window, rules))).isEqualTo(id);
        assertThat(id(policy.early(armed(), later, rules))).isNotEqualTo(id);
    }

    @Test
    void a_dead_log_counts_while_the_node_answers_and_not_while_it_does_not() {
        seconds(3, Map.of());
        seconds(1, Map.of("n1", Map.of("node.raft.log.alive", 0.0, "node.up", 0.0)));
        assertThat(told).isEmpty();
        seconds(1, Map.of("n1", Map.of("node.raft.log.alive", 0.0)));
        assertThat(told).containsExactly("raise n1 DEAD_LOG CRITICAL");
    }

    @Test
    void an_ended_process_is_a_crash_and_neither_a_dead_log_nor_silence_while_it_starts_again() {
        seconds(3, Map.of());
        seconds(2, Map.of("n3", Map.of("node.process.alive", 0.0, "node.up", 0.0, "node.raft.log.alive", 0.0)));
        seconds(8, Map.of("n3", Map.of("node.up", 0.0, "node.raft.log.alive", 0.0)));
        assertThat(told).containsExactly("raise n3 CRASH CRITICAL");

        seconds(limits.clearWindows(), Map.of());
        assertThat(told).containsExactly("raise n3 CRASH CRITICAL", "clear n3 CRASH");
    }

    @Test
    void a_hung_node_is_silent_after_two_windows_and_not_after_one() {
        seconds(3, Map.of());
        seconds(1, Map.of("n1", Map.of("node.up", 0.0)));
        seconds(1, Map.of());
        seconds(1, Map.of("n1", Map.of("node.up", 0.0)));
        assertThat(told).isEmpty();
        seconds(1, Map.of("n1", Map.of("node.up", 0.0)));
        assertThat(told).containsExactly("raise n1 SILENCE CRITICAL");
    }

    @Test
    void a_node_without_telemetry_is_silent_at_the_bound_and_not_one_window_before() {
        seconds(3, Map.of());
        without("n3", limits.silenceWindows() - 1);
        assertThat(told).isEmpty();
        without("n3", 1);
        assertThat(told).containsExactly("raise n3 SILENCE CRITICAL");

        without("n3", 10);
        seconds(limits.clearWindows(), Map.of());
        assertThat(told).containsExactly("raise n3 SILENCE CRITICAL", "clear n3 SILENCE");
    }

    @Test
    void a_node_that_was_never_up_is_starting_and_not_silent() {
        for (int i = 0; i < 20; i++) {
            seconds(1, Map.of("n3", Map.of("node.up", 0.0, "node.process.alive", i % 2 == 0 ? 0.0 : 1.0)));
        }
        without("n3", 20);

        assertThat(told).isEmpty();
    }

    @Test
    void a_whole_cluster_that_stops_raises_nothing() {
        seconds(10, Map.of());
        Map<String, Double> ended = Map.of("node.up", 0.0, "node.process.alive", 0.0);
        seconds(1, Map.of("n1", ended, "n2", ended, "n3", ended));
        judge(new TreeMap<>(Map.of("n1", values("n1", ended))));
        judge(new TreeMap<>(Map.of("n1", values("n1", ended))));
        judge(new TreeMap<>(Map.of("n1", values("n1", ended))));
        judge(new TreeMap<>(Map.of("n1", values("n1", ended))));

        assertThat(told).isEmpty();
    }

    @Test
    void two_crashed_nodes_of_three_are_both_raised() {
        seconds(3, Map.of());
        Map<String, Double> ended = Map.of("node.up", 0.0, "node.process.alive", 0.0);
        seconds(1, Map.of("n1", ended, "n2", ended));

        assertThat(told).containsExactly("raise n1 CRASH CRITICAL", "raise n2 CRASH CRITICAL");
    }

    @Test
    void a_fenced_node_is_not_judged_until_it_was_up_again() {
        seconds(3, Map.of());
        Map<String, Double> fenced = Map.of("node.fenced", 1.0, "node.up", 0.0, "node.process.alive", 0.0);
        seconds(5, Map.of("n2", fenced));
        without("n2", 5);
        seconds(3, Map.of("n2", Map.of("node.up", 0.0, "node.process.alive", 0.0)));
        assertThat(told).isEmpty();

        seconds(1, Map.of());
        seconds(1, Map.of("n2", Map.of("node.process.alive", 0.0)));
        assertThat(told).containsExactly("raise n2 CRASH CRITICAL");
    }

    @Test
    void a_divergent_node_that_is_stopped_and_rebuilt_stays_one_anomaly_until_it_is_up_and_equal() {
        seconds(3, Map.of());
        seconds(2, Map.of("n2", Map.of("node.divergent", 1.0)));
        seconds(2, Map.of("n2", Map.of("node.fenced", 1.0, "node.up", 0.0, "node.process.alive", 0.0)));
        seconds(5, Map.of("n2", Map.of("node.up", 0.0, "node.process.alive", 0.0)));
        seconds(5, Map.of("n2", Map.of("node.up", 0.0)));
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL");

        seconds(limits.clearWindows(), Map.of());
        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL", "clear n2 DIVERGENCE");
    }

    @Test
    void a_window_that_misses_the_signal_neither_clears_nor_resets() {
        seconds(3, Map.of());
        seconds(1, Map.of("n2", Map.of("node.divergent", 1.0)));
        seconds(limits.clearWindows() - 1, Map.of());
        TreeMap<String, Map<String, Double>> nodes = all(Map.of());
        nodes.get("n2").remove("node.divergent");
        judge(nodes);
        assertThat(told).hasSize(1);
        seconds(1, Map.of());
        assertThat(told).hasSize(2);
    }

    @Test
    void slowness_of_one_node_warns_after_m_of_n_windows_and_clears() {
        train();
        Map<String, Map<String, Double>> slow = Map.of("n1", Map.of(COMMIT, 3.0));
        seconds(limits.softHits() - 1, slow);
        assertThat(told).isEmpty();
        seconds(1, slow);
        assertThat(told).containsExactly("raise n1 SLOWNESS WARNING");

        Finding finding = ((Decision.Raise) decisions.get(0)).finding();
        assertThat(finding.signal()).isEqualTo(COMMIT);
        assertThat(finding.score()).isGreaterThan(finding.threshold());
        assertThat(finding.modelId()).startsWith("mahalanobis-");
        assertThat(finding.peers()).containsOnlyKeys("n2", "n3");
        seconds(limits.clearWindows(), Map.of());
        assertThat(told).containsExactly("raise n1 SLOWNESS WARNING", "clear n1 SLOWNESS");
    }

    @Test
    void a_few_slow_windows_that_are_too_far_apart_do_not_warn() {
        train();
        for (int i = 0; i < 10; i++) {
            seconds(limits.softHits() - 1, Map.of("n1", Map.of(COMMIT, 3.0)));
            seconds(limits.softWindows() - limits.softHits() + 1, Map.of());
        }

        assertThat(told).isEmpty();
    }

    @Test
    void a_cluster_that_is_slow_as_a_whole_blames_no_node() {
        train();
        seconds(20, Map.of("n1", Map.of(COMMIT, 3.0), "n2", Map.of(COMMIT, 3.1), "n3", Map.of(COMMIT, 2.9)));

        assertThat(told).isEmpty();
    }

    @Test
    void slowness_beside_an_open_critical_anomaly_is_an_echo_and_not_told() {
        train();
        for (int i = 0; i < 10; i++) {
            seconds(1, Map.of("n2", Map.of("node.divergent", 1.0), "n1", Map.of(COMMIT, 3.0)));
        }

        assertThat(told).containsExactly("raise n2 DIVERGENCE CRITICAL");
        assertThat(decisions.stream()
                        .filter(Decision.Raise.class::isInstance)
                        .map(d -> ((Decision.Raise) d).finding().severity()))
                .containsOnly(Severity.CRITICAL);
    }

    @Test
    void only_quiet_windows_of_nodes_that_are_up_teach_the_model() {
        seconds(3, Map.of());
        assertThat(policy.clean(track, lastWindow, "n1", rules)).isTrue();
        seconds(1, Map.of("n1", Map.of("node.up", 0.0)));
        assertThat(policy.clean(track, lastWindow, "n1", rules)).isFalse();
        assertThat(policy.clean(track, lastWindow, "n2", rules)).isTrue();
        seconds(1, Map.of("n3", Map.of("node.divergent", 1.0)));
        assertThat(policy.clean(track, lastWindow, "n2", rules)).isFalse();
    }

    private ClusterWindow lastWindow = new ClusterWindow(0, 0, new TreeMap<>());

    private void train() {
        List<BaselineRow> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            for (String node : NODES) {
                rows.add(new BaselineRow(node, i * 1_000L, values(node, Map.of())));
            }
        }
        AnomalyModel model = AnomalyModel.train(catalog, rows);
        scoring = Optional.of(new Scoring(model, model.newCenter()));
        seconds(limits.warmupWindows() + 1, Map.of());
        assertThat(told).isEmpty();
    }

    private ClusterTrack armed() {
        ClusterTrack other = new ClusterTrack();
        TreeMap<String, NodeWindow> windows = new TreeMap<>();
        NODES.forEach(node -> windows.put(
                node, new NodeWindow(node, 0, 1_000, false, 1_000, values(node, Map.of()), List.of(), List.of())));
        policy.judge(other, new ClusterWindow(0, 1_000, windows), Optional.empty(), rules);
        return other;
    }

    private static String id(List<Decision> raised) {
        return ((Decision.Raise) raised.get(0)).anomalyId();
    }

    private void seconds(int count, Map<String, Map<String, Double>> changed) {
        for (int i = 0; i < count; i++) {
            judge(all(changed));
        }
    }

    private void without(String node, int count) {
        for (int i = 0; i < count; i++) {
            TreeMap<String, Map<String, Double>> nodes = all(Map.of());
            nodes.remove(node);
            judge(nodes);
        }
    }

    private TreeMap<String, Map<String, Double>> all(Map<String, Map<String, Double>> changed) {
        TreeMap<String, Map<String, Double>> nodes = new TreeMap<>();
        NODES.forEach(node -> nodes.put(node, values(node, changed.getOrDefault(node, Map.of()))));
        return nodes;
    }

    private Map<String, Double> values(String node, Map<String, Double> changed) {
        Map<String, Double> values = new HashMap<>();
        values.put("node.up", 1.0);
        values.put("node.process.alive", 1.0);
        values.put("node.raft.log.alive", 1.0);
        values.put("node.divergent", 0.0);
        values.put("node.fenced", 0.0);
        values.put(COMMIT, 0.010 + 0.002 * random.nextDouble());
        values.put("ledger.transfers rate", 900 + 200 * random.nextDouble());
        values.put("ledger.apply.lag", (double) random.nextInt(20));
        values.putAll(changed);
        return values;
    }

    private NodeWindow window(String node, Map<String, Double> values) {
        return new NodeWindow(
                node, second * 1_000, second * 1_000 + 1_000, true, second * 1_000, values, List.of(), List.of());
    }

    private void judge(TreeMap<String, Map<String, Double>> values) {
        long start = second++ * 1_000;
        TreeMap<String, NodeWindow> windows = new TreeMap<>();
        values.forEach((node, of) -> windows.put(
                node, new NodeWindow(node, start, start + 1_000, false, start + 1_000, of, List.of(), List.of())));
        lastWindow = new ClusterWindow(start, start + 1_000, windows);
        tell(policy.judge(track, lastWindow, scoring, rules));
    }

    private void tell(List<Decision> made) {
        decisions.addAll(made);
        for (Decision decision : made) {
            if (decision instanceof Decision.Raise raise) {
                told.add("raise " + raise.node() + " " + raise.finding().cause() + " "
                        + raise.finding().severity());
            } else if (decision instanceof Decision.Clear clear) {
                told.add("clear " + clear.node() + " " + clear.cause());
            }
        }
    }
}
