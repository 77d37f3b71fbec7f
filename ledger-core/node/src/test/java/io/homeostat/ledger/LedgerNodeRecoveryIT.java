package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left after a fault: nothing acknowledged is lost, and a node that went wrong comes back equal. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerNodeRecoveryIT {
    @TempDir
    Path dir;

    private LocalCluster cluster;
    private LedgerClient client;

    @BeforeEach
    void start() {
        cluster = new LocalCluster(dir, 3).startAll();
        client = cluster.client();
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private List<UUID> transfers(int count) {
        List<LedgerClient.Transfer> transfers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            transfers.add(new LedgerClient.Transfer(UUID.randomUUID(), "world", "alice", 1, "EUR"));
        }
        assertThat(client.batch(transfers)).allMatch(LedgerClient.Outcome::accepted);
        return transfers.stream().map(LedgerClient.Transfer::id).toList();
    }

    private long balance() {
        return client.account("alice").json().path("balance").asLong();
    }

    private JsonNode probe(String node) {
        return cluster.control(node, "GET", "/control/status", null).json();
    }

    private void awaitEqualDigests() {
        Eventually.holds("all nodes show one digest at one index", PATIENCE, () -> {
            Set<String> shown = cluster.ids().stream()
                    .map(this::probe)
                    .map(probe -> probe.path("digestIndex").asLong() + " "
                            + probe.path("stateDigest").asText())
                    .collect(Collectors.toSet());
            return shown.size() == 1 && !shown.contains("0 ");
        });
    }

    @Test
    void when_the_leader_stops_another_one_leads_and_nothing_acknowledged_is_lost() {
        List<UUID> before = transfers(50);
        String old = cluster.leader();

        cluster.stop(old);
        List<UUID> after = transfers(50);

        assertThat(cluster.leader()).isNotEqualTo(old);
        assertThat(balance()).isEqualTo(100);
        for (UUID id : List.of(before.get(0), before.get(49), after.get(0), after.get(49))) {
            assertThat(client.transferState(id).json().path("status").asText()).isEqualTo("posted");
        }
        cluster.start(old, false, false);
        cluster.awaitReady();
        assertThat(cluster.get(old, "/v1/accounts/alice", READER)
                        .json()
                        .path("balance")
                        .asLong())
                .isEqualTo(100);
        assertThat(client.sums().json().path("sums").path("EUR").asLong(-1)).isZero();
        awaitEqualDigests();
    }

    @Test
    void a_follower_whose_state_drifts_stops_itself_and_comes_back_equal_after_wipe_and_join() {
        transfers(20);
        String sick = cluster.follower();

        Answer drifted = cluster.control(sick, "POST", "/control/faults/drift", "{\"account\":\"alice\",\"delta\":3}");
        assertThat(drifted.status()).as(drifted.text()).isEqualTo(200);

        Eventually.holds("the gate is diverged", PATIENCE, () -> {
            transfers(1);
            return probe(sick).path("gate").asText().equals("diverged");
        });
        assertThat(probe(sick).path("gateReason").asText()).contains("attested");
        assertThat(cluster.get(sick, "/v1/accounts/alice", READER)
                        .json()
                        .path("reason")
                        .asText())
                .isEqualTo("gate_closed");
        assertThat(cluster.get(sick, "/health/live", null).status()).isEqualTo(200);
        Eventually.holds(
                "it left Raft",
                PATIENCE,
                () -> probe(sick).path("role").asText().equals("none"));

        // A snapshot and more entries, so that the rebuilt node must take both, and the older leaves from a peer.
        cluster.control(cluster.leader(), "POST", "/control/snapshot", null);
        transfers(20);
        cluster.stop(sick);
        String leader = cluster.leader();
        Answer removed = cluster.send(leader, "PUT", "/v1/nodes/" + sick + "/membership", HEALER, "{\"member\":false}");
        assertThat(removed.json().path("members")).as(removed.text()).hasSize(2);
        String healthy = cluster.ids().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
        Answer second =
                cluster.send(leader, "PUT", "/v1/nodes/" + healthy + "/membership", HEALER, "{\"member\":false}");
        assertThat(second.json().path("reason").asText()).isEqualTo("quorum_at_risk");
        cluster.wipe(sick);
        cluster.start(sick, false, true);
        assertThat(cluster.get(sick, "/health/ready", null).status()).isEqualTo(503);
        Answer added = cluster.send(leader, "PUT", "/v1/nodes/" + sick + "/membership", HEALER, "{\"member\":true}");
        assertThat(added.json().path("members")).as(added.text()).hasSize(2);
        assertThat(added.json().path("joining").path(0).asText()).isEqualTo(sick);

        Eventually.holds(
                "the rebuilt node is ready", PATIENCE, () -> cluster.node(sick).ready());
        Answer admitted =
                cluster.send(leader, "DELETE", "/v1/nodes/" + sick + "/isolation?incidentId=i-1", HEALER, null);
        assertThat(admitted.status()).as(admitted.text()).isEqualTo(200);
        assertThat(cluster.get(sick, "/v1/accounts/alice", READER)
                        .json()
                        .path("balance")
                        .asLong())
                .isEqualTo(balance());
        awaitEqualDigests();
        assertThat(cluster.get(sick, "/v1/proofs/inclusion?sequence=0&size=10", READER)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_node_restarts_from_its_snapshot_and_from_the_one_before_when_the_newest_is_damaged() throws IOException {
        String node = cluster.follower();
        transfers(20);
        assertThat(cluster.control(node, "POST", "/control/snapshot", null).status())
                .isEqualTo(200);
        transfers(20);
        Answer newest = cluster.control(node, "POST", "/control/snapshot", null);
        assertThat(newest.status()).as(newest.text()).isEqualTo(200);
        transfers(10);
        cluster.stop(node);
        Path snapshot = newestSnapshot(node);
        byte[] bytes = Files.readAllBytes(snapshot);
        bytes[bytes.length / 2] ^= 1;
        Files.write(snapshot, bytes);

        cluster.start(node, false, false);
        cluster.awaitReady();

        assertThat(cluster.get(node, "/v1/accounts/alice", READER)
                        .json()
                        .path("balance")
                        .asLong())
                .isEqualTo(50);
        assertThat(snapshot.resolveSibling("unreadable." + snapshot.getFileName()))
                .exists();
        awaitEqualDigests();
    }

    @Test
    void a_truncated_snapshot_is_set_aside_and_without_any_good_one_the_node_says_how_to_rebuild_it()
            throws IOException {
        String node = cluster.follower();
        for (int i = 0; i < 2; i++) {
            transfers(20);
            assertThat(cluster.control(node, "POST", "/control/snapshot", null).status())
                    .isEqualTo(200);
        }
        cluster.stop(node);
        Path newest = newestSnapshot(node);
        Files.write(newest, java.util.Arrays.copyOf(Files.readAllBytes(newest), 100));

        cluster.start(node, false, false);
        cluster.awaitReady();

        assertThat(newest.resolveSibling("unreadable." + newest.getFileName())).exists();
        awaitEqualDigests();
        cluster.stop(node);
        Path last = newestSnapshot(node);
        byte[] bytes = Files.readAllBytes(last);
        bytes[bytes.length - 1] ^= 1;
        Files.write(last, bytes);
        Path log = last.getParent().resolveSibling("current");
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("log_(inprogress_)?0.*")) {
                    Files.move(
                            file,
                            file.resolveSibling(file.getFileName().toString().replaceFirst("_0", "_7")));
                }
            }
        }

        assertThatThrownBy(() -> cluster.start(node, false, false)).hasMessageContaining("node --rebuild");
    }

    private Path newestSnapshot(String node) throws IOException {
        try (Stream<Path> files = Files.walk(cluster.dataDir(node).resolve("raft"))) {
            return files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .max(java.util.Comparator.comparingLong(
                            file -> Long.parseLong(file.getFileName().toString().replaceAll(".*_", ""))))
                    .orElseThrow();
        }
    }

    @Test
    void a_leader_whose_log_fails_leaves_the_group_and_only_its_liveness_turns_red() {
        transfers(5);
        String dead = cluster.leader();

        cluster.node(dead).duties().logFailed("java.io.IOException: Input/output error");

        Eventually.holds(
                "it left Raft",
                PATIENCE,
                () -> probe(dead).path("role").asText().equals("none"));
        assertThat(probe(dead).path("raftLogAlive").asBoolean(true)).isFalse();
        assertThat(probe(dead).path("gate").asText()).isEqualTo("fenced");
        assertThat(probe(dead).path("gateReason").asText()).contains("Input/output error");
        assertThat(cluster.get(dead, "/health/live", null).status()).isEqualTo(503);
        assertThat(cluster.control(dead, "POST", "/control/unfence", null)
                        .json()
                        .path("gate")
                        .asText())
                .as("nothing lifts a dead log")
                .isEqualTo("fenced");
        transfers(5);
        assertThat(balance()).isEqualTo(10);
        String other = cluster.leader();
        assertThat(other).isNotEqualTo(dead);
        assertThat(cluster.get(other, "/health/live", null).status()).isEqualTo(200);
    }

    @Test
    void a_node_with_another_genesis_stops_and_says_why() throws InterruptedException {
        transfers(5);
        String node = cluster.follower();
        cluster.stop(node);

        try (LedgerNode stranger =
                LedgerNode.start(cluster.configWithOtherGenesis(node), io.opentelemetry.api.OpenTelemetry.noop())) {
            assertThat(stranger.awaitStop()).contains("GENESIS");
            assertThat(stranger.ready()).isFalse();
        }

        transfers(5);
        assertThat(balance()).isEqualTo(10);
    }

    @Test
    void an_empty_folder_is_refused_without_being_told_what_it_is_and_never_bootstraps_into_a_ledger_that_exists() {
        transfers(5);
        String node = cluster.follower();
        cluster.stop(node);
        cluster.wipe(node);

        assertThatThrownBy(() -> cluster.start(node, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("start it with join");
        cluster.start(node, true, false);

        // It waits as nobody instead of voting with a log that it lost.
        assertThat(cluster.get(node, "/health/ready", null).status()).isEqualTo(503);
        assertThat(cluster.post(
                                cluster.leader(),
                                "/v1/transfers",
                                CLIENT,
                                "{\"id\":\"" + UUID.randomUUID()
                                        + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":1,\"asset\":\"EUR\"}")
                        .status())
                .isEqualTo(200);
    }
}
