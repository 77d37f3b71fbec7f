package io.homeostat.detector.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.Stretch;
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
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Minutes of three nodes whose leader is slower than its followers, and what grows too slowly for one second to show. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DriftTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final String COMMIT = "ledger.commit.duration p99";
    private static final String QUEUE = "ledger.queue.depth";
    private static final String WORK = "ledger.transfers rate";
    /** Before anything is judged: the windows fill, the scores calibrate. */
    private static final int SETTLED = 400;

    private final SignalCatalog catalog = SignalCatalog.standard();
    private final AnomalyPolicy policy = new AnomalyPolicy(catalog, PolicyLimits.defaults(), Set.copyOf(NODES));
    private final ClusterTrack track = new ClusterTrack();
    private final Random random = new Random(17);
    private final List<Decision.Raise> raised = new ArrayList<>();
    private final List<Decision.Hold> held = new ArrayList<>();
    private final List<Decision.Clear> cleared = new ArrayList<>();
    private final Scoring scoring;
    private RuleBook rules = RuleBook.none();
    private long second;

    DriftTest() {
        List<BaselineRow> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            for (String node : NODES) {
                rows.add(new BaselineRow(node, i * 1_000L, values(node)));
            }
        }
        AnomalyModel model = AnomalyModel.train(catalog, rows);
        scoring = new Scoring(model, model.newCenter());
        run(SETTLED, Map.of());
    }

    @Test
    void a_calm_hour_says_nothing() {
        // -Ddrift.seconds=604800 is a week
        run(Integer.getInteger("drift.seconds", 3_600), Map.of());

        assertThat(raised).isEmpty();
    }

    @Test
    void a_slow_ramp_is_raised_once_with_the_time_that_is_left_and_is_over_when_it_has_gone_back() {
        // 0.22 ms a second: more than an hour to the limit of 1 s.
        run(160, Map.of("n2/" + COMMIT, t -> 0.010 + 0.00022 * t));

        assertThat(raised).hasSize(1);
        Finding finding = raised.get(0).finding();
        assertThat(finding.node()).isEqualTo("n2");
        assertThat(finding.modelId()).isEqualTo("drift-60s");
        assertThat(finding.signal()).isEqualTo(COMMIT);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.direction()).isEqualTo(Direction.ABOVE);
        assertThat(finding.observed()).isGreaterThan(finding.expected() + 0.004);
        assertThat(finding.score()).isGreaterThan(finding.threshold());
        assertThat(finding.leadMillis()).as("nothing within the hour").isEqualTo(-1);

        run(100, Map.of("n2/" + COMMIT, t -> 0.045));
        assertThat(cleared).as("it has not gone back").isEmpty();
        run(20, Map.of());
        assertThat(cleared).hasSize(1);
        assertThat(raised).as("no second alert for the same drift").hasSize(1);
    }

    @Test
    void a_ramp_towards_its_limit_names_the_minutes_left() {
        // 5 ms a second reach 1 s after 200 s.
        run(30, Map.of("n2/" + COMMIT, t -> 0.010 + 0.005 * t));

        assertThat(raised).isNotEmpty();
        assertThat(raised.get(0).finding().leadMillis()).isBetween(30_000L, 1_000_000L);
    }

    @Test
    void a_small_step_is_raised_within_three_windows_of_five_seconds_though_no_second_is_odd_enough() {
        run(3 * Stretch.SHORT, Map.of("n3/" + COMMIT, t -> 0.022));

        assertThat(raised).hasSize(1);
        assertThat(raised.get(0).finding().modelId()).isEqualTo("drift-5s");
        assertThat(raised.get(0).finding().node()).isEqualTo("n3");
        assertThat(raised.get(0).finding().peers()).containsOnlyKeys("n1", "n2");
    }

    @Test
    void a_spike_of_three_seconds_is_neither_a_step_nor_a_ramp() {
        run(60, Map.of("n2/" + COMMIT, t -> t >= 20 && t < 23 ? 0.06 : 0.011));

        assertThat(raised).isEmpty();
    }

    @Test
    void what_all_nodes_do_and_what_a_surge_of_work_does_to_the_leader_is_no_drift() {
        run(
                100,
                Map.of(
                        "n1/" + COMMIT, t -> 0.020 + 0.0003 * t,
                        "n2/" + COMMIT, t -> 0.010 + 0.0003 * t,
                        "n3/" + COMMIT, t -> 0.010 + 0.0003 * t));
        assertThat(raised).isEmpty();

        run(100, Map.of());
        run(
                120,
                Map.of(
                        "n1/" + QUEUE, t -> 150,
                        "n1/" + WORK, t -> 1_700,
                        "n2/" + WORK, t -> 1_700,
                        "n3/" + WORK, t -> 1_700));
        assertThat(raised).isEmpty();
    }

    @Test
    void a_drift_in_maintenance_is_held_and_raised_at_its_end_if_it_lasts() {
        rules = RuleBook.of(List.of(FeedbackRule.of(
                FeedbackRule.Kind.MAINTENANCE, "n3", "", "", 0, 0, (second + 60) * 1_000, "", "ann", "disk swap", "")));
        run(50, Map.of("n3/" + COMMIT, t -> 0.024));
        assertThat(raised).isEmpty();
        assertThat(held).hasSize(1);

        run(40, Map.of("n3/" + COMMIT, t -> 0.024));
        assertThat(raised).hasSize(1);
        assertThat(raised.get(0).finding().onsetMillis())
                .isEqualTo(held.get(0).finding().onsetMillis());
    }

    @Test
    void what_is_remembered_of_a_node_does_not_grow() {
        run(300, Map.of());

        track.nodes
                .values()
                .forEach(node -> node.seconds
                        .values()
                        .forEach(seconds -> assertThat(seconds).hasSize(Stretch.LONG)));
        assertThat(track.steps.scores).hasSameSizeAs(track.ramps.scores).hasSize(512);
    }

    /** @param changed value of {@code node/signal} by the seconds since this call */
    private void run(int seconds, Map<String, DoubleUnaryOperator> changed) {
        for (int i = 0; i < seconds; i++) {
            long start = second++ * 1_000;
            TreeMap<String, NodeWindow> windows = new TreeMap<>();
            for (String node : NODES) {
                Map<String, Double> values = values(node);
                int at = i;
                changed.forEach((key, value) -> {
                    if (key.startsWith(node + "/")) {
                        values.put(
                                key.substring(node.length() + 1),
                                value.applyAsDouble(at) * (1 + 0.05 * random.nextGaussian()));
                    }
                });
                windows.put(
                        node,
                        new NodeWindow(node, start, start + 1_000, false, start + 1_000, values, List.of(), List.of()));
            }
            ClusterWindow window = new ClusterWindow(start, start + 1_000, windows);
            for (Decision decision : policy.judge(track, window, Optional.of(scoring), rules)) {
                if (decision instanceof Decision.Raise raise) {
                    raised.add(raise);
                } else if (decision instanceof Decision.Hold hold) {
                    held.add(hold);
                } else if (decision instanceof Decision.Clear clear) {
                    cleared.add(clear);
                }
            }
        }
    }

    private Map<String, Double> values(String node) {
        boolean leads = node.equals("n1");
        Map<String, Double> values = new HashMap<>();
        values.put("node.up", 1.0);
        values.put("node.process.alive", 1.0);
        values.put("node.fenced", 0.0);
        values.put(COMMIT, (leads ? 0.020 : 0.010) * (1 + 0.1 * random.nextGaussian()));
        values.put(QUEUE, leads ? 40.0 + random.nextInt(40) : random.nextInt(3));
        values.put(WORK, 1_000 + 50 * random.nextGaussian());
        values.put("ledger.apply.lag", (double) random.nextInt(20));
        return values;
    }
}
