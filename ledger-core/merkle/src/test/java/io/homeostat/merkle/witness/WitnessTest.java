package io.homeostat.merkle.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.TreeHead;
import io.homeostat.merkle.VerifierKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C2SP tlog-witness, on the decisions and over HTTP. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WitnessTest {
    private static final Ed25519.Keys KEYS = Ed25519.fromSeed(new byte[32]);
    private static final String NAME = "witness.example/w1";
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_679_315_147));

    @TempDir
    Path dir;

    private WitnessedLog log;
    private WitnessedLog fork;

    @BeforeEach
    void grow() {
        log = new WitnessedLog(dir.resolve("log"), 60, 60);
        fork = new WitnessedLog(dir.resolve("fork"), 60, 10);
    }

    private Witness open() throws IOException {
        return new Witness(NAME, KEYS, WitnessedLog.LOGS, dir.resolve("state"), CLOCK);
    }

    @Test
    void the_conversation_that_another_implementation_is_tested_with_comes_out() throws IOException {
        String origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
        byte[] key = HexFormat.of().parseHex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f");
        Map<String, List<VerifierKey>> logs =
                Map.of(origin, List.of(new VerifierKey(origin, VerifierKey.Type.NOTE, key)));
        String requests;
        try (InputStream in = WitnessTest.class.getResourceAsStream("/foreign/add-checkpoint.txt")) {
            requests = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int asked = 0;
        try (Witness witness = new Witness(NAME, KEYS, logs, dir.resolve("foreign"), CLOCK)) {
            for (String part : requests.substring(requests.indexOf("=== ") + 4).split("(?m)^=== ")) {
                String title = part.substring(0, part.indexOf('\n'));
                String expected = title.substring(0, title.indexOf(' '));
                Witness.Reply reply = witness.addCheckpoint(
                        part.substring(part.indexOf('\n') + 1).getBytes(StandardCharsets.UTF_8));

                assertThat(Integer.toString(reply.status())).as(title).isEqualTo(expected.substring(0, 3));
                if (reply.status() == 409) {
                    assertThat(text(reply)).as(title).isEqualTo(expected.substring(4) + "\n");
                    assertThat(reply.contentType()).isEqualTo("text/x.tlog.size");
                }
                asked++;
            }
        }
        assertThat(asked).isEqualTo(12);
    }

    @Test
    void a_cosignature_is_the_one_that_the_specification_describes() throws IOException {
        try (Witness witness = open()) {
            byte[] note = log.note(7);
            Witness.Reply reply = witness.addCheckpoint(log.request(0, 7));

            assertThat(reply.status()).isEqualTo(200);
            SignedNote cosigned = SignedNote.parse(join(note, reply.body()));
            assertThat(Cosignature.time(cosigned, witness.verifierKey())).hasValue(1_679_315_147);
            assertThat(cosigned.verifiedBy(WitnessedLog.KEY.name(), WitnessedLog.KEY.key()))
                    .isTrue();
            // By hand: the message of the specification, signed with Ed25519, under a key id made with 0x04.
            byte[] blob = cosigned.signatures().get(1).bytes();
            String message = "cosignature/v1\ntime 1679315147\n" + cosigned.text();
            assertThat(Ed25519.verify(
                            KEYS.publicKey(),
                            message.getBytes(StandardCharsets.UTF_8),
                            Arrays.copyOfRange(blob, 8, blob.length)))
                    .isTrue();
            assertThat(text(reply)).startsWith("\u2014 " + NAME + " ").endsWith("\n");
            // Neither another key, nor another text, nor the log's own type of signature.
            assertThat(Cosignature.time(
                            cosigned,
                            new VerifierKey(NAME, VerifierKey.Type.COSIGNATURE, WitnessedLog.KEYS.publicKey())))
                    .isEmpty();
            assertThat(Cosignature.time(cosigned, new VerifierKey(NAME, VerifierKey.Type.NOTE, KEYS.publicKey())))
                    .isEmpty();
            SignedNote moved = new SignedNote(
                    new String(log.note(8), StandardCharsets.UTF_8).split("\n\n")[0] + "\n", cosigned.signatures());
            assertThat(Cosignature.time(moved, witness.verifierKey())).isEmpty();
        }
    }

    @Test
    void a_log_grows_step_by_step_and_the_same_head_is_cosigned_again() throws IOException {
        try (Witness witness = open()) {
            assertThat(witness.addCheckpoint(log.request(0, 0)).status())
                    .as("empty")
                    .isEqualTo(200);
            long old = 0;
            for (long size : new long[] {1, 2, 7, 8, 8, 31, 32, 33, 60}) {
                assertThat(witness.addCheckpoint(log.request(old, size)).status())
                        .as("%d to %d", old, size)
                        .isEqualTo(200);
                old = size;
            }
            assertThat(witness.size(WitnessedLog.ORIGIN)).isEqualTo(60);
        }
    }

    @Test
    void a_fork_a_rollback_and_a_stranger_are_refused_and_change_nothing() throws IOException {
        try (Witness witness = open()) {
            witness.addCheckpoint(log.request(0, 20));

            assertThat(witness.addCheckpoint(fork.request(20, 40)).status())
                    .as("fork")
                    .isEqualTo(422);
            assertThat(witness.addCheckpoint(fork.request(20, 20)).status())
                    .as("another head of the same size")
                    .isEqualTo(409);
            Witness.Reply rollback = witness.addCheckpoint(log.request(0, 10));
            assertThat(rollback.status()).as("replayed old head").isEqualTo(409);
            assertThat(text(rollback)).isEqualTo("20\n");
            assertThat(witness.addCheckpoint(AddCheckpoint.encode(20, List.of(), log.note(10)))
                            .status())
                    .as("old above new")
                    .isEqualTo(400);
            byte[] unsigned = SignedNote.sign("demo-ledger\n21\n" + base64(log.root(21)) + "\n", "x/y", KEYS)
                    .encode();
            assertThat(witness.addCheckpoint(AddCheckpoint.encode(20, List.of(), unsigned))
                            .status())
                    .isEqualTo(403);
            byte[] unknown = SignedNote.sign("other\n21\n" + base64(log.root(21)) + "\n", "x/y", KEYS)
                    .encode();
            assertThat(witness.addCheckpoint(AddCheckpoint.encode(20, List.of(), unknown))
                            .status())
                    .isEqualTo(404);
            assertThat(witness.size(WitnessedLog.ORIGIN)).isEqualTo(20);
            assertThat(witness.addCheckpoint(log.request(20, 21)).status()).isEqualTo(200);
        }
    }

    @Test
    void a_restart_remembers_and_a_second_process_is_refused() throws IOException {
        try (Witness witness = open()) {
            witness.addCheckpoint(log.request(0, 20));
            assertThatThrownBy(this::open).hasMessageContaining("already open");
        }
        try (Witness witness = open()) {
            assertThat(witness.size(WitnessedLog.ORIGIN)).isEqualTo(20);
            assertThat(witness.addCheckpoint(fork.request(20, 40)).status()).isEqualTo(422);
            assertThat(witness.addCheckpoint(log.request(20, 40)).status()).isEqualTo(200);
        }
    }

    @Test
    void a_head_that_can_not_be_read_back_is_an_error_and_no_new_beginning() throws IOException {
        try (Witness witness = open()) {
            witness.addCheckpoint(log.request(0, 20));
        }
        Path head;
        try (var files = Files.list(dir.resolve("state"))) {
            head = files.filter(f -> f.toString().endsWith(".head")).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(head);
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 1;
            Files.write(head, flipped);
            assertThatThrownBy(this::open).as("byte %d", i).isInstanceOf(IOException.class);
        }
        Files.write(head, new byte[0]);
        assertThatThrownBy(this::open).hasMessageContaining("damaged");
        Files.write(head, bytes);
        open().close();
    }

    @Test
    void a_head_that_can_not_be_written_is_not_cosigned() throws IOException {
        try (Witness witness = open()) {
            witness.addCheckpoint(log.request(0, 20));
            // A directory where the new file would be written: the write fails, whoever runs this test.
            Path head;
            try (var files = Files.list(dir.resolve("state"))) {
                head = files.filter(f -> f.toString().endsWith(".head"))
                        .findFirst()
                        .orElseThrow();
            }
            Files.createDirectory(head.resolveSibling(head.getFileName() + ".new"));

            assertThat(witness.addCheckpoint(log.request(20, 30)).status()).isEqualTo(500);
            assertThat(witness.addCheckpoint(log.request(20, 30)).status())
                    .as("until a restart nobody knows what the disk has")
                    .isEqualTo(500);
        }
    }

    /** Many submitters, honest and forking, at once: all that was cosigned lies on one history. */
    @Test
    void concurrent_requests_never_get_two_inconsistent_heads_cosigned() throws Exception {
        long seed = Long.getLong("seed", 20261121);
        List<byte[]> requests = new ArrayList<>();
        List<long[]> heads = new ArrayList<>();
        Random random = new Random(seed);
        for (int i = 0; i < 240; i++) {
            boolean forked = i % 2 == 1;
            long size = 1 + random.nextInt(60);
            long old = random.nextInt((int) size + 1);
            requests.add((forked ? fork : log).request(old, size));
            heads.add(new long[] {size, forked ? 1 : 0});
        }
        ExecutorService clients = Executors.newFixedThreadPool(8);
        TreeMap<Long, byte[]> cosigned = new TreeMap<>();
        try (Witness witness = open()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            requests.forEach(
                    request -> calls.add(() -> witness.addCheckpoint(request).status()));
            List<Future<Integer>> answers = clients.invokeAll(calls);
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).get() == 200) {
                    long size = heads.get(i)[0];
                    byte[] root = (heads.get(i)[1] == 1 ? fork : log).root(size);
                    byte[] before = cosigned.put(size, root);
                    assertThat(before == null || Arrays.equals(before, root))
                            .as("seed %d size %d", seed, size)
                            .isTrue();
                }
            }
        } finally {
            clients.shutdownNow();
        }
        // Up to leaf 10 the two are one history; above, everything cosigned must be of the same one.
        boolean honest =
                cosigned.entrySet().stream().allMatch(head -> Arrays.equals(head.getValue(), log.root(head.getKey())));
        boolean forked =
                cosigned.entrySet().stream().allMatch(head -> Arrays.equals(head.getValue(), fork.root(head.getKey())));
        assertThat(cosigned).isNotEmpty();
        assertThat(honest || forked).as("seed %d", seed).isTrue();
    }

    @Test
    void over_http_only_its_one_route_is_known_and_bodies_are_bounded() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        try (Witness witness = open();
                WitnessServer server = new WitnessServer(witness, new InetSocketAddress("127.0.0.1", 0))) {
            URI base = URI.create("http://127.0.0.1:" + server.port());
            assertThat(post(http, base.resolve("/add-checkpoint"), log.request(0, 5))
                            .statusCode())
                    .isEqualTo(200);
            HttpResponse<String> conflict = post(http, base.resolve("/add-checkpoint"), log.request(0, 9));
            assertThat(conflict.statusCode()).isEqualTo(409);
            assertThat(conflict.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
            assertThat(conflict.body()).isEqualTo("5\n");
            assertThat(post(http, base.resolve("/add-checkpoint"), new byte[AddCheckpoint.MAX_BYTES + 1])
                            .statusCode())
                    .isEqualTo(413);
            assertThat(post(http, base.resolve("/add-checkpoint"), new byte[0]).statusCode())
                    .isEqualTo(400);
            assertThat(post(http, base.resolve("/else"), log.request(5, 6)).statusCode())
                    .isEqualTo(404);
            assertThat(http.send(
                                    HttpRequest.newBuilder(base.resolve("/add-checkpoint"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void malformed_bodies_are_told_what_is_wrong() {
        String note = new String(log.note(1), StandardCharsets.UTF_8);
        for (String body : List.of(
                "",
                "\n",
                "old 0\n",
                "old 0\n\n",
                "old 00\n\n" + note,
                "old -1\n\n" + note,
                "old 9223372036854775808\n\n" + note,
                "new 0\n\n" + note,
                "old 0\n" + note,
                "old 0\n\n\n" + note,
                "old 0\nAAAA\n\n" + note,
                "old 0\n!\n\n" + note,
                "old 0\n" + (base64(new byte[32]) + "\n").repeat(64) + "\n" + note,
                "old 0\n\n" + note.replace("\n1\n", "\n01\n"),
                "old 0\n\n" + note.substring(0, note.length() - 1))) {
            assertThatThrownBy(() -> AddCheckpoint.parse(body.getBytes(StandardCharsets.UTF_8)))
                    .as(body)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        AddCheckpoint parsed = AddCheckpoint.parse(log.request(3, 7));
        assertThat(parsed.head()).isEqualTo(new TreeHead(WitnessedLog.ORIGIN, 7, log.root(7)));
        assertThat(parsed.oldSize()).isEqualTo(3);
    }

    private static HttpResponse<String> post(HttpClient http, URI uri, byte[] body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String text(Witness.Reply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return java.util.Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
