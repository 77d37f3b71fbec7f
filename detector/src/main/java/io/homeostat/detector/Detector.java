package io.homeostat.detector;

import io.homeostat.detector.job.DetectorJob;
import io.homeostat.detector.job.JobSettings;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.events.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The detector in this process: an embedded Flink mini cluster that runs {@link DetectorJob}.
 *
 * <p>It goes on where its newest checkpoint in the data folder stands, with the model that it had. A stop is a cancel: a
 * stop and a crash take the same way. What it says is committed with the checkpoint that remembers it (docs/adr/0025).
 * Thread-safe.
 */
public final class Detector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Detector.class);
    private static final String CHECKPOINTS = "checkpoints";
    private static final String METADATA = "_metadata";
    private static final long STATUS_POLL_MILLIS = 50;

    private final DetectorConfig config;
    private final JobClient job;
    private volatile boolean closed;

    private Detector(DetectorConfig config, JobClient job) {
        this.config = config;
        this.job = job;
    }

    /** What job is run. */
    interface Wiring {
        void wire(StreamExecutionEnvironment environment, JobSettings settings);
    }

    /** Creates missing topics and runs the job; returns when it runs. */
    public static Detector start(DetectorConfig config) {
        return start(config, DetectorJob::wire);
    }

    static Detector start(DetectorConfig config, Wiring wiring) {
        Objects.requireNonNull(config, "config");
        createTopics(config);
        List<Path> checkpoints = checkpoints(config.dataDir().resolve(CHECKPOINTS));
        int tries = Math.min(checkpoints.size(), config.limits().checkpointTries());
        for (int i = 0; i < tries; i++) {
            Path checkpoint = checkpoints.get(i);
            try {
                Detector detector = new Detector(config, submit(config, wiring, Optional.of(checkpoint)));
                LOG.atInfo().addKeyValue("checkpoint", checkpoint).log("detector restored");
                return detector;
            } catch (DetectorException e) {
                LOG.atWarn()
                        .addKeyValue("checkpoint", checkpoint)
                        .setCause(e)
                        .log("checkpoint can not be restored; the one before it is tried, then a cold start");
            }
        }
        Detector detector = new Detector(config, submit(config, wiring, Optional.empty()));
        LOG.atInfo()
                .addKeyValue("baselineWindows", config.baselineWindows())
                .log("detector started cold: rules judge at once, the model after its baseline");
        return detector;
    }

    /** True while the job runs or restarts after a fault. */
    public boolean running() {
        return !closed && !status().isGloballyTerminalState();
    }

    /** Cancels the job and stops the mini cluster; its newest checkpoint stays. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        long timeoutMillis = config.limits().stopTimeout().toMillis();
        try {
            if (!status().isGloballyTerminalState()) {
                job.cancel().get(timeoutMillis, TimeUnit.MILLISECONDS);
            }
            awaitTerminal(timeoutMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DetectorException("interrupted while the detector stopped", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new DetectorException("expected the job to stop within " + timeoutMillis + " ms", e);
        }
    }

    private void awaitTerminal(long timeoutMillis) throws InterruptedException, TimeoutException {
        try {
            job.getJobExecutionResult().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // The result of a cancelled job is an exception; what counts is that it has ended.
            LOG.atDebug().setCause(e).log("job ended");
        }
    }

    private JobStatus status() {
        try {
            return job.getJobStatus().get(config.limits().stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DetectorException("interrupted while asking for the job's status", e);
        } catch (ExecutionException | TimeoutException e) {
            // A mini cluster that is gone answers with an error: its job has ended.
            LOG.atDebug().setCause(e).log("job status is not known");
            return JobStatus.FAILED;
        }
    }

    private static JobClient submit(DetectorConfig config, Wiring wiring, Optional<Path> checkpoint) {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(
                config.parallelism(), flinkConfiguration(config, checkpoint));
        wiring.wire(environment, settings(config));
        try {
            JobClient job = environment.executeAsync(DetectorJob.NAME);
            awaitRunning(job, config.limits().startTimeout());
            return job;
        } catch (DetectorException e) {
            throw e;
        } catch (Exception e) {
            // executeAsync declares Exception: this is the door, here it becomes ours.
            throw new DetectorException("the detector's job did not start: " + e.getMessage(), e);
        }
    }

    private static void awaitRunning(JobClient job, Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline) {
            JobStatus status = job.getJobStatus().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (status == JobStatus.RUNNING) {
                return;
            }
            if (status.isTerminalState()) {
                job.getJobExecutionResult().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
                throw new DetectorException("expected the job to run but it is " + status, null);
            }
            TimeUnit.MILLISECONDS.sleep(STATUS_POLL_MILLIS);
        }
        throw new TimeoutException("expected the job to run within " + timeout);
    }

    private static JobSettings settings(DetectorConfig config) {
        PolicyLimits policy = config.limits().policy().withSilenceWindows((int)
                config.silenceAfter().toSeconds());
        return new JobSettings(
                config.kafkaBootstrap(),
                config.consumerGroup(),
                config.dataDir().toAbsolutePath().toString(),
                config.expectedNodes(),
                config.baselineWindows(),
                config.limits().decode(),
                config.limits().window(),
                policy,
                config.limits().evidence());
    }

    private static Configuration flinkConfiguration(DetectorConfig config, Optional<Path> checkpoint) {
        Configuration flink = DetectorJob.defaults(config.checkpointInterval());
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.NUM_TASK_SLOTS, config.parallelism());
        flink.set(RestOptions.ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_PORT, "0");
        flink.set(StateBackendOptions.STATE_BACKEND, config.stateBackend());
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                config.dataDir().resolve(CHECKPOINTS).toAbsolutePath().toUri().toString());
        flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, config.limits().checkpointTries());
        checkpoint.ifPresent(path -> {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString());
            // The new job owns the old one's checkpoint and deletes it when it has better ones.
            flink.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
        });
        return flink;
    }

    /** Complete checkpoints of all former jobs, newest first. */
    private static List<Path> checkpoints(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.find(
                folder, 3, (path, attributes) -> path.getFileName().toString().equals(METADATA))) {
            files.map(Path::getParent).filter(Objects::nonNull).forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoints can not be listed in " + folder, e);
        }
        found.sort(Comparator.comparingLong(Detector::written).reversed());
        return found;
    }

    private static long written(Path checkpoint) {
        try {
            return Files.getLastModifiedTime(checkpoint.resolve(METADATA)).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint " + checkpoint + " can not be read", e);
        }
    }

    private static void createTopics(DetectorConfig config) {
        long timeoutMillis = config.limits().startTimeout().toMillis();
        Map<String, Object> properties = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap());
        try (Admin admin = Admin.create(properties)) {
            Set<String> present = admin.listTopics().names().get(timeoutMillis, TimeUnit.MILLISECONDS);
            List<NewTopic> missing = Stream.of(
                            Topics.OTLP_METRICS,
                            Topics.OTLP_SPANS,
                            Topics.OTLP_LOGS,
                            Topics.INCIDENTS,
                            Topics.DETECTOR_CONTROL)
                    .filter(topic -> !present.contains(topic))
                    .map(Detector::newTopic)
                    .toList();
            for (NewTopic topic : missing) {
                createTopic(admin, topic, timeoutMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DetectorException("interrupted while topics were created", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new DetectorException(
                    "expected Kafka at " + config.kafkaBootstrap() + " to list and create topics", e);
        }
    }

    /** Feedback is a history: in one order, and never forgotten. */
    private static NewTopic newTopic(String topic) {
        return topic.equals(Topics.DETECTOR_CONTROL)
                ? new NewTopic(topic, Optional.of(1), Optional.empty()).configs(Map.of("retention.ms", "-1"))
                : new NewTopic(topic, Optional.empty(), Optional.empty());
    }

    private static void createTopic(Admin admin, NewTopic topic, long timeoutMillis)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            admin.createTopics(List.of(topic)).all().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // Another process was faster.
            if (!(e.getCause() instanceof org.apache.kafka.common.errors.TopicExistsException)) {
                throw e;
            }
        }
    }
}
