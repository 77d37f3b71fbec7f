package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.control.ControlTopic;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.FeedbackRule.Kind;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.DetectionChanged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people tell a running job, on a real broker and a real mini cluster; its verdicts replayed in other processes. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FeedbackIT {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void maintenance_holds_an_alert_until_its_end_verdicts_name_their_rules_and_replay_to_the_bit(@TempDir Path folder)
            throws Exception {
        try (DetectorTopics kafka = new DetectorTopics(folder.resolve("kafka"))) {
            Path data = folder.resolve("detector");
            DetectorConfig config =
                    DetectorConfig.of(kafka.bootstrap(), data, NODES).withBaselineWindows(6);
            try (Detector detector = Detector.start(config);
                    SyntheticCluster cluster = new SyntheticCluster(kafka, NODES)) {
                ModelRegistry registry = new ModelRegistry(data.resolve("models"));
                await(
                        "a champion",
                        () -> registry.inventory().stream()
                                .anyMatch(entry -> entry.state() == ModelEntry.State.CHAMPION));

                long from = System.currentTimeMillis();
                FeedbackRule entity = rule(Kind.ENTITY, "n3", 2, from, FeedbackRule.ALWAYS, "");
                FeedbackRule maintenance = rule(Kind.MAINTENANCE, "n3", 0, from, from + 3_600_000, "");
                ControlTopic.send(kafka.bootstrap(), ControlMessage.encode(entity));
                ControlTopic.send(kafka.bootstrap(), ControlMessage.encode(maintenance));
                await("both rules taken up", () -> changes(kafka) == 2);

                cluster.overrides.put("n3/node.raft.log.alive", 0.0);
                cluster.overrides.put("n1/node.raft.log.alive", 0.0);
                AnomalyRaised other = raised(kafka, "n1");
                assertThat(other.rules()).isEmpty();
                await("an alert that is kept but not raised", () -> alerts(data) == 2);
                assertThat(find(kafka, "n3")).isEmpty();

                // The maintenance ends early; what is still abnormal is raised then.
                long ended = System.currentTimeMillis();
                FeedbackRule end = rule(Kind.REVOKED, "", 0, ended, FeedbackRule.ALWAYS, maintenance.id());
                ControlTopic.send(kafka.bootstrap(), ControlMessage.encode(end));
                AnomalyRaised held = raised(kafka, "n3");
                assertThat(held.cause()).isEqualTo(Cause.DEAD_LOG);
                assertThat(held.onset()).isBefore(held.windowStart());
                assertThat(held.rules()).containsExactly(entity.id());

                Replays.assertSame(data, held, other);
                assertThat(alerts(data))
                        .as("what was held back is kept beside what was raised")
                        .isEqualTo(3);
                assertThat(detector.running()).isTrue();
            }
        }
    }

    private static FeedbackRule rule(Kind kind, String node, double amount, long from, long until, String about) {
        return FeedbackRule.of(kind, node, "", "", amount, from, until, about, "olga", "new disks", "");
    }

    private static AnomalyRaised raised(DetectorTopics kafka, String node) {
        await("an alert about " + node, () -> find(kafka, node).isPresent());
        return find(kafka, node).orElseThrow();
    }

    private static Optional<AnomalyRaised> find(DetectorTopics kafka, String node) {
        return kafka.incidents().stream()
                .filter(AnomalyRaised.class::isInstance)
                .map(AnomalyRaised.class::cast)
                .filter(alert -> alert.node().equals(node))
                .findFirst();
    }

    private static long changes(DetectorTopics kafka) {
        return kafka.incidents().stream()
                .filter(DetectionChanged.class::isInstance)
                .map(IncidentEvent::storyId)
                .distinct()
                .count();
    }

    private static long alerts(Path data) {
        try (Stream<Path> files = Files.list(data.resolve("alerts"))) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("expected " + what + " within " + PATIENCE);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(100).toNanos());
        }
    }
}
