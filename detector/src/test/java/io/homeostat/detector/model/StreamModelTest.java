package io.homeostat.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.tribuo.Model;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ArrayExample;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StreamModelTest {
    private static final Instant END = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<String> COLUMNS = List.of("cpu", "memory", "requests");

    private final StreamModel model = StreamTrainer.standard().train(COLUMNS, rows(1, 800), "synthetic", END);

    @Test
    void a_model_read_back_scores_the_same_bits_and_keeps_identity_and_provenance() {
        StreamModel copy = StreamModel.fromBytes(model.toBytes());

        assertThat(copy.id()).isEqualTo(model.id());
        assertThat(copy.provenanceJson()).isEqualTo(model.provenanceJson());
        StreamState left = model.newState();
        StreamState right = copy.newState();
        for (double[] row : rows(9, 300)) {
            StreamScore expected = model.score(left, row, true);
            StreamScore found = copy.score(right, row, true);
            assertThat(Double.doubleToLongBits(found.score())).isEqualTo(Double.doubleToLongBits(expected.score()));
            assertThat(found.shares()).containsExactly(expected.shares());
        }
    }

    @Test
    void the_provenance_names_trainer_configuration_data_and_columns() {
        assertThat(model.provenanceJson())
                .contains(StreamTrainer.class.getName())
                .contains("adaptRate")
                .contains("scaleFloor")
                .contains("training-digest")
                .contains("cpu,memory,requests");
    }

    @Test
    void the_same_rows_give_the_same_model_and_other_rows_another() {
        StreamModel again = StreamTrainer.standard().train(COLUMNS, rows(1, 800), "synthetic", END);
        StreamModel other = StreamTrainer.standard().train(COLUMNS, rows(2, 800), "synthetic", END);

        assertThat(again.id()).isEqualTo(model.id());
        assertThat(again.toBytes()).isEqualTo(model.toBytes());
        assertThat(other.id()).isNotEqualTo(model.id());
    }

    @Test
    void the_season_of_a_wave_is_found_and_noise_has_none() {
        double[][] wave = new double[2_000][1];
        double[][] noise = new double[2_000][1];
        Random random = new Random(4);
        for (int t = 0; t < wave.length; t++) {
            wave[t][0] = Math.sin(2 * Math.PI * t / 144) + 0.1 * random.nextGaussian();
            noise[t][0] = random.nextGaussian();
        }

        assertThat(Season.of(wave)).isBetween(143, 145);
        assertThat(Season.of(noise)).isZero();
    }

    @Test
    void an_autoregression_forecasts_what_follows_from_the_past_and_survives_storage() throws Exception {
        double[][] rows = new double[400][2];
        Random random = new Random(8);
        for (int t = 1; t < rows.length; t++) {
            rows[t][0] = 0.8 * rows[t - 1][0] + random.nextGaussian();
            rows[t][1] = 0.9 * rows[t - 1][0] + 0.1 * random.nextGaussian();
        }
        RidgeVarModel var = new RidgeVarTrainer(new int[] {1}, 0.001, 100).train(dataset(rows), java.util.Map.of());
        Model<?> stored = Model.deserialize(
                org.tribuo.protos.core.ModelProto.parseFrom(var.serialize().toByteArray()));
        RidgeVarModel copy = (RidgeVarModel) stored;

        double[] residual = new double[2];
        copy.residual(new double[] {0.8, 0.9}, new double[][] {{1, 0}}, residual);

        assertThat(residual[0]).isBetween(-0.15, 0.15);
        assertThat(residual[1]).isBetween(-0.05, 0.05);
        assertThat(copy.getProvenance().getTrainerProvenance().getClassName())
                .isEqualTo(RidgeVarTrainer.class.getName());
        ArrayExample<Event> odd = new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT);
        odd.add("a", 0.8);
        odd.add("a@-1", 1);
        odd.add("b", 9);
        assertThat(copy.predict(odd).getOutput().getType()).isEqualTo(Event.EventType.ANOMALOUS);
    }

    @Test
    void a_training_without_enough_rows_or_with_too_many_columns_is_refused() {
        assertThatThrownBy(() -> StreamTrainer.standard().train(COLUMNS, rows(1, 31), "synthetic", END))
                .hasMessageContaining("expected at least 32 rows");
        List<String> wide = new ArrayList<>();
        for (int j = 0; j <= StreamTrainer.MAX_COLUMNS; j++) {
            wide.add("c" + j);
        }
        assertThatThrownBy(() -> StreamTrainer.standard().train(wide, new double[32][wide.size()], "synthetic", END))
                .hasMessageContaining("expected 1 to 1000 columns but found 1001");
    }

    private static org.tribuo.MutableDataset<Event> dataset(double[][] rows) {
        AnomalyFactory outputs = new AnomalyFactory();
        org.tribuo.MutableDataset<Event> data = new org.tribuo.MutableDataset<>(
                new org.tribuo.provenance.SimpleDataSourceProvenance("synthetic", outputs), outputs);
        for (double[] row : rows) {
            data.add(new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT, new String[] {"a", "b"}, row));
        }
        return data;
    }

    private static double[][] rows(long seed, int count) {
        Random random = new Random(seed);
        double[][] rows = new double[count][3];
        for (int t = 0; t < count; t++) {
            double load = Math.sin(t / 30.0) + 0.2 * random.nextGaussian();
            rows[t] = new double[] {0.5 + 0.1 * load, 0.7 + 0.01 * random.nextGaussian(), 1_000 * (1 + 0.3 * load)};
        }
        return rows;
    }
}
