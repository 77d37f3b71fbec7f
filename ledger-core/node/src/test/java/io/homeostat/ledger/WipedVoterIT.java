package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.raft.JoinMark;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WipedVoterIT {
    private static final int REFUSALS = 3;

    @TempDir
    Path dir;

    @Test
    void a_voter_whose_disk_was_wiped_by_hand_does_not_vote_for_a_node_that_lacks_acknowledged_transfers()
            throws Exception {
        try (LocalCluster cluster = new LocalCluster(dir, 3).startAll()) {
            cluster.openAccounts();
            cluster.work(10);
            String leader = cluster.leader();
            List<String> followers =
                    cluster.ids().stream().filter(id -> !id.equals(leader)).toList();
            String late = followers.get(0);
            String wiped = followers.get(1);
            cluster.stop(late);
            // Acknowledged by the leader and by the node that is about to lose its disk, unknown to the late one.
            cluster.work(20);
            cluster.stop(wiped);
            cluster.stop(leader);
            cluster.wipe(wiped);

            LedgerNode forgot = cluster.start(wiped, false, true);
            cluster.start(late, false, false);
            Eventually.holds(
                    "the late node asked for votes",
                    PATIENCE,
                    () -> forgot.replica().votesRefused() >= REFUSALS);

            assertThat(cluster.leads(late)).isFalse();
            assertThat(JoinMark.isSet(cluster.dataDir(wiped))).isTrue();

            cluster.start(leader, false, false);
            cluster.awaitReady();

            for (String node : cluster.ids()) {
                Eventually.holds(
                        "node " + node + " knows every acknowledged transfer",
                        PATIENCE,
                        () -> cluster.get(node, "/v1/accounts/alice", READER)
                                        .json()
                                        .path("creditsPosted")
                                        .asLong()
                                == 30);
            }
            Eventually.holds(
                    "the wiped node votes once the others attest its digest",
                    PATIENCE,
                    () -> !forgot.replica().voteless());
            assertThat(JoinMark.isSet(cluster.dataDir(wiped))).isFalse();
            // Its vote is needed now.
            cluster.stop(cluster.leader().equals(wiped) ? late : cluster.leader());
            cluster.work(5);
        }
    }
}
