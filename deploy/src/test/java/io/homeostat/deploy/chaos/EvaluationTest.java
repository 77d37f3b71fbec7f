package io.homeostat.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.homeostat.deploy.chaos.Evaluation.Said;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EvaluationTest {
    private static final long T0 = 1_800_000_000_000L;

    @Test
    void the_first_alert_about_the_faults_node_counts() {
        Evaluation evaluation = new Evaluation();

        evaluation.add(
                recording(fault("n2", 100, 120)),
                at(50),
                Map.of(),
                List.of(said(101, "n1"), said(104, "n2"), said(106, "n2")),
                List.of());

        Evaluation.Found found = evaluation.faults().get(0);
        assertThat(found.delayMillis()).isEqualTo(4_000);
        assertThat(found.anywhereMillis()).isEqualTo(1_000);
        assertThat(evaluation.json()).containsEntry("foundWithin10s", 1L).containsEntry("falseAlarms", 0);
    }

    @Test
    void either_end_of_a_slow_link_is_its_node() {
        RecordedEvent link =
                new RecordedEvent("slow-link", "slow-link +5 %", true, "n1", "n3", false, "", at(100), at(120));
        Evaluation evaluation = new Evaluation();

        evaluation.add(recording(link), at(50), Map.of(), List.of(said(115, "n3")), List.of());

        assertThat(evaluation.faults().get(0).delayMillis()).isEqualTo(15_000);
        assertThat(evaluation.json()).containsEntry("found", 1L).containsEntry("foundWithin10s", 0L);
    }

    @Test
    void an_alert_in_a_distractor_is_false_and_one_in_an_echo_is_neither() {
        RecordedEvent surge = new RecordedEvent("surge", "surge", false, "", "", false, "", at(60), at(80));
        Evaluation evaluation = new Evaluation();

        evaluation.add(
                recording(surge, fault("n1", 100, 120)),
                at(50),
                Map.of(),
                List.of(said(70, "n1"), said(130, "n2")),
                List.of());

        assertThat(evaluation.json()).containsEntry("falseAlarms", 1).containsEntry("found", 0L);
        // 200 s of three nodes less the fault, its echo, and what was to learn from.
        double judgedSeconds = 3 * (200 - 50 - 1 - 20 - 20);
        assertThat(evaluation.falsePerNodeDay())
                .isCloseTo(86_400 / judgedSeconds, within(86_400 * 0.02 / judgedSeconds));
    }

    @Test
    void a_fault_in_the_time_of_learning_is_not_asked_for() {
        Evaluation evaluation = new Evaluation();

        evaluation.add(recording(fault("n1", 20, 40)), at(50), Map.of(), List.of(), List.of());

        assertThat(evaluation.faults()).isEmpty();
    }

    @Test
    void the_lead_is_the_time_until_clients_notice() {
        Evaluation evaluation = new Evaluation();

        evaluation.add(
                recording(fault("n1", 100, 140)), at(50), Map.of(), List.of(said(112, "n1")), List.of(at(20), at(129)));

        assertThat(evaluation.faults().get(0).brokeMillis()).isEqualTo(30_000);
        assertThat(evaluation.json().get("classes")).asString().contains("leadSeconds=[18.0]");
    }

    @Test
    void scores_that_are_high_in_faults_only_have_an_area_of_one() {
        Map<Long, Map<String, Double>> scores = new HashMap<>();
        for (long second = 100; second < 120; second++) {
            scores.put(at(second), Map.of("n1", 5.0, "n2", 0.5));
        }
        Evaluation evaluation = new Evaluation();

        evaluation.add(recording(fault("n1", 100, 120)), at(50), scores, List.of(), List.of());

        assertThat(evaluation.aucBySecond()).isEqualTo(1);
        assertThat(evaluation.aucByNode()).isEqualTo(1);
    }

    @Test
    void average_precision_is_the_mean_precision_at_the_positives_and_ties_are_one_threshold() {
        AveragePrecision ranked = new AveragePrecision();
        ranked.add(4, true);
        ranked.add(3, false);
        ranked.add(2, true);
        ranked.add(1, false);
        AveragePrecision tied = new AveragePrecision();
        for (int i = 0; i < 10; i++) {
            tied.add(1, i == 0);
        }

        assertThat(ranked.value()).isCloseTo((1 + 2.0 / 3) / 2, within(1e-12));
        assertThat(tied.value()).isCloseTo(0.1, within(1e-12));
        assertThat(new AveragePrecision().value()).isNaN();
    }

    @Test
    void a_label_tells_the_fault_its_number_and_its_node() {
        Recording recording = recording(
                new RecordedEvent("surge", "surge", false, "", "", false, "", at(60), at(80)), fault("n2", 100, 120));

        assertThat(RecordingFiles.label(recording, at(10))).isEqualTo(T0 / 1000 + 10 + ",0,0,,\n");
        assertThat(RecordingFiles.label(recording, at(70))).isEqualTo(T0 / 1000 + 70 + ",0,0,,surge\n");
        assertThat(RecordingFiles.label(recording, at(119))).isEqualTo(T0 / 1000 + 119 + ",1,1,n2,kill\n");
        assertThat(RecordingFiles.label(recording, at(120))).isEqualTo(T0 / 1000 + 120 + ",0,0,,\n");
    }

    private static Recording recording(RecordedEvent... events) {
        return new Recording(1, 3, false, true, T0, at(200), 50, 5, List.of(), 0, List.of(events));
    }

    private static RecordedEvent fault(String node, long from, long to) {
        return new RecordedEvent("kill", "kill", true, node, "", false, "", at(from), at(to));
    }

    private static Said said(long second, String node) {
        return new Said(at(second), node, "");
    }

    private static long at(long second) {
        return T0 + second * 1000;
    }
}
