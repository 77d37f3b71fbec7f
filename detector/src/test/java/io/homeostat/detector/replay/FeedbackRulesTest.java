package io.homeostat.detector.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.FeedbackRule.Kind;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.replay.BackTestReport.Outcome;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules in the policy, and their back-tests over what it sealed. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FeedbackRulesTest {
    private static final double SLOW_MILLIS = 300;

    @TempDir
    Path folder;

    private SealedStory story;

    @BeforeEach
    void open() {
        story = new SealedStory(folder);
    }

    @Test
    void a_false_alarm_is_not_raised_again_but_a_worse_one_is() {
        AnomalyRaised alert = slow("n2", SLOW_MILLIS);
        FeedbackRule rule = BackTest.falseAlarm(alert, "olga", "a backup ran", alert.at(), FeedbackRule.ALWAYS, "");
        assertThat(rule.amount()).isGreaterThan(alert.score() / alert.threshold());

        BackTestReport past = new BackTest(folder).run(rule, RuleBook.none(), List.of());
        assertThat(past.rows().stream().map(BackTestReport.Row::outcome)).containsExactly(Outcome.SUPPRESSED);

        quiet("n2");
        story.rules = RuleBook.of(List.of(rule));
        story.slow.put("n2", SLOW_MILLIS);
        story.seconds(10);
        assertThat(story.alerts).hasSize(1);
        story.slow.put("n2", 100 * SLOW_MILLIS);
        story.seconds(10);
        assertThat(story.alerts).hasSize(2);
        assertThat(story.alerts.get(1).rules()).containsExactly(rule.id());
        assertThat(new Replay(folder).run(story.alerts.get(1)).differences()).isEmpty();
    }

    @Test
    void an_ignored_direction_and_a_least_difference_are_of_their_signal_and_node_only() {
        slow("n2", SLOW_MILLIS);
        quiet("n2");
        slow("n3", SLOW_MILLIS);
        BackTest test = new BackTest(folder);

        assertThat(outcomes(test, rule(Kind.IGNORE_DIRECTION, "n2", "ABOVE", 0)))
                .containsExactly(Outcome.SUPPRESSED, Outcome.KEPT);
        assertThat(outcomes(test, rule(Kind.IGNORE_DIRECTION, "", "ABOVE", 0)))
                .containsExactly(Outcome.SUPPRESSED, Outcome.SUPPRESSED);
        assertThat(outcomes(test, rule(Kind.IGNORE_DIRECTION, "n2", "BELOW", 0)))
                .containsExactly(Outcome.KEPT, Outcome.KEPT);
        assertThat(outcomes(test, rule(Kind.MIN_DIFFERENCE, "", "", 0.2))).containsExactly(Outcome.KEPT, Outcome.KEPT);
        assertThat(outcomes(test, rule(Kind.MIN_DIFFERENCE, "n3", "", 0.4)))
                .containsExactly(Outcome.KEPT, Outcome.SUPPRESSED);
    }

    @Test
    void a_back_test_names_the_labelled_faults_that_would_be_missed() throws IOException {
        AnomalyRaised alert = slow("n2", SLOW_MILLIS);
        FeedbackRule ignore = rule(Kind.IGNORE_DIRECTION, "n2", "ABOVE", 0);
        FeedbackRule confirmed = FeedbackRule.of(
                Kind.CONFIRMED, "", "", "", 0, 0, FeedbackRule.ALWAYS, alert.anomalyId(), "carl", "disk was slow", "");
        Path labels = folder.resolve("labels.csv");
        Files.writeString(
                labels,
                "start,end,node,fault\n" + alert.at().minusSeconds(9) + "," + alert.at() + ",n2,slow disk\n"
                        + alert.at().plusSeconds(60) + "," + alert.at().plusSeconds(70) + ",n2,later\n");

        BackTestReport report = new BackTest(folder).run(ignore, RuleBook.of(List.of(confirmed)), Label.read(labels));

        assertThat(report.faults()).isEqualTo(2);
        assertThat(report.faultsMissed())
                .containsExactly(
                        "slow disk at " + alert.at().minusSeconds(9), "confirmed " + alert.anomalyId() + " by carl");
        Files.writeString(labels, "yesterday,today,n2,x\n");
        assertThatThrownBy(() -> Label.read(labels)).hasMessageContaining("line 1: expected instants");
    }

    @Test
    void maintenance_holds_hard_evidence_and_raises_at_its_end_what_lasts() {
        long from = story.nowMillis();
        long until = from + 8_000;
        story.rules = RuleBook.of(List.of(maintenance("n2", from, until)));
        story.hard.put("n2/node.process.alive", 0.0);
        story.hard.put("n3/node.process.alive", 0.0);
        story.seconds(8);
        assertThat(story.alerts.stream().map(a -> a.node() + " " + a.cause())).containsExactly("n3 CRASH");
        assertThat(story.decisions.stream().filter(Decision.Hold.class::isInstance))
                .hasSize(1);

        story.seconds(1);
        AnomalyRaised raised = story.alerts.get(1);
        assertThat(raised.node()).isEqualTo("n2");
        assertThat(raised.cause()).isEqualTo(Cause.CRASH);
        assertThat(raised.windowStart().toEpochMilli()).isEqualTo(until);
        assertThat(raised.onset().toEpochMilli()).isEqualTo(from);
        assertThat(raised.rules()).isEmpty();
        assertThat(new Replay(folder).run(raised).differences()).isEmpty();
    }

    @Test
    void what_is_over_before_the_end_of_maintenance_is_never_raised() {
        story.rules = RuleBook.of(List.of(maintenance("", story.nowMillis(), story.nowMillis() + 20_000)));
        story.hard.put("n2/node.process.alive", 0.0);
        story.seconds(5);
        story.hard.clear();
        story.seconds(30);

        assertThat(story.alerts).isEmpty();
        assertThat(story.decisions.stream().filter(Decision.Hold.class::isInstance))
                .hasSize(1);
        List<AnomalyRaised> kept = new Replay(folder).store().alerts();
        assertThat(kept).as("what was held is kept and replays").hasSize(1);
        assertThat(new Replay(folder).run(kept.get(0)).differences()).isEmpty();
    }

    @Test
    void divergence_is_told_in_the_middle_of_maintenance() {
        story.rules = RuleBook.of(List.of(maintenance("", story.nowMillis(), story.nowMillis() + 60_000)));
        story.early("n2");

        assertThat(story.alerts.stream().map(AnomalyRaised::cause)).containsExactly(Cause.DIVERGENCE);
    }

    @Test
    void a_warning_in_maintenance_is_held_and_raised_at_its_end() {
        long until = story.nowMillis() + 10_000;
        story.rules = RuleBook.of(List.of(maintenance("n2", story.nowMillis(), until)));
        story.slow.put("n2", SLOW_MILLIS);
        story.seconds(10);
        assertThat(story.alerts).isEmpty();
        story.seconds(1);

        assertThat(story.alerts).hasSize(1);
        assertThat(story.alerts.get(0).windowStart().toEpochMilli()).isEqualTo(until);
        assertThat(story.alerts.get(0).onset().toEpochMilli()).isEqualTo(until - 10_000);
    }

    @Test
    void a_factor_for_a_node_and_its_revocation() {
        FeedbackRule entity = rule(Kind.ENTITY, "n2", "", 50);
        story.rules = RuleBook.of(List.of(entity));
        story.slow.put("n2", SLOW_MILLIS);
        story.seconds(10);
        assertThat(story.alerts).isEmpty();

        FeedbackRule revoked = FeedbackRule.of(
                Kind.REVOKED, "", "", "", 0, 0, FeedbackRule.ALWAYS, entity.id(), "carl", "was wrong", "");
        story.rules = RuleBook.of(List.of(entity, revoked));
        story.seconds(10);
        assertThat(story.alerts).hasSize(1);
        assertThat(story.alerts.get(0).rules()).isEmpty();
    }

    @Test
    void hard_evidence_takes_no_threshold_and_bad_rules_are_refused_with_their_field() {
        story.early("n2");
        AnomalyRaised divergence = story.alerts.get(0);
        assertThatThrownBy(() -> BackTest.falseAlarm(divergence, "olga", "?", Instant.EPOCH, FeedbackRule.ALWAYS, ""))
                .hasMessageContaining("is hard evidence");
        assertThat(outcomes(new BackTest(folder), rule(Kind.ENTITY, "n2", "", 100)))
                .containsExactly(Outcome.KEPT);

        assertThatThrownBy(() -> rule(Kind.MIN_DIFFERENCE, "n2", "", 0)).hasMessageContaining("a difference above 0");
        assertThatThrownBy(() -> rule(Kind.ENTITY, "n2", "", 101)).hasMessageContaining("a factor in [1, 100");
        assertThatThrownBy(() -> rule(Kind.IGNORE_DIRECTION, "n2", "sideways", 0))
                .hasMessageContaining("ABOVE or BELOW");
        FeedbackRule week = maintenance("n2", 0, 8 * 86_400_000L);
        assertThatThrownBy(() -> ControlMessage.decode(ControlMessage.encode(week), 0))
                .hasMessageContaining("at most 7 days");
        byte[] forged = new String(ControlMessage.encode(rule(Kind.ENTITY, "n2", "", 2)), StandardCharsets.UTF_8)
                .replace("\"olga\"", "\"carl\"")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ControlMessage.decode(forged, 0)).hasMessageContaining("is not what its id says");
    }

    private AnomalyRaised slow(String node, double millis) {
        int before = story.alerts.size();
        story.slow.put(node, millis);
        story.seconds(8);
        assertThat(story.alerts).hasSize(before + 1);
        return story.alerts.get(before);
    }

    private void quiet(String node) {
        story.slow.remove(node);
        story.seconds(20);
    }

    private static List<Outcome> outcomes(BackTest test, FeedbackRule rule) {
        return test.run(rule, RuleBook.none(), List.of()).rows().stream()
                .map(BackTestReport.Row::outcome)
                .toList();
    }

    private static FeedbackRule rule(Kind kind, String node, String direction, double amount) {
        String signal = kind == Kind.ENTITY ? "" : SealedStory.COMMIT;
        return FeedbackRule.of(kind, node, signal, direction, amount, 0, FeedbackRule.ALWAYS, "", "olga", "known", "");
    }

    private static FeedbackRule maintenance(String node, long from, long until) {
        return FeedbackRule.of(Kind.MAINTENANCE, node, "", "", 0, from, until, "", "olga", "new disks", "");
    }
}
