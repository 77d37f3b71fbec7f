package io.homeostat.detector.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.Cause;
import io.homeostat.events.Severity;
import io.homeostat.events.Suspicion;
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

/** Alerts of three nodes in which n1 leads, and where they are said to have begun. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OriginsTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final String COMMIT = "ledger.commit.duration p99";
    private static final String LAG = "ledger.relay.lag";
    private static final String ERRORS = "log.errors rate";

    private final SignalCatalog catalog = SignalCatalog.standard();
    private final AnomalyPolicy policy = new AnomalyPolicy(catalog, PolicyLimits.defaults(), Set.copyOf(NODES));
    private final Random random = new Random(41);
    private final ClusterTrack track = new ClusterTrack();
    private final Scoring scoring;
    private final List<Finding> findings = new ArrayList<>();
    private final List<List<Suspicion>> origins = new ArrayList<>();
    private ClusterTrack before = track;
    private ClusterWindow window = new ClusterWindow(0, 1_000, new TreeMap<>());
    private long second;

    OriginsTest() {
        List<BaselineRow> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            for (String node : NODES) {
                rows.add(new BaselineRow(node, i * 1_000L, values(node)));
            }
        }
        AnomalyModel model = AnomalyModel.train(catalog, rows);
        scoring = new Scoring(model, model.newCenter());
        run(90, Map.of());
    }

    @Test
    void a_slow_node_is_the_origin_of_its_own_alert() {
        run(8, Map.of("n2/" + COMMIT, 0.4));

        assertThat(findings).hasSize(1);
        assertThat(origins.get(0).get(0).node()).isEqualTo("n2");
        assertThat(origins.get(0).get(0).share()).isGreaterThan(0.9);
        assertThat(origins.get(0).get(0).reason()).contains(COMMIT);
    }

    @Test
    void what_a_leader_waits_for_at_a_slower_follower_is_the_followers() {
        // The follower is slow for two seconds when the leader begins to wait; the leader's alert names the follower.
        run(2, Map.of("n3/" + COMMIT, 0.5));
        run(1, Map.of("n3/" + COMMIT, 0.5, "n1/" + COMMIT, 0.3, "n3/" + ERRORS, 5.0));
        List<Suspicion> ranked = Origins.of(catalog, before, window, finding("n1", COMMIT, window.startMillis()));

        assertThat(ranked.get(0).node()).isEqualTo("n3");
        assertThat(ranked.get(0).onsetMillis()).isBetween(0L, window.startMillis());
    }

    @Test
    void every_alert_of_a_partition_names_the_node_that_is_cut_off() {
        for (int i = 0; i < 20; i++) {
            // The leader and the other follower wait for the third again and again; it says nothing.
            run(6, Map.of("n1/" + COMMIT, 0.5, "n2/" + LAG, 20_000.0), "n3");
            run(4, Map.of(), "n3");
            for (String waiting : List.of("n1", "n2")) {
                String signal = waiting.equals("n1") ? COMMIT : LAG;
                run(1, Map.of("n1/" + COMMIT, 0.5, "n2/" + LAG, 20_000.0), "n3");
                origins.add(Origins.of(catalog, before, window, finding(waiting, signal, window.startMillis())));
            }
        }

        assertThat(findings).anyMatch(finding -> finding.cause() == Cause.SILENCE);
        assertThat(origins).hasSizeGreaterThan(40);
        assertThat(origins)
                .allSatisfy(ranked -> assertThat(ranked.get(0).node()).isEqualTo("n3"));
    }

    @Test
    void hard_evidence_names_its_node_and_an_odd_log_beside_it_adds_the_other() {
        run(1, Map.of("n2/node.divergent", 1.0, "n3/" + ERRORS, 50.0));

        assertThat(findings.get(0).node()).isEqualTo("n2");
        assertThat(origins.get(0).stream().map(Suspicion::node)).containsExactly("n2", "n3");
        assertThat(origins.get(0).get(0).share())
                .isGreaterThan(origins.get(0).get(1).share());
    }

    @Test
    void nothing_known_of_the_nodes_ranks_nobody_but_the_one_with_the_evidence() {
        ClusterWindow first = new ClusterWindow(0, 1_000, new TreeMap<>());

        assertThat(Origins.of(catalog, new ClusterTrack(), first, finding("n1", "node.divergent", 0)))
                .extracting(Suspicion::node)
                .containsExactly("n1");
    }

    private static Finding finding(String node, String signal, long onset) {
        return new Finding(
                node,
                Cause.SLOWNESS,
                Severity.WARNING,
                signal,
                "s",
                io.homeostat.events.Direction.ABOVE,
                0,
                1,
                2,
                1,
                List.of(),
                Map.of(),
                "test",
                "",
                onset,
                -1);
    }

    private void run(int seconds, Map<String, Double> changed, String... silent) {
        for (int i = 0; i < seconds; i++) {
            long start = second++ * 1_000;
            TreeMap<String, NodeWindow> windows = new TreeMap<>();
            for (String node : NODES) {
                Map<String, Double> values = values(node);
                changed.forEach((key, value) -> {
                    if (key.startsWith(node + "/")) {
                        values.put(key.substring(node.length() + 1), value);
                    }
                });
                if (!List.of(silent).contains(node)) {
                    windows.put(
                            node,
                            new NodeWindow(
                                    node, start, start + 1_000, false, start + 1_000, values, List.of(), List.of()));
                }
            }
            before = track.copy();
            window = new ClusterWindow(start, start + 1_000, windows);
            for (Decision decision : policy.judge(track, window, Optional.of(scoring), RuleBook.none())) {
                if (decision instanceof Decision.Raise raise) {
                    findings.add(raise.finding());
                    origins.add(Origins.of(catalog, before, window, raise.finding()));
                }
            }
        }
    }

    private Map<String, Double> values(String node) {
        Map<String, Double> values = new HashMap<>();
        values.put("node.up", 1.0);
        values.put("node.process.alive", 1.0);
        values.put("node.divergent", 0.0);
        values.put("node.fenced", 0.0);
        values.put(COMMIT, (node.equals("n1") ? 0.020 : 0.010) * (1 + 0.1 * random.nextGaussian()));
        values.put(LAG, (double) random.nextInt(20));
        values.put("ledger.transfers rate", 1_000 + 50 * random.nextGaussian());
        values.put(ERRORS, 0.0);
        return values;
    }
}
