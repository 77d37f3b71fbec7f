package io.homeostat.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.signal.SignalCatalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AnomalyModelTest {
    private static final String COMMIT = "ledger.commit.duration p99";
    private final SignalCatalog catalog = SignalCatalog.standard();
    private final Random random = new Random(11);
    private final List<BaselineRow> baseline = baseline();
    private final AnomalyModel model = AnomalyModel.train(catalog, baseline);

    @Test
    void clean_windows_lie_below_the_threshold_and_a_planted_anomaly_above_them_all() {
        double[] center = model.newCenter();
        double worst = 0;
        for (int i = 0; i < 1_000; i++) {
            ModelScore clean = model.score(values(), center);
            assertThat(clean.anomalous()).isFalse();
            worst = Math.max(worst, clean.score());
        }
        Map<String, Double> planted = values();
        planted.put(COMMIT, 2.0);

        ModelScore score = model.score(planted, center);

        assertThat(score.score()).isGreaterThan(worst);
        assertThat(score.anomalous()).isTrue();
    }

    @Test
    void the_contributions_name_the_planted_feature_first_with_what_was_expected() {
        Map<String, Double> planted = values();
        planted.put(COMMIT, 2.0);

        ModelScore score = model.score(planted, model.newCenter());

        assertThat(score.contributions().get(0).feature()).isEqualTo(COMMIT);
        assertThat(score.contributions().get(0).share()).isGreaterThan(0.5);
        assertThat(score.contributions().get(0).observed()).isEqualTo(2.0);
        assertThat(score.contributions().get(0).expected()).isBetween(0.005, 0.02);
        assertThat(score.contributions().stream().mapToDouble(c -> c.share()).sum())
                .isLessThanOrEqualTo(1.000001);
    }

    @Test
    void a_pair_that_moves_against_its_correlation_is_odder_than_one_that_moves_along() {
        Map<String, Double> along = values();
        along.put("ledger.transfers rate", 1_500.0);
        along.put("process.cpu.time rate", 0.75);
        Map<String, Double> against = new HashMap<>(along);
        against.put("process.cpu.time rate", 0.25);

        assertThat(model.score(against, model.newCenter()).score())
                .isGreaterThan(model.score(along, model.newCenter()).score());
    }

    @Test
    void a_missing_feature_counts_as_expected() {
        Map<String, Double> without = values();
        without.remove(COMMIT);

        assertThat(model.score(without, model.newCenter()).anomalous()).isFalse();
    }

    @Test
    void a_model_read_back_from_protobuf_gives_the_same_bits() {
        AnomalyModel copy = AnomalyModel.fromBytes(catalog, model.toBytes());

        assertThat(copy.id()).isEqualTo(model.id());
        assertThat(copy.provenanceDigest()).isEqualTo(model.provenanceDigest());
        assertThat(copy.newCenter()).containsExactly(model.newCenter());
        for (int i = 0; i < 100; i++) {
            Map<String, Double> values = values();
            assertThat(Double.doubleToLongBits(
                            copy.score(values, copy.newCenter()).score()))
                    .isEqualTo(Double.doubleToLongBits(
                            model.score(values, model.newCenter()).score()));
        }
    }

    @Test
    void the_same_baseline_gives_the_same_model_and_another_one_another() {
        AnomalyModel again = AnomalyModel.train(catalog, baseline);

        assertThat(again.id()).isEqualTo(model.id());
        assertThat(again.provenanceDigest()).isEqualTo(model.provenanceDigest());
        assertThat(AnomalyModel.train(catalog, baseline.subList(0, 50)).id()).isNotEqualTo(model.id());
    }

    @Test
    void the_provenance_names_trainer_configuration_data_and_catalog() {
        assertThat(model.provenanceJson())
                .contains("ShrunkMahalanobisTrainer")
                .contains("shrinkage")
                .contains("baseline-digest")
                .contains(catalog.digest());
    }

    @Test
    void the_mean_follows_a_slow_drift_by_small_clipped_steps() {
        double[] center = model.newCenter();
        Map<String, Double> far = values();
        far.put(COMMIT, 1e9);

        double[] moved = model.adapt(far, center);

        int commit = changedMost(center, moved);
        assertThat(Math.abs(moved[commit] - center[commit])).isBetween(1e-6, 0.01);
        Map<String, Double> drifted = values();
        drifted.put(COMMIT, 0.5);
        double before = model.score(drifted, center).score();
        for (int i = 0; i < 10_000; i++) {
            center = model.adapt(drifted, center);
        }
        assertThat(model.score(drifted, center).score()).isLessThan(before / 3);
    }

    @Test
    void a_baseline_without_any_modelled_signal_is_refused() {
        assertThatThrownBy(() -> AnomalyModel.train(catalog, List.of(new BaselineRow("n1", 0, Map.of("node.up", 1.0)))))
                .hasMessageContaining("at least one modelled signal");
    }

    private static int changedMost(double[] before, double[] after) {
        int most = 0;
        for (int j = 0; j < before.length; j++) {
            if (Math.abs(after[j] - before[j]) > Math.abs(after[most] - before[most])) {
                most = j;
            }
        }
        return most;
    }

    private List<BaselineRow> baseline() {
        List<BaselineRow> rows = new ArrayList<>();
        for (int second = 0; second < 40; second++) {
            for (String node : List.of("n1", "n2", "n3")) {
                rows.add(new BaselineRow(node, second * 1_000L, values()));
            }
        }
        return rows;
    }

    /** Transfers and CPU move together; commits take about 10 ms. */
    private Map<String, Double> values() {
        Map<String, Double> values = new HashMap<>();
        double load = random.nextDouble();
        values.put(COMMIT, 0.008 + 0.004 * random.nextDouble());
        values.put("ledger.transfers rate", 500 + 1_000 * load);
        values.put("process.cpu.time rate", 0.25 + 0.5 * load);
        values.put("ledger.apply.lag", 20.0 * random.nextInt(10));
        values.put("ledger.queue.depth", 10.0 * random.nextInt(10));
        values.put("node.up", 1.0);
        return values;
    }
}
