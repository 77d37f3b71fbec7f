package io.homeostat.detector;

import io.homeostat.detector.job.DetectorJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Configuration of {@link Detector}.
 *
 * @param kafkaBootstrap {@code host:port[,host:port]}
 * @param consumerGroup Kafka consumer group of the source
 * @param dataDir folder for {@code checkpoints/}, {@code models/} and {@code windows/}
 * @param expectedNodes the nodes that are judged, and whose silence counts; telemetry of others is ignored
 * @param baselineWindows seconds of clean telemetry that the model learns from
 * @param parallelism slots of the mini cluster; verdicts are always made in one
 * @param checkpointInterval how much work is repeated at most after a restart, and how long an incident waits at most
 *     until its transaction is committed and readers see it (docs/adr/0025)
 * @param silenceAfter time without any telemetry of a node, while others report, that counts as silence; whole seconds
 * @param stateBackend {@code hashmap} or {@code rocksdb}
 */
public record DetectorConfig(
        String kafkaBootstrap,
        String consumerGroup,
        Path dataDir,
        List<String> expectedNodes,
        int baselineWindows,
        int parallelism,
        Duration checkpointInterval,
        Duration silenceAfter,
        String stateBackend,
        DetectorLimits limits) {
    public DetectorConfig {
        Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
        Objects.requireNonNull(consumerGroup, "consumerGroup");
        Objects.requireNonNull(dataDir, "dataDir");
        Objects.requireNonNull(limits, "limits");
        expectedNodes = List.copyOf(expectedNodes);
        if (baselineWindows < 5 || baselineWindows > 3_600) {
            throw new IllegalArgumentException("baselineWindows must lie in [5, 3600] but is " + baselineWindows);
        }
        if (parallelism < 1 || parallelism > 128) {
            throw new IllegalArgumentException("parallelism must lie in [1, 128] but is " + parallelism);
        }
        if (checkpointInterval.toMillis() < 100) {
            throw new IllegalArgumentException(
                    "checkpointInterval must be at least 100 ms but is " + checkpointInterval);
        }
        if (silenceAfter.toSeconds() < 1 || silenceAfter.toMillis() % 1_000 != 0) {
            throw new IllegalArgumentException(
                    "silenceAfter must be whole seconds and at least 1 s but is " + silenceAfter);
        }
        if (!stateBackend.equals("hashmap") && !stateBackend.equals("rocksdb")) {
            throw new IllegalArgumentException("stateBackend must be hashmap or rocksdb but is '" + stateBackend + "'");
        }
    }

    /** Everything by default: 20 s of baseline, silence after 3 s, an incremental checkpoint of RocksDB every 250 ms, one slot. */
    public static DetectorConfig of(String kafkaBootstrap, Path dataDir, List<String> expectedNodes) {
        return new DetectorConfig(
                kafkaBootstrap,
                "homeostat-detector",
                dataDir,
                expectedNodes,
                20,
                1,
                DetectorJob.CHECKPOINT_INTERVAL,
                Duration.ofSeconds(3),
                "rocksdb",
                DetectorLimits.defaults());
    }

    public DetectorConfig withBaselineWindows(int windows) {
        return new DetectorConfig(
                kafkaBootstrap,
                consumerGroup,
                dataDir,
                expectedNodes,
                windows,
                parallelism,
                checkpointInterval,
                silenceAfter,
                stateBackend,
                limits);
    }
}
