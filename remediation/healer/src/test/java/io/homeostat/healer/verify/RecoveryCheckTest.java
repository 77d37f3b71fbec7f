package io.homeostat.healer.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.Cause;
import io.homeostat.events.Severity;
import io.homeostat.healer.act.Attestation;
import io.homeostat.healer.incident.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class RecoveryCheckTest {
    private static final Instant NOW = Instant.parse("2026-11-20T14:00:00Z");
    private static final List<Anomaly> CLEARED =
            List.of(new Anomaly("a", Cause.CRASH, Severity.CRITICAL, NOW.minusSeconds(20), NOW.minusSeconds(2)));
    private static final List<Anomaly> OPEN =
            List.of(new Anomaly("a", Cause.CRASH, Severity.CRITICAL, NOW.minusSeconds(20), null));
    private final RecoveryCheck check = new RecoveryCheck(3, new VerifyLimits(Duration.ofSeconds(1), 5));

    @Test
    void only_an_attestation_at_or_after_the_recovery_counts() {
        List<Attestation> attestations = List.of(new Attestation(100, Map.of("n1", "g", "n2", "g")));

        assertThat(check.digest("n2", attestations, 100)).isInstanceOf(CheckResult.Verified.class);
        assertThat(check.digest("n2", attestations, 101)).isInstanceOf(CheckResult.NotYet.class);
    }

    @Test
    void the_nodes_own_word_without_a_majority_is_not_enough() {
        assertThat(check.digest("n2", List.of(new Attestation(100, Map.of("n2", "g"))), 1))
                .isInstanceOf(CheckResult.NotYet.class);
        assertThat(check.digest("n2", List.of(new Attestation(100, Map.of("n1", "g", "n3", "g"))), 1))
                .isInstanceOf(CheckResult.NotYet.class);
    }

    @Test
    void another_digest_than_the_majoritys_will_not_get_better_with_time() {
        CheckResult result =
                check.digest("n2", List.of(new Attestation(100, Map.of("n1", "g", "n2", "b", "n3", "g"))), 1);

        assertThat(result).isInstanceOf(CheckResult.Differs.class);
        assertThat(((CheckResult.Differs) result).reason()).contains("n2", "100", "g", "b");
    }

    @Test
    void the_newest_decided_round_is_the_one_that_counts() {
        List<Attestation> attestations = List.of(
                new Attestation(100, Map.of("n1", "g", "n2", "b", "n3", "g")),
                new Attestation(110, Map.of("n1", "h", "n2", "h", "n3", "h")));

        assertThat(check.digest("n2", attestations, 90))
                .isEqualTo(new CheckResult.Verified(110, "h", List.of("n1", "n2", "n3"), 0));
    }

    @Test
    void cleared_anomalies_need_no_wait_and_open_ones_the_full_number_of_quiet_windows() {
        List<Attestation> equal = List.of(new Attestation(100, Map.of("n1", "g", "n2", "g")));
        Instant raised = NOW.minusSeconds(20);

        assertThat(check.check("n2", equal, 1, CLEARED, raised, NOW, NOW)).isInstanceOf(CheckResult.Verified.class);
        assertThat(check.check("n2", equal, 1, OPEN, raised, NOW.minusMillis(4999), NOW))
                .isInstanceOf(CheckResult.NotYet.class);
        assertThat(check.check("n2", equal, 1, OPEN, raised, NOW.minusMillis(5000), NOW))
                .isInstanceOf(CheckResult.Verified.class);
        assertThat(check.check("n2", equal, 1, OPEN, NOW.minusMillis(4999), NOW.minusSeconds(9), NOW))
                .isInstanceOf(CheckResult.NotYet.class);
    }
}
