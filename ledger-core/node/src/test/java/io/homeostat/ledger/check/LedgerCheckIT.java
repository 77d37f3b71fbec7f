package io.homeostat.ledger.check;

import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Frames;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Planted differences: each is named. The node is real; the lies are put between it and the check. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerCheckIT {
    @TempDir
    static Path dir;

    private static LocalCluster cluster;
    private static UUID hold;
    private static UUID gated;

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 1).startAll();
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        work(3000);
        hold = UUID.randomUUID();
        gated = UUID.randomUUID();
        send("{\"id\":\"" + hold + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":7,\"asset\":\"EUR\","
                + "\"hold\":true,\"timeoutSeconds\":3600}");
        send("{\"id\":\"" + gated
                + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":2000000,\"asset\":\"EUR\"}");
        assertThat(cluster.control("n1", "POST", "/control/snapshot", null).status())
                .isEqualTo(200);
        work(500);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static void send(String transfer) {
        Answer answer = cluster.post("n1", "/v1/transfers", LocalCluster.CLIENT, transfer);
        assertThat(answer.status()).as(answer.text()).isLessThan(300);
    }

    private static void work(int count) {
        List<LedgerClient.Transfer> transfers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            transfers.add(new LedgerClient.Transfer(UUID.randomUUID(), "world", "alice", 1, "EUR"));
        }
        assertThat(cluster.client().batch(transfers)).allMatch(LedgerClient.Outcome::accepted);
    }

    private static CheckReport checkUrl(URI url) throws IOException, InterruptedException {
        return LedgerCheck.server(HttpClient.newHttpClient(), url, READER, Optional.empty(), Progress.SILENT);
    }

    private static CheckReport checkFolder(Path folder) throws IOException {
        return LedgerCheck.folder(folder, dir.resolve("genesis.json"), Progress.SILENT);
    }

    /** Between the check and the node; changes bodies on their way. */
    private static CheckReport checkThrough(BiFunction<String, byte[], byte[]> lie) throws Exception {
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        HttpClient http = HttpClient.newHttpClient();
        proxy.createContext("/", exchange -> forward(exchange, http, lie));
        proxy.start();
        try {
            return checkUrl(URI.create("http://127.0.0.1:" + proxy.getAddress().getPort()));
        } finally {
            proxy.stop(0);
        }
    }

    private static void forward(HttpExchange exchange, HttpClient http, BiFunction<String, byte[], byte[]> lie)
            throws IOException {
        try (exchange) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(cluster.url("n1") + exchange.getRequestURI()))
                    .header("Authorization", exchange.getRequestHeaders().getFirst("Authorization"))
                    .build();
            HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            byte[] body = lie.apply(exchange.getRequestURI().getPath(), answer.body());
            exchange.sendResponseHeaders(
                    body.length == 0 ? 404 : answer.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] replaced(byte[] body, String from, String to) {
        return new String(body, StandardCharsets.UTF_8).replaceFirst(from, to).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_sound_node_shows_no_difference_over_its_api_while_it_is_written_to() throws Exception {
        AtomicBoolean more = new AtomicBoolean(true);
        Thread writer = new Thread(() -> {
            while (more.get()) {
                work(50);
            }
        });
        writer.start();
        try {
            CheckReport report = checkUrl(URI.create(cluster.url("n1")));
            assertThat(report.differences()).isEmpty();
            assertThat(report.clean()).isTrue();
            assertThat(report.transfers()).isGreaterThanOrEqualTo(3500);
            assertThat(report.accounts()).isEqualTo(2);
        } finally {
            more.set(false);
            writer.join();
        }
    }

    @Test
    void a_sound_folder_shows_no_difference_while_its_node_runs_and_its_snapshot_was_compared() throws Exception {
        CheckReport report = checkFolder(cluster.dataDir("n1"));

        assertThat(report.differences()).isEmpty();
        assertThat(report.checked()).anyMatch(name -> name.startsWith("snapshot."));
        assertThat(report.openHolds()).isEqualTo(2);
        assertThat(report.compared()).isGreaterThan(10_000);
    }

    @Test
    void a_changed_balance_is_named_with_its_account() throws Exception {
        CheckReport report = checkThrough((path, body) -> path.equals("/v1/accounts/alice")
                ? replaced(body, "\"creditsPosted\":(\\d+)", "\"creditsPosted\":1$1")
                : body);

        assertThat(report.differences()).singleElement().satisfies(found -> {
            assertThat(found.subject()).isEqualTo("account alice creditsPosted");
            assertThat(found.found()).isEqualTo("1" + found.expected());
        });
    }

    @Test
    void a_missing_hold_is_named_with_its_transfer_and_sequence() throws Exception {
        CheckReport report = checkThrough((path, body) -> path.equals("/v1/transfers/" + hold) ? new byte[0] : body);

        assertThat(report.differences()).isNotEmpty().allSatisfy(found -> {
            assertThat(found.subject()).contains("hold " + hold);
            assertThat(found.sequence()).isPositive();
        });
    }

    @Test
    void a_changed_policy_is_named_with_its_tier() throws Exception {
        CheckReport report = checkThrough((path, body) -> path.equals("/v1/policy")
                ? replaced(body, "\"fromAmount\"\\s*:\\s*1000000\\b", "\"fromAmount\":9000000")
                : body);

        assertThat(report.differences())
                .singleElement()
                .satisfies(found -> assertThat(found.subject()).isEqualTo("policy tier high"));
    }

    @Test
    void a_case_that_pretends_to_be_approved_is_named() throws Exception {
        CheckReport report = checkThrough((path, body) -> path.equals("/v1/cases/transfer:" + gated)
                ? replaced(body, "\"state\":\"open\"", "\"state\":\"approved\"")
                : body);

        assertThat(report.differences())
                .singleElement()
                .satisfies(found -> assertThat(found.subject()).isEqualTo("case transfer:" + gated + " state"));
    }

    @Test
    void a_flipped_leaf_is_found_by_its_sequence_though_every_frame_is_whole() throws Exception {
        CheckReport report = checkThrough((path, body) -> {
            if (!path.equals("/v1/journal")) {
                return body;
            }
            List<byte[]> leaves = Frames.decode(body, 1 << 20);
            return Frames.encode(leaves.stream()
                    .map(leaf -> sequence(leaf) == 1234 ? withAmount(leaf, (byte) 9) : leaf)
                    .toList());
        });

        assertThat(report.differences())
                .anySatisfy(found -> {
                    assertThat(found.where()).isEqualTo("journal");
                    assertThat(found.sequence()).isEqualTo(1234);
                })
                .anySatisfy(found -> assertThat(found.subject()).isEqualTo("account alice creditsPosted"));
    }

    @Test
    void an_unknown_event_is_refused_loudly() {
        assertThatThrownBy(() -> checkThrough((path, body) -> {
                    if (!path.equals("/v1/journal")) {
                        return body;
                    }
                    List<byte[]> leaves = Frames.decode(body, 1 << 20);
                    leaves.get(7)[1] = (byte) 250;
                    return Frames.encode(leaves);
                }))
                .isInstanceOf(UnknownEvent.class)
                .hasMessageContaining("leaf 7");
    }

    @Test
    void damage_in_a_folder_is_named_by_leaf_snapshot_and_policy() throws Exception {
        Path copy = dir.resolve("copy");
        Eventually.holds("a copy of the folder", PATIENCE, () -> copied(cluster.dataDir("n1"), copy));
        Path leaves = copy.resolve("journal").resolve("00000000000000000000.leaves");
        long at = offsetOf(leaves, 1234);
        try (RandomAccessFile file = new RandomAccessFile(leaves.toFile(), "rw")) {
            file.seek(at + 8 + 18);
            int b = file.read();
            file.seek(at + 8 + 18);
            file.write(b ^ 1);
        }
        Genesis genesis = GenesisFile.read(dir.resolve("genesis.json"));
        Path other = dir.resolve("genesis-bent.json");
        GenesisFile.write(
                other,
                new Genesis(genesis.ledger(), genesis.nodes(), genesis.keys().subList(0, 2), genesis.tiers()));

        CheckReport report = LedgerCheck.folder(copy, other, Progress.SILENT);

        assertThat(report.differences())
                .anySatisfy(found -> {
                    assertThat(found.subject()).isEqualTo("leaf");
                    assertThat(found.sequence()).isEqualTo(1234);
                })
                .anySatisfy(found -> assertThat(found.where()).isEqualTo("tree"))
                .anySatisfy(found -> assertThat(found.where()).startsWith("snapshot."))
                .anySatisfy(found -> assertThat(found.subject()).isEqualTo("policy key k-cyd"));
    }

    @Test
    void a_snapshot_of_another_history_differs_in_every_value_that_differs() throws Exception {
        Path other = dir.resolve("other");
        Files.createDirectories(other);
        Path copy = dir.resolve("mixed");
        Eventually.holds("a copy of the folder", PATIENCE, () -> copied(cluster.dataDir("n1"), copy));
        Path journal = copy.resolve("journal").resolve("00000000000000000000.leaves");
        // One posting of the journal gets another amount, with a checksum that fits and no tree beside it to tell.
        long at = offsetOf(journal, 1234);
        try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(at);
            byte[] leaf = new byte[file.readInt()];
            file.seek(at + 8);
            file.readFully(leaf);
            file.seek(at);
            file.write(Frames.frame(withAmount(leaf, (byte) 9)));
        }
        Files.delete(copy.resolve("journal").resolve("tree.nodes"));

        CheckReport report = checkFolder(copy);

        assertThat(report.differences())
                .anySatisfy(found -> assertThat(found.subject()).isEqualTo("account alice creditsPosted"))
                .anySatisfy(found -> assertThat(found.subject()).isEqualTo("account world debitsPosted"))
                .anySatisfy(found -> {
                    assertThat(found.subject()).endsWith(" amount");
                    assertThat(found.sequence()).isEqualTo(1234);
                })
                .anySatisfy(found -> assertThat(found.subject()).isEqualTo("root of the journal"));
    }

    private static long sequence(byte[] leaf) {
        return java.nio.ByteBuffer.wrap(leaf, 2, Long.BYTES).getLong();
    }

    private static byte[] withAmount(byte[] leaf, byte amount) {
        byte[] changed = leaf.clone();
        changed[leaf.length - 1] = amount;
        return changed;
    }

    private static long offsetOf(Path segment, long sequence) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "r")) {
            long at = 0;
            for (long i = 0; i < sequence; i++) {
                file.seek(at);
                at += 8 + file.readInt();
            }
            return at;
        }
    }

    private static boolean copied(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
