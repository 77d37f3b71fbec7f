package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DetectorConfigTest {
    private final DetectorConfig standard = DetectorConfig.of("127.0.0.1:9092", Path.of("d"), List.of("n1"));

    @Test
    void a_baseline_of_five_windows_is_enough_and_of_four_is_not() {
        assertThat(standard.withBaselineWindows(5).baselineWindows()).isEqualTo(5);
        assertThatThrownBy(() -> standard.withBaselineWindows(4)).hasMessageContaining("[5, 3600]");
    }

    @Test
    void silence_is_counted_in_whole_seconds() {
        assertThat(with(Duration.ofSeconds(1)).silenceAfter()).hasSeconds(1);
        assertThatThrownBy(() -> with(Duration.ofMillis(1_500))).hasMessageContaining("whole seconds");
        assertThatThrownBy(() -> with(Duration.ofMillis(999))).hasMessageContaining("whole seconds");
    }

    private DetectorConfig with(Duration silenceAfter) {
        return new DetectorConfig(
                standard.kafkaBootstrap(),
                standard.consumerGroup(),
                standard.dataDir(),
                standard.expectedNodes(),
                standard.baselineWindows(),
                standard.parallelism(),
                standard.checkpointInterval(),
                silenceAfter,
                standard.stateBackend(),
                standard.limits());
    }
}
