package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.window.WindowLimits;
import io.homeostat.events.Cause;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One story on a real broker and a real Flink mini cluster, at the real rate of one export a second. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DetectorIT {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void a_clean_run_is_quiet_and_each_fault_raises_one_anomaly_that_clears_also_over_a_restart(@TempDir Path folder)
            throws Exception {
        try (DetectorTopics kafka = new DetectorTopics(folder.resolve("kafka"))) {
            Path data = folder.resolve("detector");
            DetectorConfig config =
                    DetectorConfig.of(kafka.bootstrap(), data, NODES).withBaselineWindows(6);
            Detector detector = Detector.start(config);
            try (SyntheticCluster cluster = new SyntheticCluster(kafka, NODES)) {
                // A clean baseline, with a request that is not OTLP among it: nothing is raised.
                kafka.send(Topics.OTLP_METRICS, new byte[] {1, 2, 3, 4, 5});
                Waiting.until("a model", PATIENCE, () -> models(data) == 1);
                assertThat(kafka.incidents()).isEmpty();

                cluster.overrides.put("n2/node.divergent", 1.0);
                cluster.overrides.put("n2/ledger.digest.divergent", 1.0);
                AnomalyRaised raised = awaitRaised(kafka, "n2", Cause.DIVERGENCE);
                assertThat(raised.severity()).isEqualTo(Severity.CRITICAL);
                assertThat(raised.direction()).isEqualTo(Direction.ABOVE);
                assertThat(raised.observed()).isEqualTo(1);
                assertThat(raised.expected()).isZero();
                byte[] sealed = sealed(data, raised);
                assertThat(EventCodec.sha256Hex(sealed)).isEqualTo(raised.windowDigest());
                Object modelId = EventCodec.readMap(sealed).get("modelId");
                assertThat(modelId).asString().startsWith("mahalanobis-");
                cluster.overrides.clear();
                awaitCleared(kafka, raised.anomalyId());

                // The job goes on from its checkpoint, with the model that it had.
                detector.close();
                assertThat(detector.running()).isFalse();
                detector = Detector.start(config);

                cluster.silent.add("n3");
                AnomalyRaised silent = awaitRaised(kafka, "n3", Cause.SILENCE);
                assertThat(silent.direction()).isEqualTo(Direction.ABSENT);
                assertThat(silent.peers()).containsOnlyKeys("n1", "n2");
                assertThat(EventCodec.readMap(sealed(data, silent)).get("modelId"))
                        .as("the model of before the restart")
                        .isEqualTo(modelId);
                cluster.silent.clear();
                awaitCleared(kafka, silent.anomalyId());

                assertThat(models(data)).as("no second model was trained").isEqualTo(1);
                assertThat(kafka.incidents().stream().map(DetectorIT::name))
                        .containsExactly(
                                "raised n2 DIVERGENCE",
                                "cleared n2 DIVERGENCE",
                                "raised n3 SILENCE",
                                "cleared n3 SILENCE");
            } finally {
                detector.close();
            }
        }
    }

    @Test
    void after_a_broken_checkpoint_the_start_is_cold_and_telemetry_that_comes_late_is_judged_with_state_on_the_heap(
            @TempDir Path folder) throws Exception {
        Path broken = folder.resolve("detector/checkpoints/0123456789abcdef0123456789abcdef/chk-1");
        Files.createDirectories(broken);
        Files.write(broken.resolve("_metadata"), new byte[] {1, 2, 3});
        try (DetectorTopics kafka = new DetectorTopics(folder.resolve("kafka"))) {
            DetectorConfig standard = DetectorConfig.of(kafka.bootstrap(), folder.resolve("detector"), NODES);
            DetectorConfig heap = new DetectorConfig(
                    standard.kafkaBootstrap(),
                    standard.consumerGroup(),
                    standard.dataDir(),
                    NODES,
                    standard.baselineWindows(),
                    2,
                    standard.checkpointInterval(),
                    standard.silenceAfter(),
                    "hashmap",
                    standard.limits());
            try (Detector detector = Detector.start(heap)) {
                // Nobody reports until the source is idle for sure: event time must not run away from those to come.
                LockSupport.parkNanos(WindowLimits.defaults().idle().toNanos() * 3);
                AnomalyRaised raised;
                try (SyntheticCluster cluster = new SyntheticCluster(kafka, NODES)) {
                    cluster.overrides.put("n1/node.raft.log.alive", 0.0);
                    raised = awaitRaised(kafka, "n1", Cause.DEAD_LOG);
                }

                assertThat(raised.severity()).isEqualTo(Severity.CRITICAL);
                assertThat(raised.modelId()).isEqualTo("rule:node.raft.log.alive");
                assertThat(EventCodec.readMap(sealed(heap.dataDir(), raised)).get("modelId"))
                        .asString()
                        .startsWith("none (cold start");
                assertThat(detector.running()).isTrue();
            }
        }
    }

    private static byte[] sealed(Path data, AnomalyRaised raised) throws IOException {
        return Files.readAllBytes(data.resolve("windows").resolve(raised.windowDigest() + ".json"));
    }

    private static String name(IncidentEvent event) {
        return event instanceof AnomalyRaised raised
                ? "raised " + raised.node() + " " + raised.cause()
                : "cleared " + event.node() + " " + ((AnomalyCleared) event).cause();
    }

    private static AnomalyRaised awaitRaised(DetectorTopics kafka, String node, Cause cause) {
        Predicate<IncidentEvent> wanted =
                e -> e instanceof AnomalyRaised r && r.node().equals(node) && r.cause() == cause;
        Waiting.until(
                "AnomalyRaised " + node + " " + cause,
                PATIENCE,
                () -> kafka.incidents().stream().anyMatch(wanted));
        return (AnomalyRaised)
                kafka.incidents().stream().filter(wanted).findFirst().orElseThrow();
    }

    private static void awaitCleared(DetectorTopics kafka, String anomalyId) {
        Waiting.until(
                "AnomalyCleared " + anomalyId,
                PATIENCE,
                () -> kafka.incidents().stream()
                        .anyMatch(e ->
                                e instanceof AnomalyCleared c && c.anomalyId().equals(anomalyId)));
    }

    private static int models(Path data) {
        Path folder = data.resolve("models");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return (int) files.filter(f -> f.getFileName().toString().startsWith("mahalanobis-"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
