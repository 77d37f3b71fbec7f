package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart must replay is bounded in commands too: a few hundred large entries were minutes of work. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SnapshotPaceIT {
    private static final int LARGE = 8000;

    @TempDir
    Path dir;

    @Test
    void a_large_entry_brings_the_next_snapshot_nearer_by_its_commands() {
        // Far more entries than this test makes, of which each large one counts for 80.
        LedgerNodeLimits limits = LedgerNodeLimits.DEFAULTS.withSnapshotEvery(1000);
        try (LocalCluster cluster = new LocalCluster(dir, 1, limits, OpenTelemetry.noop()).startAll()) {
            assertThat(cluster.post("n1", "/v1/accounts", OPERATOR, """
                    {"accounts":[
                     {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                     {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""").status())
                    .isEqualTo(200);
            assertThat(snapshots(cluster)).isZero();

            for (int i = 0; i < 15; i++) {
                assertThat(cluster.client()
                                .batch(Stream.generate(() -> new LedgerClient.Transfer(
                                                UUID.randomUUID(), "world", "alice", 1, "EUR"))
                                        .limit(LARGE)
                                        .toList()))
                        .allMatch(LedgerClient.Outcome::accepted);
            }

            Eventually.holds("a snapshot is on disk", PATIENCE, () -> snapshots(cluster) > 0);
        }
    }

    private static long snapshots(LocalCluster cluster) {
        try (Stream<Path> files = Files.walk(cluster.dataDir("n1").resolve("raft"))) {
            return files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
