package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.LocalCluster;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader that nobody listens for any more is replaced because of that, not because of its silence. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LeaderLossIT {
    /** Far longer than {@link LocalCluster#PATIENCE}: by silence no leader would be replaced in time. */
    private static final Duration SILENCE = Duration.ofSeconds(90);

    @TempDir
    Path dir;

    @Test
    void a_leader_that_is_gone_is_replaced_long_before_its_silence_tells() {
        LedgerNodeLimits patient =
                LedgerNodeLimits.DEFAULTS.withElectionTimeouts(SILENCE, SILENCE.plus(Duration.ofSeconds(10)));
        try (LocalCluster cluster = new LocalCluster(dir, 3, patient, OpenTelemetry.noop()).startAll()) {
            cluster.awaitReady();
            String first = cluster.leader();
            assertThat(cluster.post(first, "/v1/accounts", OPERATOR, """
                                    {"accounts":[{"id":"bank","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false}]}
                                    """).status())
                    .isEqualTo(200);

            cluster.stop(first);

            String second = cluster.leader();
            assertThat(second).isNotEqualTo(first);
            assertThat(cluster.post(second, "/v1/accounts", OPERATOR, """
                                    {"accounts":[{"id":"shop","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}
                                    """).status())
                    .isEqualTo(200);
        }
    }
}
