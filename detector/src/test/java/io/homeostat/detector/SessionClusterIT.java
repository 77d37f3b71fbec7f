package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.control.ControlTopic;
import io.homeostat.detector.control.ModelAct;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.job.DetectorJob;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.DetectionChanged;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
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
            Story story = new Story(kafka, cluster, feed, data);
            String model = story.theFormerModelIsPromotedAndDecides();
            story.maintenanceEndsByTime();
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

            assertThat(kafka.incidents()).extracting(IncidentEvent::eventId).doesNotHaveDuplicates();
            List<IncidentEvent> said = kafka.incidents().stream()
                    .filter(SessionClusterIT::divergence)
                    .toList();
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
                    .as("one model, promoted before the kill, judged all")
                    .containsExactly(model);
        }
    }

    /** What people do to the job that runs; event time alone decides when it has happened. */
    private record Story(DetectorTopics kafka, SessionCluster cluster, SecondsFeed feed, Path data) {
        private static final long MAINTENANCE_SECONDS = 30;

        /** A champion is retired, its successor learned, and the former one brought back by way of challenger. */
        String theFormerModelIsPromotedAndDecides() throws Exception {
            String former = awaitChampion("");
            tell(former, ModelEntry.State.RETIRED);
            String successor = awaitChampion(former);
            tell(former, ModelEntry.State.CHALLENGER);
            tell(former, ModelEntry.State.CHAMPION);
            assertThat(registry().inventory())
                    .filteredOn(entry -> entry.state() == ModelEntry.State.CHAMPION)
                    .extracting(ModelEntry::modelId)
                    .containsExactly(former);

            feed.slow.add("n3");
            AnomalyRaised raised = awaitRaised("n3", Cause.SLOWNESS);
            feed.slow.clear();
            assertThat(raised.modelId()).isEqualTo(former).isNotEqualTo(successor);
            assertThat(raised.score()).isGreaterThan(raised.threshold());
            awaitCleared(raised);
            Replays.assertSame(data, raised);
            return former;
        }

        /** Nobody ends it: the first window after it raises what is still abnormal, with its onset. */
        void maintenanceEndsByTime() {
            long from = feed.nowMillis();
            long until = from + MAINTENANCE_SECONDS * 1_000;
            FeedbackRule rule = FeedbackRule.of(
                    FeedbackRule.Kind.MAINTENANCE, "n1", "", "", 0, from, until, "", "olga", "new disks", "");
            ControlTopic.send(kafka.bootstrap(), ControlMessage.encode(rule));
            // Event time stands still until the rule is there.
            await("the rule taken up", () -> changed(rule.id()));

            feed.deadLog.add("n1");
            feed.quiet((int) MAINTENANCE_SECONDS, Duration.ZERO);
            AnomalyRaised raised = awaitRaised("n1", Cause.DEAD_LOG);
            feed.deadLog.clear();
            // An early look may come before the window that ends the maintenance is judged, two seconds ahead at most.
            assertThat(raised.windowStart())
                    .isBetween(Instant.ofEpochMilli(until), Instant.ofEpochMilli(until + 2_000));
            assertThat(raised.onset()).isBetween(Instant.ofEpochMilli(from), Instant.ofEpochMilli(from + 10_000));
            awaitCleared(raised);
        }

        private void tell(String modelId, ModelEntry.State state) {
            ModelAct act = ModelAct.of(modelId, state, "olga", "compared", Instant.ofEpochMilli(feed.nowMillis()));
            ControlTopic.send(kafka.bootstrap(), ControlMessage.encode(act));
            await(modelId + " " + state, () -> {
                feed.quiet(1, Duration.ZERO);
                return changed(act.id());
            });
        }

        private boolean changed(String id) {
            return kafka.incidents().stream()
                    .anyMatch(event ->
                            event instanceof DetectionChanged && event.storyId().equals(id));
        }

        private String awaitChampion(String other) {
            AtomicReference<String> champion = new AtomicReference<>("");
            await("a champion other than '" + other + "'", () -> {
                feed.quiet(1, Duration.ZERO);
                registry().inventory().stream()
                        .filter(entry -> entry.state() == ModelEntry.State.CHAMPION)
                        .map(ModelEntry::modelId)
                        .filter(id -> !id.equals(other))
                        .forEach(champion::set);
                return !champion.get().isEmpty();
            });
            return champion.get();
        }

        private AnomalyRaised awaitRaised(String node, Cause cause) {
            AtomicReference<AnomalyRaised> found = new AtomicReference<>();
            await(cause + " of " + node, () -> {
                feed.quiet(1, Duration.ZERO);
                kafka.incidents().stream()
                        .filter(AnomalyRaised.class::isInstance)
                        .map(AnomalyRaised.class::cast)
                        .filter(alert -> alert.node().equals(node) && alert.cause() == cause)
                        .forEach(found::set);
                return found.get() != null;
            });
            return found.get();
        }

        private void awaitCleared(AnomalyRaised raised) {
            await("the end of " + raised.anomalyId(), () -> {
                feed.quiet(1, Duration.ZERO);
                return kafka.incidents().stream()
                        .anyMatch(event -> event instanceof AnomalyCleared cleared
                                && cleared.anomalyId().equals(raised.anomalyId()));
            });
        }

        private ModelRegistry registry() {
            return new ModelRegistry(data.resolve("models"));
        }

        private void await(String what, Callable<Boolean> condition) {
            try {
                Waiting.until(what, PATIENCE, condition);
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "; said: " + kafka.incidents() + cluster.logs(), e);
            }
        }
    }

    private static boolean divergence(IncidentEvent event) {
        return event instanceof AnomalyRaised raised && raised.cause() == Cause.DIVERGENCE
                || event instanceof AnomalyCleared cleared && cleared.cause() == Cause.DIVERGENCE;
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
                                .filter(event -> event instanceof AnomalyCleared && divergence(event))
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
