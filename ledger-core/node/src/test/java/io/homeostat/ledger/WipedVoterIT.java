package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.raft.JoinMark;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
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

    /**
     * The dangerous kind: its log is not empty, so it looks like a voter that is a little behind, and by the log alone it would
     * vote for a node that lacks what it had acknowledged before its disk was lost. No attestation falls due meanwhile, so it
     * stays without a vote for as long as the test needs it.
     */
    @Test
    void a_voter_that_was_refilled_only_in_part_neither_leads_nor_helps_a_node_that_lacks_acknowledged_transfers()
            throws Exception {
        LedgerNodeLimits limits =
                LedgerNodeLimits.DEFAULTS.withState(LedgerStateLimits.defaults().withAttestEvery(longerThanThisTest()));
        try (LocalCluster cluster = new LocalCluster(dir, 3, limits, OpenTelemetry.noop()).startAll()) {
            cluster.openAccounts();
            cluster.work(10);
            String first = cluster.leader();
            List<String> followers = cluster.ids().stream()
                    .filter(id -> !id.equals(first))
                    .sorted()
                    .toList();
            String wiped = followers.get(0);
            String second = followers.get(1);
            // What a fill leaves that was broken off: part of the log, and the mark.
            cluster.stop(wiped);
            Path half = dir.resolve("half");
            copy(cluster.dataDir(wiped), half);
            Files.createFile(half.resolve("joining"));
            setBack(cluster, wiped, half);
            cluster.start(wiped, false, false);
            Eventually.holds("the leader hears it", PATIENCE, () -> live(cluster, first, wiped));

            LocalCluster.Answer refused = lead(cluster, first, "target", wiped);

            assertThat(refused.status()).as(refused.text()).isEqualTo(409);
            assertThat(refused.text()).contains("target_votes_withheld");
            assertThat(cluster.leads(first)).as("refused before anything began").isTrue();
            // Away goes past it, though it is the first by id.
            assertThat(lead(cluster, first, "away", first).text()).contains(second);

            String leader = cluster.leader();
            String late = leader.equals(first) ? second : first;
            cluster.work(5);
            Eventually.holds("the late node has them", PATIENCE, () -> transfersOf(cluster, late) == 15);
            cluster.stop(late);
            // Acknowledged by the leader and by the node that is then set back to what it held before.
            cluster.work(20);
            cluster.stop(wiped);
            cluster.stop(leader);
            setBack(cluster, wiped, half);

            LedgerNode forgot = cluster.start(wiped, false, false);
            cluster.start(late, false, false);
            Eventually.holds(
                    "the late node asked for votes",
                    PATIENCE,
                    () -> forgot.replica().votesRefused() >= REFUSALS);

            assertThat(forgot.replica().status().leader()).isFalse();
            assertThat(cluster.node(late).replica().status().leader()).isFalse();

            cluster.start(leader, false, false);
            for (String node : List.of(leader, late)) {
                Eventually.holds(
                        "node " + node + " knows every acknowledged transfer",
                        PATIENCE,
                        () -> transfersOf(cluster, node) == 35);
            }
            long acknowledged = cluster.node(leader).replica().status().commitIndex();
            Eventually.holds(
                    "the node that was set back has them too",
                    PATIENCE,
                    () -> forgot.replica().status().appliedIndex() >= acknowledged);
            assertThat(forgot.replica().voteless()).isTrue();
        }
    }

    /** A period of attestations in microseconds of which no new one begins within the next 15 minutes. */
    private static long longerThanThisTest() {
        long now = PeerClocks.micros(Instant.now());
        long minute = 60_000_000L;
        for (long minutes = 60; minutes >= 30; minutes--) {
            if (minutes * minute - now % (minutes * minute) > 15 * minute) {
                return minutes * minute;
            }
        }
        throw new AssertionError("of thirty periods one begins more than 15 minutes from now");
    }

    private static LocalCluster.Answer lead(LocalCluster cluster, String leader, String how, String node) {
        return cluster.post(leader, "/v1/leadership", HEALER, "{\"" + how + "\":\"" + node + "\"}");
    }

    private static boolean live(LocalCluster cluster, String leader, String node) {
        return cluster.node(leader).replica().status().liveMembers().contains(node);
    }

    private static void setBack(LocalCluster cluster, String node, Path to) throws IOException {
        cluster.wipe(node);
        copy(to, cluster.dataDir(node));
    }

    /** As the node itself sees it; -1 when it does not answer. */
    private static long transfersOf(LocalCluster cluster, String node) {
        return cluster.getLocal(node, "/v1/accounts/alice", READER)
                .json()
                .path("creditsPosted")
                .asLong(-1);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
