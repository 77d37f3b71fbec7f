package io.homeostat.detector.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.events.Cause;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReplayTest {
    @TempDir
    Path folder;

    private SealedStory story;
    private AnomalyRaised slowness;
    private AnomalyRaised divergence;

    @BeforeEach
    void tell() {
        story = new SealedStory(folder);
        for (int i = 1; i <= 6; i++) {
            story.slow.put("n2", 90.0 + 80 * i);
            story.seconds(1);
        }
        slowness = only(Cause.SLOWNESS);
        story.early("n3");
        divergence = only(Cause.DIVERGENCE);
    }

    @Test
    void an_alert_says_all_that_a_person_needs() {
        assertThat(slowness.signal()).isEqualTo(SealedStory.COMMIT);
        assertThat(slowness.direction()).isEqualTo(Direction.ABOVE);
        assertThat(slowness.observed()).isBetween(0.3, 0.6);
        assertThat(slowness.expected()).isBetween(0.01, 0.012);
        assertThat(slowness.peers()).containsOnlyKeys("n1", "n3");
        assertThat(slowness.modelId()).isEqualTo(story.modelId());
        assertThat(slowness.contributions().get(0).feature()).isEqualTo(SealedStory.COMMIT);
        assertThat(slowness.contributions().stream().mapToDouble(c -> c.share()).sum())
                .as("every feature that adds to the score is named")
                .isBetween(0.999999, 1.000001);
        assertThat(slowness.onset()).isEqualTo(slowness.windowStart().minusSeconds(3));
        // A ramp of 80 ms a second reaches the limit of 1 s some seconds later.
        assertThat(slowness.leadMillis()).isBetween(1_000L, 60_000L);
        assertThat(slowness.rules()).isEmpty();
        assertThat(divergence.leadMillis()).isZero();
        assertThat(divergence.onset()).isEqualTo(divergence.windowStart());
    }

    @Test
    void verdicts_of_a_model_and_of_a_rule_come_out_the_same_to_the_bit() {
        for (AnomalyRaised alert : List.of(slowness, divergence)) {
            ReplayReport report = new Replay(folder).run(alert);

            assertThat(report.differences()).isEmpty();
            assertThat(report.compared()).isEqualTo(AnomalyRaised.class.getRecordComponents().length + 1);
            assertThat(report.values()).isPositive();
        }
        assertThat(new Replay(folder).run(slowness).values())
                .as("three nodes, gauges and a rate and three counts of log records")
                .isEqualTo(33);
    }

    @Test
    void a_verdict_of_longer_windows_is_made_again_of_the_seconds_that_were_sealed(@TempDir Path other) {
        SealedStory calm = new SealedStory(other);
        calm.seconds(400);
        calm.slow.put("n2", 24.0);
        calm.seconds(15);
        assertThat(calm.alerts).hasSize(1);
        AnomalyRaised drift = calm.alerts.get(0);
        assertThat(drift.modelId()).isEqualTo("drift-5s");

        assertThat(new Replay(other).run(drift).differences()).isEmpty();
        FeedbackRule rule = BackTest.falseAlarm(drift, "ann", "known", drift.at(), FeedbackRule.ALWAYS, "");
        assertThat(new BackTest(other).run(rule, RuleBook.none(), List.of()).count(BackTestReport.Outcome.SUPPRESSED))
                .isEqualTo(1);
        FeedbackRule nothing = FeedbackRule.of(
                FeedbackRule.Kind.ENTITY, "n3", "", "", 2, 0, FeedbackRule.ALWAYS, "", "ann", "another node", "");
        assertThat(new BackTest(other).run(nothing, RuleBook.none(), List.of()).count(BackTestReport.Outcome.KEPT))
                .isEqualTo(1);
    }

    @Test
    void an_alert_with_another_score_in_its_last_bit_differs_and_the_field_is_named() throws IOException {
        double other = Math.nextUp(slowness.score());
        Path file = folder.resolve("alerts").resolve(slowness.anomalyId() + ".json");
        String text = Files.readString(file);
        assertThat(text).contains("\"score\":" + json(slowness.score()));
        Path forged = folder.resolve("forged.json");
        Files.writeString(forged, text.replace("\"score\":" + json(slowness.score()), "\"score\":" + json(other)));

        Ran ran = run(forged.toString());

        assertThat(ran.code).isEqualTo(ReplayTool.DIFFERS);
        assertThat(ran.out)
                .contains("DIFFERS", "score", Long.toHexString(Double.doubleToRawLongBits(other)))
                .contains(Long.toHexString(Double.doubleToRawLongBits(slowness.score())));
    }

    @Test
    void a_flipped_byte_in_the_window_the_catalog_or_the_model_is_refused_and_named() throws IOException {
        assertRefused(folder.resolve("windows").resolve(slowness.windowDigest() + ".json"), "sealed window");
        assertRefused(folder.resolve("models").resolve(story.modelId() + ".pb"), "model " + story.modelId());
        String catalog = String.valueOf(EventCodec.readMap(
                        Files.readAllBytes(folder.resolve("windows").resolve(slowness.windowDigest() + ".json")))
                .get("catalogDigest"));
        assertRefused(folder.resolve("catalogs").resolve(catalog + ".yaml"), "signal catalog");
        assertThat(run(slowness.anomalyId()).code).as("whole again").isEqualTo(ReplayTool.SAME);
    }

    @Test
    void missing_evidence_a_newer_form_and_an_unknown_alert_are_told_apart() throws IOException {
        assertThat(run("anomaly-unknown").err).contains("anomaly-unknown.json is missing");
        Path window = folder.resolve("windows").resolve(slowness.windowDigest() + ".json");
        byte[] newer = new String(Files.readAllBytes(window), StandardCharsets.UTF_8)
                .replace("\"version\":2", "\"version\":3")
                .getBytes(StandardCharsets.UTF_8);
        String digest = EventCodec.sha256Hex(newer);
        Files.write(folder.resolve("windows").resolve(digest + ".json"), newer);
        Path alert = folder.resolve("newer.json");
        Files.writeString(
                alert,
                Files.readString(folder.resolve("alerts").resolve(slowness.anomalyId() + ".json"))
                        .replace(slowness.windowDigest(), digest));
        assertThat(run(alert.toString()).err).contains("has version 3 but this detector reads 1 to 2");
        Files.delete(window);
        Ran gone = run(slowness.anomalyId());
        assertThat(gone.code).isEqualTo(ReplayTool.NO_EVIDENCE);
        assertThat(gone.err).contains("is missing");
    }

    @Test
    void alerts_of_the_first_form_replay_and_what_it_did_not_hold_is_said() throws IOException {
        Path old = Path.of("src/test/resources/golden/evidence-v1");
        Replay replay = new Replay(old);
        List<AnomalyRaised> alerts = replay.store().alerts();
        assertThat(alerts.stream().map(AnomalyRaised::cause)).containsExactly(Cause.SLOWNESS, Cause.CRASH);

        for (AnomalyRaised alert : alerts) {
            ReplayReport report = replay.run(alert);
            assertThat(report.differences()).isEmpty();
            assertThat(report.form()).isEqualTo(1);
            assertThat(report.notSealed()).isNotEmpty();
        }
    }

    @Test
    void what_is_printed_is_in_units_that_a_person_reads() {
        Ran ran = run(slowness.anomalyId());

        assertThat(ran.code).isEqualTo(ReplayTool.SAME);
        assertThat(ran.out).contains("ledger.commit.duration p99 above: observed ", " ms", "SAME", "lead time");
        Ran json = run(slowness.anomalyId(), true);
        Map<String, Object> parsed = EventCodec.readMap(json.out.getBytes(StandardCharsets.UTF_8));
        assertThat(parsed.get("verdict")).isEqualTo("same");
        assertThat(parsed.get("scoreBits")).isEqualTo(Long.toHexString(Double.doubleToRawLongBits(slowness.score())));
    }

    private void assertRefused(Path file, String what) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        byte[] flipped = whole.clone();
        flipped[flipped.length / 2] ^= 1;
        Files.write(file, flipped);
        Ran ran = run(slowness.anomalyId());
        assertThat(ran.code).as(what).isEqualTo(ReplayTool.NO_EVIDENCE);
        assertThat(ran.err).contains(what, "was changed: expected SHA-256");
        Files.write(file, whole);
    }

    private AnomalyRaised only(Cause cause) {
        List<AnomalyRaised> found =
                story.alerts.stream().filter(a -> a.cause() == cause).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static String json(double value) {
        return new String(EventCodec.canonicalJson(value), StandardCharsets.UTF_8);
    }

    private record Ran(int code, String out, String err) {}

    private Ran run(String alert) {
        return run(alert, false);
    }

    private Ran run(String alert, boolean json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = ReplayTool.run(
                alert,
                folder,
                json,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
