package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.testing.HalfAnswer;
import io.homeostat.ledger.testing.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PeerClientTest {
    @TempDir
    Path dir;

    @Test
    void a_leader_that_stands_still_in_the_middle_of_its_answer_does_not_end_attesting() throws Exception {
        try (LocalCluster cluster = new LocalCluster(dir, 3);
                HalfAnswer leader = new HalfAnswer()) {
            PeerClient peers = new PeerClient(
                    cluster.config("n1", true, false), LocalCluster.INTERNAL, Optional.empty(), Duration.ofMillis(500));

            CompletableFuture<Boolean> told = peers.attest(
                    new LedgerNodeConfig.Peer("n2", "z2", "127.0.0.1", 1, leader.port()), "n1", 7, new byte[32]);

            assertThat(told)
                    .failsWithin(LocalCluster.PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(TimeoutException.class);
        }
    }
}
