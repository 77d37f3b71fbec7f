package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.SignedNote;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes, and a fault hook that sets their clocks wrong. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClockSkewIT {
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @TempDir
    Path dir;

    @Test
    void a_leader_whose_clock_runs_ahead_stamps_nothing_and_without_a_majority_of_clocks_nobody_writes()
            throws Exception {
        try (LocalCluster cluster = new LocalCluster(dir, 3).startAll()) {
            Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                    {"accounts":[
                     {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                     {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
            assertThat(made.status()).as(made.text()).isEqualTo(200);
            String wrong = cluster.leader();
            String right = cluster.follower();

            setClock(cluster, wrong, HOUR);
            Eventually.holds(
                    "another node leads", PATIENCE, () -> !cluster.leader().equals(wrong));
            Eventually.holds(
                    "it writes", PATIENCE, () -> transfer(cluster, right).status() == 200);
            assertThat(aheadMillis(cluster, right))
                    .as("no stamp came from the wrong clock")
                    .isLessThan(HOUR / 2);
            Eventually.holds(
                    "the skew is told",
                    PATIENCE,
                    () -> cluster.get(right, "/v1/status", READER)
                                    .json()
                                    .path("clockSkewMillis")
                                    .asLong()
                            > HOUR / 2);

            String third = cluster.ids().stream()
                    .filter(id -> !id.equals(wrong) && !id.equals(right))
                    .findFirst()
                    .orElseThrow();
            setClock(cluster, third, -HOUR);
            Eventually.holds("every leader refuses", PATIENCE, () -> {
                Answer answer = transfer(cluster, right);
                return answer.status() == 503
                        && answer.json().path("reason").asText().equals("clock_skew")
                        && answer.json().path("detail").asText().contains(" ms ")
                        && answer.headers().firstValue("Retry-After").isPresent();
            });
            Answer read = cluster.getLocal(right, "/v1/accounts/alice", READER);
            assertThat(read.status()).as("reads go on: %s", read.text()).isEqualTo(200);

            setClock(cluster, third, 0);
            Eventually.holds(
                    "writing goes on by itself",
                    PATIENCE,
                    () -> transfer(cluster, right).status() == 200);
            assertThat(aheadMillis(cluster, right)).isLessThan(HOUR / 2);
        }
    }

    private static void setClock(LocalCluster cluster, String node, long offsetMillis) {
        Answer answer =
                cluster.control(node, "POST", "/control/faults/clock", "{\"offsetMillis\":" + offsetMillis + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static Answer transfer(LocalCluster cluster, String node) {
        return cluster.post(
                node,
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + UUID.randomUUID()
                        + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":1,\"asset\":\"EUR\"}");
    }

    private static long aheadMillis(LocalCluster cluster, String node) {
        SignedNote note =
                SignedNote.parse(cluster.get(node, "/v1/checkpoint", READER).body());
        return Checkpoint.parse(note.text()).timeMicros() / 1000 - System.currentTimeMillis();
    }
}
