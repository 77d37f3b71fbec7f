package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.check.CheckReport;
import io.homeostat.ledger.check.LedgerCheck;
import io.homeostat.ledger.check.Progress;
import io.homeostat.ledger.raft.JoinMark;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that keeps 64 transfers in memory: the others are on disk, and no client may notice. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OldTransfersIT {
    private static final int MANY = 700;

    @TempDir
    Path dir;

    private final List<UUID> ids = new ArrayList<>();
    private final UUID hold = UUID.randomUUID();

    @Test
    void an_old_id_keeps_its_answer_on_every_node_over_restart_rebuild_and_damage() throws Exception {
        LedgerNodeLimits limits =
                LedgerNodeLimits.DEFAULTS.withState(LedgerStateLimits.defaults().withRecentTransfers(64));
        try (LocalCluster cluster = new LocalCluster(dir, 3, limits, OpenTelemetry.noop()).startAll()) {
            begin(cluster);
            ids.addAll(cluster.work(MANY));
            requireRemembered(cluster, cluster.leader());

            for (String id : cluster.ids()) {
                assertThat(cluster.control(id, "POST", "/control/snapshot", null)
                                .status())
                        .isEqualTo(200);
            }
            ids.addAll(cluster.work(100));
            for (String id : cluster.ids()) {
                cluster.stop(id);
            }
            for (String id : List.of("n1", "n2", "n3")) {
                assertThat(ofKind(cluster.dataDir(id), "ids\\.\\d+_\\d+"))
                        .as(id)
                        .isNotEmpty();
                CheckReport report =
                        LedgerCheck.folder(cluster.dataDir(id), dir.resolve("genesis.json"), Progress.SILENT);
                assertThat(report.clean()).as("%s: %s", id, report).isTrue();
                cluster.start(id, false, false);
            }
            cluster.awaitReady();
            requireRemembered(cluster, cluster.leader());

            String victim = cluster.follower();
            rebuild(cluster, victim);
            Eventually.holds("it votes again", PATIENCE, () -> !JoinMark.isSet(cluster.dataDir(victim)));
            lead(cluster, victim);
            requireRemembered(cluster, victim);
            Answer posted = cluster.post(victim, "/v1/transfers/" + hold + "/post", CLIENT, "{}");
            assertThat(posted.status()).as("the oldest hold: %s", posted.text()).isEqualTo(200);

            String sick = cluster.follower();
            assertThat(cluster.control(sick, "POST", "/control/snapshot", null).status())
                    .isEqualTo(200);
            cluster.stop(sick);
            flip(cluster.dataDir(sick));
            LedgerNode damaged = cluster.start(sick, false, false);
            Eventually.holds(
                    "the node finds the damage and ends its part",
                    PATIENCE,
                    () -> !damaged.duties().live());
            assertThat(damaged.duties().probe().gateReason()).contains("index of old transfer ids");
            requireRemembered(cluster, cluster.leader());
        }
    }

    private void begin(LocalCluster cluster) {
        cluster.openAccounts();
        Answer held = cluster.post(
                "n1",
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + hold
                        + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":5,\"asset\":\"EUR\",\"hold\":true}");
        assertThat(held.status()).as(held.text()).isEqualTo(200);
    }

    /** The same again is a duplicate, other content a conflict, and a reversal finds what it reverses. */
    private void requireRemembered(LocalCluster cluster, String node) {
        UUID old = ids.get(3);
        assertThat(transfer(cluster, node, old, 1).json().path("reason").asText())
                .isEqualTo("duplicate");
        assertThat(transfer(cluster, node, old, 2).json().path("reason").asText())
                .isEqualTo("id_conflict");
        Answer shown = cluster.get(node, "/v1/transfers/" + old, READER);
        assertThat(shown.json().path("outcome").asText()).as(shown.text()).isEqualTo("committed");
        UUID target = ids.remove(10);
        Answer reversed = cluster.post(
                node,
                "/v1/transfers/" + target + "/reverse",
                CLIENT,
                "{\"id\":\"" + UUID.randomUUID() + "\",\"reason\":\"mistake\"}");
        assertThat(reversed.status()).as(reversed.text()).isEqualTo(200);
        Answer holds = cluster.get(node, "/v1/holds", READER);
        assertThat(holds.text()).contains(hold.toString());
    }

    private static Answer transfer(LocalCluster cluster, String node, UUID id, long amount) {
        return cluster.post(
                node,
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + id + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":" + amount
                        + ",\"asset\":\"EUR\"}");
    }

    private void rebuild(LocalCluster cluster, String victim) {
        String leader = cluster.leader();
        assertThat(cluster.control(leader, "POST", "/control/snapshot", null).status())
                .isEqualTo(200);
        ids.addAll(cluster.work(20));
        cluster.stop(victim);
        cluster.membership(leader, victim, false);
        cluster.wipe(victim);
        LedgerNode rebuilt = cluster.start(victim, false, true);
        cluster.membership(leader, victim, true);
        Eventually.holds("the rebuilt node serves", PATIENCE, rebuilt::ready);
        assertThat(ofKind(cluster.dataDir(victim), "ids\\.\\d+_\\d+"))
                .as("they came with the snapshot")
                .isNotEmpty();
    }

    private static void lead(LocalCluster cluster, String node) {
        Eventually.holds("node " + node + " leads", PATIENCE, () -> {
            cluster.post(node, "/v1/leadership", HEALER, "{\"target\":\"" + node + "\"}");
            return cluster.leads(node);
        });
    }

    /** Snapshots share their tables by hard links: each file once, for a bit flipped twice is whole again. */
    private static void flip(Path data) throws IOException {
        Set<Object> flipped = new HashSet<>();
        for (Path table : ofKind(data, ".*\\.rows")) {
            Object inode =
                    Files.readAttributes(table, BasicFileAttributes.class).fileKey();
            if (table.getParent().getFileName().toString().startsWith("ids.") && flipped.add(inode)) {
                try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
                    file.seek(100);
                    int was = file.read();
                    file.seek(100);
                    file.write(was ^ 1);
                }
            }
        }
        assertThat(flipped).isNotEmpty();
    }

    private static List<Path> ofKind(Path data, String name) {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
