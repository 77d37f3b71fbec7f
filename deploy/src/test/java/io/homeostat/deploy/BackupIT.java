package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.S3Server;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import io.homeostat.merkle.SignedNote;
import io.opentelemetry.api.OpenTelemetry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A ledger of three real nodes is copied while it writes, destroyed, and begun again from the copy. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BackupIT {
    private static final int BATCH = 500;

    @TempDir
    static Path dir;

    private final Map<String, LedgerNode> nodes = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<LedgerClient.Outcome> acknowledged = new ConcurrentLinkedQueue<>();
    private ClusterDirectory cluster;
    private Path place;
    private JsonNode first;
    private JsonNode second;

    @BeforeAll
    void a_ledger_is_copied_twice_while_it_writes() throws Exception {
        cluster = ClusterDirectory.openOrCreate(dir.resolve("cluster"), ClusterDirectory.Plan.onAnyPort(3, false));
        place = dir.resolve("backup");
        startAll();
        LedgerClient client = client();
        assertThat(client.createAccounts(List.of(
                                new LedgerClient.Account("world", "EUR", 2, "external", false),
                                new LedgerClient.Account("alice", "EUR", 2, "customer", true)))
                        .ok())
                .isTrue();
        for (int i = 0; i < 10; i++) {
            write(client);
        }
        AtomicBoolean writing = new AtomicBoolean(true);
        CountDownLatch begun = new CountDownLatch(2);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            while (writing.get()) {
                write(client);
                begun.countDown();
            }
        });
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        first = json(run("backup", cluster.data().toString(), "--to", place.toString(), "--json"));
        int after = acknowledged.size();
        second = json(run("backup", cluster.data().toString(), "--to", place.toString(), "--json"));

        writing.set(false);
        writer.get(60, TimeUnit.SECONDS);
        write(client);
        assertThat(after).as("it wrote meanwhile").isLessThan(acknowledged.size());
        assertThat(second.path("raftIndex").asLong())
                .isGreaterThan(first.path("raftIndex").asLong());
        assertThat(second.path("kept").asInt())
                .as("full chunks are not copied twice")
                .isPositive();
        stopAll();
        for (Topology.Node node : cluster.topology().nodes()) {
            delete(cluster.nodeData(node.id()));
        }
    }

    @AfterAll
    void stop() {
        stopAll();
    }

    @Test
    @Order(1)
    void what_is_damaged_missing_or_of_another_backup_is_refused_by_its_name() throws Exception {
        Path copy = dir.resolve("copy");
        JsonNode manifest = Rest.JSON.readTree(place.resolve("manifest.json").toFile());
        List<String> chunks = new ArrayList<>();
        manifest.path("journal").forEach(chunk -> chunks.add(chunk.path("name").asText()));
        assertThat(chunks).hasSizeGreaterThan(1);
        String snapshot = manifest.path("snapshot").path(0).path("name").asText();
        String genesis = manifest.path("genesis").path("name").asText();
        for (String name : List.of(chunks.get(0), chunks.get(chunks.size() - 1), snapshot, genesis)) {
            refused(copy, name, file -> flip(file));
            refused(copy, name, Files::delete);
            refused(
                    copy,
                    name,
                    file -> Files.write(
                            file, java.util.Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 1)));
        }
        refused(copy, "manifest.json", Files::delete);
        refused(
                copy,
                "manifest.json",
                file -> Files.writeString(
                        file,
                        Files.readString(file)
                                .replace(
                                        "\"leaves\" : "
                                                + manifest.path("leaves").asLong(),
                                        "\"leaves\" : 1")));
        // The journal of one backup with the head of another.
        JsonNode older = Rest.JSON.readTree(place.resolve(String.format(
                        "manifests/%020d.json", first.path("raftIndex").asLong()))
                .toFile());
        refused(copy, "manifest.json", file -> {
            var mixed = (com.fasterxml.jackson.databind.node.ObjectNode) Rest.JSON.readTree(file.toFile());
            mixed.set("checkpoint", older.path("checkpoint"));
            Files.write(file, Rest.JSON.writeValueAsBytes(mixed));
        });
        refused(copy, older.path("snapshot").path(0).path("name").asText(), "manifest.json", file -> {
            var mixed = (com.fasterxml.jackson.databind.node.ObjectNode) Rest.JSON.readTree(file.toFile());
            mixed.set("snapshot", older.path("snapshot"));
            Files.write(file, Rest.JSON.writeValueAsBytes(mixed));
        });
        ClusterDirectory other =
                ClusterDirectory.openOrCreate(dir.resolve("other"), ClusterDirectory.Plan.onAnyPort(3, false));
        Run foreign = run("restore", place.toString(), "--to", other.data().toString());
        assertThat(foreign.code).isEqualTo(1);
        assertThat(foreign.err).contains(genesis).contains("another genesis");
    }

    @Test
    @Order(2)
    void an_older_backup_in_the_same_place_can_be_chosen() throws IOException {
        Path folder = dir.resolve("older");

        JsonNode report = json(run(
                "restore",
                place.toString(),
                "--folder",
                folder.toString(),
                "--at",
                first.path("raftIndex").asText(),
                "--genesis",
                cluster.genesisFile().toString(),
                "--json"));

        assertThat(report.path("leaves")).isEqualTo(first.path("leaves"));
        assertThat(report.path("stateDigest")).isEqualTo(first.path("stateDigest"));
        delete(folder);
    }

    @Test
    @Order(3)
    void all_nodes_begin_again_from_the_backup_with_balances_ids_and_proofs() throws Exception {
        JsonNode report =
                json(run("restore", place.toString(), "--to", cluster.data().toString(), "--json"));
        assertThat(report.path("root")).isEqualTo(second.path("root"));
        assertThat(report.path("stateDigest")).isEqualTo(second.path("stateDigest"));
        assertThat(report.path("folders")).hasSize(3);
        startAll();
        LedgerClient client = client();

        long leaves = second.path("leaves").asLong();
        List<LedgerClient.Outcome> kept =
                acknowledged.stream().filter(one -> one.index() < leaves).toList();
        List<LedgerClient.Outcome> lost =
                acknowledged.stream().filter(one -> one.index() >= leaves).toList();
        assertThat(kept).hasSizeGreaterThan(BATCH);
        assertThat(lost).as("written after the snapshot").isNotEmpty();
        assertThat(client.account("alice").json().path("creditsPosted").asLong())
                .isEqualTo(kept.size());
        assertThat(client.sums().json().path("sums").path("EUR").asLong(-1)).isZero();
        List<LedgerClient.Outcome> again = client.batch(kept.subList(0, BATCH).stream()
                .map(one -> new LedgerClient.Transfer(one.id(), "world", "alice", 1, "EUR"))
                .toList());
        assertThat(again).allMatch(one -> one.reason().equals("duplicate"));
        assertThat(client.account("alice").json().path("creditsPosted").asLong())
                .as("a repeat posts nothing")
                .isEqualTo(kept.size());
        assertThat(client.transferState(lost.get(0).id()).json().path("outcome").asText())
                .isEqualTo("unknown");
        prove(kept.get(kept.size() / 2));
        write(client);
        for (Topology.Node node : cluster.topology().nodes()) {
            Run check = run(
                    "check",
                    cluster.nodeData(node.id()).toString(),
                    "--genesis",
                    cluster.genesisFile().toString());
            assertThat(check.code).as(check.out + check.err).isZero();
        }
    }

    @Test
    @Order(4)
    void a_server_that_speaks_s3_holds_it_as_well() throws Exception {
        try (S3Server s3 = new S3Server(dir.resolve("s3"), "bank")) {
            Path credentials = S3Server.credentials(dir);
            String[] where = {"--endpoint", s3.endpoint().toString(), "--credentials", credentials.toString()};

            Run backup = run(Stream.of(
                            Stream.of("backup", cluster.data().toString(), "--to", "s3://bank/ledger"),
                            Stream.of(where))
                    .flatMap(part -> part)
                    .toArray(String[]::new));
            Run restore = run(Stream.of(
                            Stream.of(
                                    "restore",
                                    "s3://bank/ledger",
                                    "--folder",
                                    dir.resolve("from-s3").toString()),
                            Stream.of("--genesis", cluster.genesisFile().toString()),
                            Stream.of(where))
                    .flatMap(part -> part)
                    .toArray(String[]::new));

            assertThat(backup.code).as(backup.out + backup.err).isZero();
            assertThat(restore.code).as(restore.out + restore.err).isZero();
            assertThat(restore.out).contains("no difference");
            assertThat(backup.out + backup.err + restore.out + restore.err).doesNotContain(S3Server.SECRET);

            Run refused = run(
                    "backup",
                    cluster.data().toString(),
                    "--to",
                    "s3://nowhere/x",
                    where[0],
                    where[1],
                    where[2],
                    where[3]);
            assertThat(refused.code).isEqualTo(1);
            assertThat(refused.err).contains("s3://nowhere/x").doesNotContain(S3Server.SECRET);
        }
    }

    private void prove(LedgerClient.Outcome one) throws IOException {
        Topology.Node node = cluster.topology().nodes().get(0);
        JsonNode proof = Rest.of(cluster.http(), node.url(), cluster.token(Principal.OPERATOR))
                .get("/v1/transfers/" + one.id() + "/proof")
                .orFail()
                .json();
        Checkpoint head = Checkpoint.parse(
                SignedNote.parse(proof.path("checkpoint").asText().getBytes(StandardCharsets.UTF_8))
                        .text());
        List<byte[]> path = new ArrayList<>();
        proof.path("hashes").forEach(hash -> path.add(Base64.getDecoder().decode(hash.asText())));
        assertThat(Proofs.verifyInclusion(
                        proof.path("sequence").asLong(),
                        head.size(),
                        MerkleTree.leafHash(
                                Base64.getDecoder().decode(proof.path("leaf").asText())),
                        path,
                        head.root()))
                .isTrue();
    }

    private void write(LedgerClient client) {
        List<LedgerClient.Outcome> outcomes = client.batch(
                Stream.generate(() -> new LedgerClient.Transfer(UUID.randomUUID(), "world", "alice", 1, "EUR"))
                        .limit(BATCH)
                        .toList());
        acknowledged.addAll(
                outcomes.stream().filter(LedgerClient.Outcome::accepted).toList());
    }

    private LedgerClient client() {
        return new LedgerClient(
                cluster.topology().urls().stream().map(URI::create).toList(),
                cluster.token(Principal.LOAD),
                LedgerClientLimits.DEFAULTS,
                cluster.clientTls());
    }

    private void startAll() throws Exception {
        for (Topology.Node node : cluster.topology().nodes()) {
            nodes.put(node.id(), LedgerNode.start(NodeCommand.config(cluster, node, false), OpenTelemetry.noop()));
            cluster.markBegun(node.id());
        }
        for (LedgerNode node : nodes.values()) {
            node.serving().get(60, TimeUnit.SECONDS);
        }
    }

    private void stopAll() {
        nodes.values().forEach(LedgerNode::close);
        nodes.clear();
    }

    @FunctionalInterface
    private interface Harm {
        void to(Path file) throws IOException;
    }

    private void refused(Path copy, String name, Harm harm) throws IOException {
        refused(copy, name, name, harm);
    }

    private void refused(Path copy, String named, String harmed, Harm harm) throws IOException {
        delete(copy);
        copy(place, copy);
        harm.to(copy.resolve(harmed));
        Path folder = dir.resolve("refused");

        Run run = run(
                "restore",
                copy.toString(),
                "--folder",
                folder.toString(),
                "--genesis",
                cluster.genesisFile().toString());

        assertThat(run.code).as(named + ": " + run.out).isEqualTo(1);
        assertThat(run.err).contains("object " + named);
        assertThat(folder).doesNotExist();
        assertThat(folder.resolveSibling("refused.restoring")).doesNotExist();
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private record Run(int code, String out, String err) {}

    /** The commands print to the process's own streams. */
    private static Run run(String... arguments) {
        StringWriter err = new StringWriter();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            int code =
                    Homeostat.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
            return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(before);
        }
    }

    private static JsonNode json(Run run) throws IOException {
        assertThat(run.code).as(run.out + run.err).isZero();
        return Rest.JSON.readTree(
                run.out.lines().filter(line -> line.startsWith("{")).collect(Collectors.joining("\n")));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
