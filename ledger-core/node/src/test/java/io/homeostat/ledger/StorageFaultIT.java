package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.raft.StorageLimits;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fail or fill up below a real cluster: no zombie, no lie, nothing acknowledged is lost. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StorageFaultIT {
    private static final StorageLimits SMALL =
            new StorageLimits(24L << 20, 12L << 20, 28L << 20, Duration.ofSeconds(2));
    /** Lets the log itself find out. */
    private static final StorageLimits NONE = new StorageLimits(0, 0, 0, Duration.ofSeconds(2));

    @TempDir
    Path dir;

    private LocalCluster cluster;
    private Path mounted;

    @AfterEach
    void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        if (mounted != null) {
            run("umount", "-l", mounted.toString());
        }
    }

    private void start(StorageLimits storage) {
        cluster = new LocalCluster(dir, 3, LedgerNodeLimits.DEFAULTS.withStorage(storage), OpenTelemetry.noop())
                .startAll();
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
    }

    private Answer transfer() {
        return cluster.post(
                cluster.ids().get(0),
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + UUID.randomUUID()
                        + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":1,\"asset\":\"EUR\"}");
    }

    private JsonNode probe(String node) {
        return cluster.control(node, "GET", "/control/status", null).json();
    }

    private long balance(String node) {
        return cluster.get(node, "/v1/accounts/alice", READER)
                .json()
                .path("balance")
                .asLong(-1);
    }

    /** Fenced, out of the group, red, said why, and then gone with its own exit code. */
    private void assertDead(String node, String why) throws InterruptedException {
        LedgerNode dead = cluster.node(node);
        Eventually.holds(
                "it is fenced",
                PATIENCE,
                () -> dead.exitCode() == LedgerNode.STORAGE_FAILED
                        || probe(node).path("gate").asText().equals("fenced"));
        assertThat(dead.awaitStop()).contains(why);
        assertThat(dead.exitCode()).isEqualTo(LedgerNode.STORAGE_FAILED);
        cluster.stop(node);
        Eventually.holds("the others go on", PATIENCE, () -> transfer().status() == 200);
    }

    private void moveLeadership(String notTo) {
        String leader = cluster.leader();
        String target = cluster.ids().stream()
                .filter(id -> !id.equals(leader) && !id.equals(notTo))
                .findFirst()
                .orElseThrow();
        cluster.post(leader, "/v1/leadership", HEALER, "{\"target\":\"" + target + "\"}");
    }

    @Test
    void a_follower_that_can_not_write_its_log_any_more_fences_itself_and_ends_with_its_own_code() throws Exception {
        start(NONE);
        assertThat(transfer().status()).isEqualTo(200);
        String victim = cluster.follower();
        Path log;
        try (Stream<Path> files = Files.walk(cluster.dataDir(victim).resolve("raft"))) {
            log = files.filter(file -> file.endsWith("current")).findFirst().orElseThrow();
        }
        Files.move(log, log.resolveSibling("gone"));
        Files.writeString(log, "where the log was");

        // 16 MiB of entries end the segment, and the next one can not be made.
        LedgerClient client = cluster.client();
        for (int i = 0; i < 60 && cluster.node(victim).exitCode() == 0; i++) {
            client.batch(Stream.generate(() -> new LedgerClient.Transfer(UUID.randomUUID(), "world", "alice", 1, "EUR"))
                    .limit(8000)
                    .toList());
        }

        assertDead(victim, "Raft server");
    }

    @Test
    void a_leader_whose_disk_is_full_to_the_last_byte_fences_itself_and_another_one_leads() throws Exception {
        mount(dir.resolve("n1"), 64);
        start(NONE);
        assertThat(transfer().status()).isEqualTo(200);
        fill(mounted.resolve("ballast"), 0);

        for (int i = 0; i < 4 && cluster.node("n1").exitCode() == 0; i++) {
            moveLeadership("none");
        }

        assertDead("n1", "No space left");
        assertThat(balance(cluster.leader())).isPositive();
    }

    @Test
    void a_journal_that_can_not_be_synced_is_a_dead_disk_too() throws Exception {
        start(NONE);
        assertThat(transfer().status()).isEqualTo(200);
        String victim = cluster.follower();
        Path journal = cluster.dataDir(victim).resolve("journal");
        Files.move(journal, journal.resolveSibling("gone"));

        cluster.control(victim, "POST", "/control/snapshot", null);

        assertDead(victim, "journal failed");
    }

    @Test
    void a_disk_that_fills_up_refuses_writes_serves_reads_and_resumes_without_a_restart() throws Exception {
        mount(dir, 160);
        start(SMALL);
        assertThat(transfer().status()).isEqualTo(200);
        Path ballast = dir.resolve("ballast");
        fill(ballast, 20L << 20);

        Eventually.holds("writes are refused", PATIENCE, () -> transfer().status() == 503);
        Answer refused = transfer();
        assertThat(refused.json().path("reason").asText()).isEqualTo("storage_full");
        assertThat(refused.json().path("detail").asText()).contains("reserve").contains("by itself");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        long before = balance(cluster.leader());
        assertThat(before).isPositive();

        // So full that not even entries of another leader may be written.
        fill(dir.resolve("more"), 6L << 20);
        moveLeadership("none");
        assertThat(transfer().status()).isEqualTo(503);
        for (String id : cluster.ids()) {
            assertThat(probe(id).path("raftLogAlive").asBoolean()).as(id).isTrue();
        }

        Files.delete(ballast);
        Files.delete(dir.resolve("more"));
        Eventually.holds("writing resumes", PATIENCE, () -> transfer().status() == 200);
        assertThat(balance(cluster.leader())).isGreaterThan(before);
        assertThat(cluster.ids())
                .allSatisfy(id -> assertThat(cluster.node(id).exitCode()).isZero());
    }

    @Test
    void an_io_error_at_the_sync_of_the_raft_log_is_a_dead_disk() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/strace")),
                "needs strace, which injects real EIO into system calls");
        start(NONE);
        assertThat(transfer().status()).isEqualTo(200);
        String victim = cluster.follower();
        Path log;
        try (Stream<Path> files = Files.walk(cluster.dataDir(victim).resolve("raft"))) {
            log = files.filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
                    .findFirst()
                    .orElseThrow();
        }
        Path output = dir.resolve("strace.out");
        Process strace = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-q",
                        "-o",
                        output.toString(),
                        "-p",
                        Long.toString(ProcessHandle.current().pid()),
                        "-P",
                        log.toString(),
                        "-e",
                        "trace=fsync,fdatasync",
                        "-e",
                        "inject=fsync,fdatasync:error=EIO")
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("strace.err").toFile())
                .start();
        try {
            Eventually.holds("an EIO was injected, or strace may not", PATIENCE, () -> {
                transfer();
                return !strace.isAlive() || cluster.node(victim).exitCode() != 0;
            });
            Assumptions.assumeTrue(
                    cluster.node(victim).exitCode() != 0,
                    () -> "strace may not attach here: " + text(dir.resolve("strace.err")));
        } finally {
            strace.destroy();
            strace.waitFor(10, TimeUnit.SECONDS);
        }

        assertDead(victim, "Input/output error");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void mount(Path at, int mebibytes) throws Exception {
        Files.createDirectories(at);
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", at.toString()),
                "needs the right to mount a tmpfs (root)");
        mounted = at;
    }

    /** Writes until so many bytes are left. */
    private static void fill(Path file, long left) throws IOException {
        byte[] chunk = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (file.getParent().toFile().getUsableSpace() > left) {
                out.write(chunk);
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).contains("No space left");
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
