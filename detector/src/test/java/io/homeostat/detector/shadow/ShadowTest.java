package io.homeostat.detector.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShadowTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final int BASELINE = 20;

    @TempDir
    Path folder;

    private final SignalCatalog catalog = SignalCatalog.standard();
    private final Random random = new Random(9);
    private final ShadowState state = new ShadowState();
    private ModelRegistry registry;
    private Shadow shadow;
    private Scoring champion;
    private int second;

    @BeforeEach
    void open() {
        registry = new ModelRegistry(folder);
        shadow = shadow();
        List<BaselineRow> rows = new ArrayList<>();
        for (int i = 0; i < BASELINE; i++) {
            window(0).nodes().values().forEach(w -> rows.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        }
        AnomalyModel model = AnomalyModel.train(catalog, rows);
        champion = new Scoring(model, model.newCenter());
    }

    @Test
    void a_challenger_is_registered_scores_beside_and_its_agreement_is_counted() throws IOException {
        assertThat(shadow.score(state, window(0), Optional.of(champion))).isEmpty();
        learn();
        assertThat(registry.inventory().stream().map(ModelEntry::state)).containsExactly(ModelEntry.State.CHALLENGER);

        for (int i = 0; i < 30; i++) {
            shadow.score(state, window(0), Optional.of(champion));
        }
        assertThat(state.windows).isEqualTo(90);
        assertThat(state.both + state.onlyChampion).isZero();
        Map<String, Map<String, Double>> scores = Map.of();
        for (int i = 0; i < 6; i++) {
            scores = shadow.score(state, window(0.5), Optional.of(champion));
        }
        assertThat(scores.get("n2").get(state.challenger)).isGreaterThan(1);
        assertThat(state.both).isPositive();
        shadow.raised(state, scores.get("n2"));

        Comparison told = EventCodec.read(Files.readAllBytes(folder.resolve(Comparison.FILE)), Comparison.class);
        assertThat(told.challenger()).isEqualTo(state.challenger);
        assertThat(told.champion()).isEqualTo(champion.model().id());
        assertThat(told.windows()).isEqualTo(108);
        assertThat(told.alertsShared()).isEqualTo(1);
    }

    @Test
    void a_challenger_from_a_checkpoint_scores_only_while_it_is_registered() {
        learn();
        assertThat(shadow().score(state, window(0), Optional.of(champion))).containsOnlyKeys("n1", "n2", "n3");

        registry.promote(state.challenger, ModelEntry.State.RETIRED, "olga", "too loud", Instant.EPOCH);
        assertThat(shadow().score(state, window(0), Optional.of(champion))).isEmpty();
        assertThat(state.model).isEmpty();
    }

    @Test
    void a_challenger_that_a_person_has_retired_is_not_trained_again() {
        learn();
        shadow.stop(state);
        learn();

        assertThat(shadow.score(state, window(0), Optional.of(champion))).isEmpty();
    }

    private Shadow shadow() {
        return new Shadow(registry, folder, catalog, "test", BASELINE);
    }

    private void learn() {
        for (int i = 0; i < 3 * BASELINE; i++) {
            ClusterWindow window = window(0);
            shadow.learn(state, List.copyOf(window.nodes().values()), window.endMillis());
        }
    }

    /** @param slow seconds that a commit of n2 takes longer */
    private ClusterWindow window(double slow) {
        long start = second++ * 1_000L;
        TreeMap<String, NodeWindow> nodes = new TreeMap<>();
        for (String node : NODES) {
            double more = node.equals("n2") ? slow : 0;
            Map<String, Double> values = Map.of(
                    "ledger.commit.duration p99",
                    0.010 + 0.002 * random.nextDouble() + more,
                    "ledger.transfers rate",
                    900 + 200 * random.nextDouble(),
                    "ledger.apply.lag",
                    (double) random.nextInt(20));
            nodes.put(
                    node,
                    new NodeWindow(node, start, start + 1_000, false, start + 1_000, values, List.of(), List.of()));
        }
        return new ClusterWindow(start, start + 1_000, nodes);
    }
}
