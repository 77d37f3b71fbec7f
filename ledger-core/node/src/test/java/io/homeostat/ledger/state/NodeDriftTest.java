package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static io.homeostat.ledger.state.LedgerFixture.throughCodec;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NodeDriftTest {
    @TempDir
    Path directory;

    /** Three ledgers behind one log. After each batch every node that has a digest pending proposes it. */
    private final class Cluster implements AutoCloseable {
        final List<Ledger> ledgers = new ArrayList<>();
        final List<Command.Batch> log = new ArrayList<>();
        long now = START;

        Cluster() {
            for (String node : List.of("n1", "n2", "n3")) {
                ledgers.add(Ledger.open(
                        directory.resolve(node), LedgerFixture.GENESIS, node, LedgerStateLimits.defaults()));
            }
            commit(new Command.Begin(LedgerFixture.GENESIS.body()));
        }

        List<Command.Outcome> commit(Command... commands) {
            Command.Batch batch = throughCodec(new Command.Batch(now, Arrays.asList(commands)));
            log.add(batch);
            List<Command.Outcome> outcomes = List.of();
            for (Ledger ledger : ledgers) {
                if (ledger.divergence().isEmpty()) {
                    outcomes = ledger.apply(log.size(), batch);
                }
            }
            return outcomes;
        }

        /** Lets one attestation fall due and be proposed by everybody who still runs. */
        void attest() {
            now += SECOND;
            commit(new Command.Tick());
            for (int i = 0; i < ledgers.size(); i++) {
                Ledger ledger = ledgers.get(i);
                if (ledger.divergence().isEmpty() && ledger.pendingAttestation().isPresent()) {
                    OwnDigest own = ledger.pendingAttestation().orElseThrow();
                    commit(new Command.Attest("n" + (i + 1), own.raftIndex(), own.digest()));
                }
            }
        }

        @Override
        public void close() {
            ledgers.forEach(Ledger::close);
        }
    }

    @Test
    void a_changed_balance_that_nobody_touches_is_found_within_four_attestations_on_that_node_only() {
        for (int drifting = 0; drifting < 3; drifting++) {
            try (Cluster cluster = new ClusterOf(drifting).cluster) {
                accounts(cluster, 1100);
                cluster.attest();
                assertThat(cluster.ledgers.get(drifting).faultDrift("a" + (drifting * 500), 1))
                        .isTrue();

                int attestations = 0;
                while (cluster.ledgers.get(drifting).divergence().isEmpty() && attestations < 4) {
                    cluster.attest();
                    attestations++;
                }

                Divergence divergence =
                        cluster.ledgers.get(drifting).divergence().orElseThrow();
                assertThat(divergence.expected()).isNotEqualTo(divergence.found());
                for (int i = 0; i < 3; i++) {
                    if (i != drifting) {
                        assertThat(cluster.ledgers.get(i).divergence()).isEmpty();
                        assertThat(cluster.ledgers.get(i).nodes())
                                .filteredOn(NodeView::diverged)
                                .extracting(NodeView::id)
                                .containsExactly("n" + (drifting + 1));
                    }
                }
            }
        }
    }

    @Test
    void a_node_whose_own_attestation_never_arrives_knows_at_the_next_one() {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 10);
            cluster.ledgers.get(2).faultDrift("a7", 1);
            cluster.now += SECOND;
            cluster.commit(new Command.Tick());
            for (int i = 0; i < 2; i++) {
                OwnDigest own = cluster.ledgers.get(i).pendingAttestation().orElseThrow();
                cluster.commit(new Command.Attest("n" + (i + 1), own.raftIndex(), own.digest()));
            }
            assertThat(cluster.ledgers.get(2).divergence())
                    .as("its evidence may still come")
                    .isEmpty();

            cluster.now += SECOND;
            cluster.commit(new Command.Tick());

            assertThat(cluster.ledgers.get(2).divergence()).isPresent();
            assertThat(cluster.ledgers.get(0).divergence()).isEmpty();
        }
    }

    /** As on a machine so busy that an attestation takes longer than until the next one falls due. */
    @Test
    void a_node_that_attests_nothing_itself_is_confirmed_by_a_majority_that_comes_late() {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 10);
            long before = cluster.ledgers.get(2).confirmedIndex();
            cluster.now += SECOND;
            cluster.commit(new Command.Tick());
            List<OwnDigest> due = cluster.ledgers.subList(0, 2).stream()
                    .map(ledger -> ledger.pendingAttestation().orElseThrow())
                    .toList();
            cluster.now += SECOND;
            cluster.commit(new Command.Tick());

            for (int i = 0; i < 2; i++) {
                cluster.commit(new Command.Attest(
                        "n" + (i + 1), due.get(i).raftIndex(), due.get(i).digest()));
            }

            assertThat(cluster.ledgers.get(2).confirmedIndex())
                    .isEqualTo(due.get(0).raftIndex())
                    .isGreaterThan(before);
            assertThat(cluster.ledgers.get(2).divergence()).isEmpty();
        }
    }

    @Test
    void nodes_that_can_not_keep_up_attest_the_same_index_and_not_each_another() {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 10);
            cluster.now += SECOND;
            cluster.commit(new Command.Tick());
            OwnDigest first = cluster.ledgers.get(0).pendingAttestation().orElseThrow();
            cluster.now += SECOND;
            cluster.commit(new Command.Tick());
            // What the first one told arrives only now, and a newer index is due everywhere.
            cluster.commit(new Command.Attest("n1", first.raftIndex(), first.digest()));

            assertThat(cluster.ledgers.get(1).pendingAttestation().orElseThrow().raftIndex())
                    .isEqualTo(first.raftIndex());
            assertThat(cluster.ledgers.get(0).pendingAttestation().orElseThrow().raftIndex())
                    .as("it has attested that one")
                    .isGreaterThan(first.raftIndex());
        }
    }

    @Test
    void a_changed_balance_that_is_touched_is_found_at_the_next_attestation() {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 600);
            cluster.attest();
            cluster.ledgers.get(1).faultDrift("a300", -7);
            cluster.commit(transfer(new UUID(1, 1), "a300", "a1", 1));

            cluster.attest();

            assertThat(cluster.ledgers.get(1).divergence()).isPresent();
        }
    }

    @Test
    void healthy_nodes_attest_the_same_digest_for_a_long_time() {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 300);
            for (int i = 0; i < 70; i++) {
                cluster.commit(transfer(new UUID(2, i), "a" + i, "a299", 5));
                cluster.attest();
            }

            List<AttestationView> views = cluster.ledgers.get(0).attestations(100);
            assertThat(views).hasSize(64);
            assertThat(views.get(0).raftIndex()).isGreaterThan(views.get(1).raftIndex());
            assertThat(views).allSatisfy(view -> {
                assertThat(view.digests()).hasSize(3);
                assertThat(view.digests().values().stream().distinct()).hasSize(1);
            });
            assertThat(cluster.ledgers.get(2).nodes()).noneMatch(NodeView::diverged);
            assertThat(cluster.ledgers)
                    .extracting(Ledger::stateDigest)
                    .containsOnly(cluster.ledgers.get(0).stateDigest());
        }
    }

    @Test
    void a_diverged_node_attests_on_trial_and_counts_again_when_it_was_rebuilt_and_admitted() throws IOException {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 300);
            cluster.attest();
            cluster.ledgers.get(2).faultDrift("a7", 1);
            for (int i = 0; i < 4; i++) {
                cluster.attest();
            }
            assertThat(cluster.ledgers.get(2).divergence()).isPresent();
            long newest = cluster.ledgers.get(0).attestations(1).get(0).raftIndex();
            assertThat(cluster.commit(new Command.Attest("n3", newest, sha("x")))
                            .get(0)
                            .reason())
                    .isEqualTo(Reason.OK);
            assertThat(cluster.ledgers.get(0).nodes())
                    .extracting(NodeView::diverged)
                    .containsExactly(false, false, true);

            ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
            cluster.ledgers.get(0).writeSnapshot(snapshot);
            Ledger rebuilt =
                    Ledger.open(directory.resolve("n3-new"), LedgerFixture.GENESIS, "n3", LedgerStateLimits.defaults());
            rebuilt.restore(new ByteArrayInputStream(snapshot.toByteArray()));
            rebuilt.backfill(cluster.ledgers.get(0).readJournal(0, 1 << 20, 1 << 28));
            cluster.ledgers.set(2, rebuilt);
            assertThat(cluster.commit(new Command.AdmitNode("n3", "inc")).get(0).reason())
                    .isEqualTo(Reason.OK);
            cluster.attest();

            assertThat(rebuilt.divergence()).isEmpty();
            assertThat(cluster.ledgers.get(0).attestations(1).get(0).digests()).hasSize(3);
            assertThat(cluster.ledgers.get(0).nodes()).noneMatch(NodeView::diverged);
        }
    }

    @Test
    void a_node_that_drifted_writes_no_snapshot() throws IOException {
        try (Cluster cluster = new Cluster()) {
            accounts(cluster, 300);
            cluster.attest();
            cluster.ledgers.get(0).faultDrift("a7", 1);

            assertThatThrownBy(() -> cluster.ledgers.get(0).writeSnapshot(new ByteArrayOutputStream()))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining("no snapshot is written");
            cluster.ledgers.get(1).writeSnapshot(new ByteArrayOutputStream());
        }
    }

    @Test
    void an_attestation_counts_once_for_an_index_that_was_due() {
        try (Replica replica = new Replica(directory.resolve("one")).begun()) {
            replica.later(SECOND, new Command.Tick());
            OwnDigest own = replica.ledger.pendingAttestation().orElseThrow();
            assertThat(own.raftIndex()).isEqualTo(replica.index).isEqualTo(replica.ledger.digestIndex());

            assertThat(attest(replica, "n9", own.raftIndex())).isEqualTo(Reason.NODE_UNKNOWN);
            assertThat(attest(replica, "n1", own.raftIndex() + 1)).isEqualTo(Reason.ATTESTATION_STALE);
            assertThat(replica.ledger.pendingAttestation()).isPresent();
            assertThat(replica.apply(new Command.Attest("n1", own.raftIndex(), own.digest()))
                            .reason())
                    .isEqualTo(Reason.OK);
            assertThat(replica.ledger.pendingAttestation()).isEmpty();
            assertThat(attest(replica, "n1", own.raftIndex())).isEqualTo(Reason.ATTESTATION_STALE);
        }
    }

    @Test
    void attestations_fall_due_when_ledger_time_passes_a_second() {
        try (Replica replica = new Replica(directory.resolve("one")).begun()) {
            long first = replica.ledger.digestIndex();
            replica.now = START + SECOND - 1;
            replica.apply(new Command.Tick());
            assertThat(replica.ledger.digestIndex()).isEqualTo(first);

            replica.now = START + SECOND;
            replica.apply(new Command.Tick());
            assertThat(replica.ledger.digestIndex()).isEqualTo(replica.index);
        }
    }

    @Test
    void the_quorum_guard_lets_one_of_three_go_and_no_second() {
        try (Replica replica = new Replica(directory.resolve("one")).begun()) {
            assertThat(isolate(replica, "n9", "i1")).isEqualTo(Reason.NODE_UNKNOWN);
            assertThat(isolate(replica, "n1", "i1")).isEqualTo(Reason.OK);
            assertThat(isolate(replica, "n1", "i1")).isEqualTo(Reason.DUPLICATE);
            assertThat(isolate(replica, "n1", "i2")).isEqualTo(Reason.NODE_ALREADY_ISOLATED);
            assertThat(isolate(replica, "n2", "i2")).isEqualTo(Reason.QUORUM_AT_RISK);
            assertThat(replica.apply(new Command.AdmitNode("n2", "i2")).reason())
                    .isEqualTo(Reason.NODE_NOT_ISOLATED);
            assertThat(replica.apply(new Command.AdmitNode("n1", "i1")).reason())
                    .isEqualTo(Reason.OK);
            assertThat(isolate(replica, "n2", "i2")).isEqualTo(Reason.OK);
            assertThat(replica.ledger.nodes()).extracting(NodeView::isolated).containsExactly(false, true, false);
        }
    }

    @Test
    void a_diverged_node_is_not_counted_among_those_that_are_left() {
        try (Replica replica = new Replica(directory.resolve("one"), "n3", LedgerStateLimits.defaults()).begun()) {
            long index = replica.index;
            replica.apply(new Command.Attest("n1", index, sha("odd")));
            replica.apply(new Command.Attest("n2", index, sha("same")));
            assertThat(replica.ledger.nodes()).noneMatch(NodeView::diverged);
            replica.apply(new Command.Attest("n3", index, sha("same")));
            assertThat(replica.ledger.nodes()).extracting(NodeView::diverged).containsExactly(true, false, false);

            assertThat(isolate(replica, "n2", "i1")).isEqualTo(Reason.QUORUM_AT_RISK);
            assertThat(isolate(replica, "n1", "i1"))
                    .as("the diverged one itself may be")
                    .isEqualTo(Reason.OK);
            assertThat(replica.ledger.divergence())
                    .as("this replica's own digest differs too")
                    .isPresent();
        }
    }

    @Test
    void what_a_diverged_node_attests_helps_no_majority() {
        try (Replica replica = new Replica(directory.resolve("one"), "n3", LedgerStateLimits.defaults()).begun()) {
            OwnDigest first = replica.ledger.pendingAttestation().orElseThrow();
            replica.apply(new Command.Attest("n1", first.raftIndex(), sha("odd")));
            replica.apply(new Command.Attest("n2", first.raftIndex(), first.digest()));
            replica.apply(new Command.Attest("n3", first.raftIndex(), first.digest()));
            replica.later(SECOND, new Command.Tick());
            long next = replica.ledger.digestIndex();

            assertThat(attest(replica, "n1", next))
                    .as("on trial, and on the record")
                    .isEqualTo(Reason.OK);
            assertThat(attest(replica, "n2", next)).isEqualTo(Reason.OK);
            replica.later(SECOND, new Command.Tick());

            assertThat(replica.ledger.nodes()).extracting(NodeView::diverged).containsExactly(true, false, false);
            assertThat(replica.ledger.divergence())
                    .as("one vote that counts is no majority of three")
                    .isEmpty();
        }
    }

    @Test
    void anchors_of_the_trail_only_go_forward() {
        try (Replica replica = new Replica(directory.resolve("one")).begun()) {
            assertThat(anchor(replica, 5, "a")).isEqualTo(Reason.OK);
            assertThat(anchor(replica, 5, "a")).isEqualTo(Reason.DUPLICATE);
            assertThat(anchor(replica, 5, "b")).isEqualTo(Reason.ANCHOR_GOES_BACK);
            assertThat(anchor(replica, 4, "a")).isEqualTo(Reason.ANCHOR_GOES_BACK);
            assertThat(anchor(replica, 6, "b")).isEqualTo(Reason.OK);
            assertThat(replica.apply(new Command.AnchorTrail("other/trail", 7, sha("c")))
                            .reason())
                    .isEqualTo(Reason.ANCHOR_ORIGIN_UNKNOWN);
        }
    }

    /** A cluster in a folder of its own. */
    private final class ClusterOf {
        final Cluster cluster;

        ClusterOf(int number) {
            Path outer = directory;
            directory = outer.resolve("cluster-" + number);
            cluster = new Cluster();
            directory = outer;
        }
    }

    private static void accounts(Cluster cluster, int count) {
        Command[] commands = new Command[count];
        Arrays.setAll(commands, i -> account("a" + i, "EUR", false));
        cluster.commit(commands);
    }

    private static Reason attest(Replica replica, String node, long index) {
        return replica.apply(new Command.Attest(node, index, sha("x"))).reason();
    }

    private static Reason isolate(Replica replica, String node, String incident) {
        return replica.apply(new Command.IsolateNode(node, incident, "drift")).reason();
    }

    private static Reason anchor(Replica replica, long size, String root) {
        return replica.apply(new Command.AnchorTrail("test-ledger/trail", size, sha(root)))
                .reason();
    }
}
