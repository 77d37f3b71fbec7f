package io.homeostat.detector.screening;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * What {@link Screening} needs.
 *
 * @param dataDir folder of checkpoints
 * @param checkpointInterval a checkpoint copies the profiles that changed hands meanwhile; verdicts wait for that
 */
public record ScreeningConfig(ScreeningSettings settings, Path dataDir, Duration checkpointInterval) {
    public ScreeningConfig {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(dataDir, "dataDir");
        if (checkpointInterval.toMillis() < 100) {
            throw new IllegalArgumentException(
                    "checkpointInterval must be at least 100 ms but is " + checkpointInterval);
        }
    }

    public static ScreeningConfig of(String kafkaBootstrap, Path dataDir) {
        return new ScreeningConfig(ScreeningSettings.of(kafkaBootstrap), dataDir, Duration.ofSeconds(10));
    }
}
