package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.job.DetectorJob;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as in production: a session cluster of separate JVMs, one of which is killed, and an upgrade by savepoint. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SessionClusterIT {
    private static final List<String> NODES = List.of("n1", "n2", "n3");
    private static final String GROUP = "detector-session";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration PACE = Duration.ofMillis(60);

    @Test
    void no_incident_is_lost_or_doubled_by_a_killed_task_manager_nor_by_an_upgrade_and_the_model_stays(
            @TempDir Path folder) throws Exception {
        Path data = folder.resolve("detector");
        Path next = JobJar.with(folder.resolve("next.jar"), List.of(UpgradedJob.class, UpgradedJob.Count.class));
        String[] arguments = {"--group", GROUP, "--data", data.toString(), "--nodes", "n1,n2,n3", "--baseline", "6"};
        try (DetectorTopics kafka = new DetectorTopics(folder.resolve("kafka"));
                SessionCluster cluster = new SessionCluster(folder.resolve("flink"))) {
            kafka.createTopics();
            kafka.readFromTheBeginning(GROUP);
            Process first = cluster.addTaskManager();
            JobID job = cluster.submit(jar(folder), DetectorJob.class, 1, "", with(arguments, kafka));
            SecondsFeed feed = new SecondsFeed(kafka, NODES, "n2");

            feed.quiet(15, PACE);
            feed.fault(PACE);
            feed.fault(PACE);
            awaitCleared(kafka, cluster, feed, 2);
            cluster.addTaskManager();
            // Dead in the middle of a fault, with telemetry still coming in.
            feed.divergent(2, PACE);
            first.destroyForcibly().waitFor();
            feed.fault(PACE);
            feed.fault(PACE);
            feed.fault(PACE);
            awaitCleared(kafka, cluster, feed, 5);

            String savepoint = cluster.stopWithSavepoint(job);
            // The new version finds a backlog and takes it in at once.
            feed.fault(Duration.ZERO);
            feed.fault(Duration.ZERO);
            feed.fault(Duration.ZERO);
            JobID upgraded = cluster.submit(next, UpgradedJob.class, 2, savepoint, with(arguments, kafka));
            awaitCleared(kafka, cluster, feed, 8);
            cluster.awaitRunning(upgraded);

            List<IncidentEvent> said = kafka.incidents();
            assertThat(said).extracting(IncidentEvent::eventId).doesNotHaveDuplicates();
            assertThat(said).hasSize(16);
            for (int i = 0; i < said.size(); i += 2) {
                assertThat(said.get(i)).isInstanceOfSatisfying(AnomalyRaised.class, raised -> {
                    assertThat(raised.node()).isEqualTo("n2");
                    assertThat(raised.cause()).isEqualTo(Cause.DIVERGENCE);
                });
                String open = said.get(i).storyId();
                assertThat(said.get(i + 1))
                        .isInstanceOfSatisfying(
                                AnomalyCleared.class,
                                cleared -> assertThat(cleared.anomalyId()).isEqualTo(open));
            }
            assertThat(said.stream()
                            .filter(AnomalyRaised.class::isInstance)
                            .map(raised -> modelOf(data, (AnomalyRaised) raised))
                            .distinct())
                    .as("one model, learned before the kill, judged all")
                    .singleElement()
                    .asString()
                    .startsWith("mahalanobis-");
        }
    }

    /** As it was packaged; made of the classes where the test runs without packaging. */
    private static Path jar(Path folder) throws IOException {
        Path own = SessionCluster.ownCode();
        return Files.isDirectory(own) ? JobJar.with(folder.resolve("job.jar"), List.of()) : own;
    }

    private static String[] with(String[] arguments, DetectorTopics kafka) {
        return Stream.concat(Stream.of("--bootstrap", kafka.bootstrap()), Stream.of(arguments))
                .toArray(String[]::new);
    }

    /** Telemetry goes on meanwhile, as it does in life: event time stands still without it. */
    private static void awaitCleared(DetectorTopics kafka, SessionCluster cluster, SecondsFeed feed, int count) {
        try {
            Waiting.until(count + " anomalies cleared", PATIENCE, () -> {
                feed.quiet(1, Duration.ZERO);
                return kafka.incidents().stream()
                                .filter(AnomalyCleared.class::isInstance)
                                .count()
                        >= count;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; said: " + kafka.incidents() + cluster.logs(), e);
        }
    }

    private static Object modelOf(Path data, AnomalyRaised raised) {
        try {
            byte[] sealed = Files.readAllBytes(data.resolve("windows").resolve(raised.windowDigest() + ".json"));
            return EventCodec.readMap(sealed).get("modelId");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
