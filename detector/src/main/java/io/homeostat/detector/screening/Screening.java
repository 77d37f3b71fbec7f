package io.homeostat.detector.screening;

import io.homeostat.events.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The screen in this process: an embedded mini cluster that runs {@link ScreeningJob}. It goes on where its newest checkpoint
 * stands; a checkpoint that can not be restored means to read the journal from its beginning, which gives the same profiles.
 *
 * <p>Thread-safe.
 */
public final class Screening implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Screening.class);
    private static final String METADATA = "_metadata";
    private static final Duration START_WITHIN = Duration.ofSeconds(60);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final long POLL_MILLIS = 50;
    private static final int KEPT_CHECKPOINTS = 2;
    private static final int RESTARTS = 20;

    private final JobClient job;
    private volatile boolean closed;

    private Screening(JobClient job) {
        this.job = job;
    }

    /** Creates missing topics and runs the job; returns when it runs. */
    public static Screening start(ScreeningConfig config) {
        createTopics(config.settings().kafkaBootstrap());
        Optional<Path> newest = newestCheckpoint(config.dataDir().resolve("checkpoints"));
        if (newest.isPresent()) {
            try {
                return new Screening(submit(config, newest));
            } catch (IllegalStateException e) {
                LOG.atWarn()
                        .addKeyValue("checkpoint", newest.get())
                        .setCause(e)
                        .log("the checkpoint can not be restored; the journal is read from its beginning");
            }
        }
        return new Screening(submit(config, Optional.empty()));
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
        try {
            if (!status().isGloballyTerminalState()) {
                job.cancel().get(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            }
            job.getJobExecutionResult().get(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            // The result of a cancelled job is an exception; what counts is that it has ended.
            LOG.atDebug().setCause(e).log("job ended");
        } catch (TimeoutException e) {
            throw new IllegalStateException("expected the screening job to stop within " + STOP_WITHIN, e);
        }
    }

    private JobStatus status() {
        try {
            return job.getJobStatus().get(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JobStatus.FAILED;
        } catch (ExecutionException | TimeoutException e) {
            // A mini cluster that is gone answers with an error: its job has ended.
            LOG.atDebug().setCause(e).log("job status is not known");
            return JobStatus.FAILED;
        }
    }

    private static JobClient submit(ScreeningConfig config, Optional<Path> checkpoint) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, flink(config, checkpoint));
        ScreeningJob.wire(environment, config.settings());
        try {
            JobClient job = environment.executeAsync(ScreeningJob.NAME);
            long deadline = System.nanoTime() + START_WITHIN.toNanos();
            while (System.nanoTime() < deadline) {
                JobStatus status = job.getJobStatus().get(START_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
                if (status == JobStatus.RUNNING) {
                    return job;
                }
                if (status.isTerminalState()) {
                    job.getJobExecutionResult().get(START_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            throw new TimeoutException("expected the job to run within " + START_WITHIN);
        } catch (Exception e) {
            // executeAsync declares Exception: this is the door, here it becomes ours.
            throw new IllegalStateException("the screening job did not start: " + e.getMessage(), e);
        }
    }

    private static Configuration flink(ScreeningConfig config, Optional<Path> checkpoint) {
        Configuration flink = new Configuration();
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(8));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(8));
        flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(8));
        flink.set(TaskManagerOptions.NUM_TASK_SLOTS, 1);
        flink.set(RestOptions.ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_PORT, "0");
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.checkpointInterval());
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                config.dataDir().resolve("checkpoints").toAbsolutePath().toUri().toString());
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, KEPT_CHECKPOINTS);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(30));
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
        checkpoint.ifPresent(path -> {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString());
            flink.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
        });
        return flink;
    }

    private static Optional<Path> newestCheckpoint(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.find(
                folder, 3, (path, attributes) -> path.getFileName().toString().equals(METADATA))) {
            return files.max(Comparator.comparingLong(Screening::written)).map(Path::getParent);
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoints can not be listed in " + folder, e);
        }
    }

    private static long written(Path metadata) {
        try {
            return Files.getLastModifiedTime(metadata).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint " + metadata + " can not be read", e);
        }
    }

    private static void createTopics(String bootstrap) {
        long timeoutMillis = START_WITHIN.toMillis();
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            for (String topic : List.of(Topics.LEDGER_EVENTS, Topics.SCREENING_VERDICTS)) {
                try {
                    admin.createTopics(List.of(new NewTopic(topic, 1, (short) -1)))
                            .all()
                            .get(timeoutMillis, TimeUnit.MILLISECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw e;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while topics were created", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("expected Kafka at " + bootstrap + " to create topics", e);
        }
    }
}
