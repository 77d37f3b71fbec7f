package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.ledger.testing.OneNode;
import io.homeostat.merkle.Frames;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The change stream of a real node: exact order from any place, over broken connections, slow readers and killed nodes. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalStreamIT {
    private static final String ACCOUNTS = """
            {"accounts":[
             {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
             {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Record(long sequence, byte[] leaf) {}

    @Test
    void streams_resumed_at_random_places_give_the_journal_in_exact_order() throws Exception {
        long seed = Long.getLong("seed", 20261121);
        Random random = new Random(seed);
        try (LocalCluster cluster = new LocalCluster(dir, 1).startAll()) {
            post(cluster, "/v1/accounts", OPERATOR, ACCOUNTS);
            URI base = URI.create(cluster.url("n1"));
            List<Record> events = new ArrayList<>();
            List<Record> records = new ArrayList<>();
            for (int connection = 0; connection < 30; connection++) {
                post(cluster, "/v1/transfers/batch", CLIENT, transfers(1 + random.nextInt(60)));
                long size = size(cluster);
                take(base, events, Math.min(size, events.size() + 1 + random.nextInt(80)), true);
                take(base, records, Math.min(size, records.size() + 1 + random.nextInt(80)), false);
            }
            long size = size(cluster);
            take(base, events, size, true);
            take(base, records, size, false);

            assertIsJournal(events, journal(base, size), seed);
            assertIsJournal(records, journal(base, size), seed);
        }
    }

    @Test
    void a_reader_that_reads_nothing_is_paused_and_postings_go_on() throws Exception {
        try (LocalCluster cluster = new LocalCluster(dir, 1).startAll()) {
            post(cluster, "/v1/accounts", OPERATOR, ACCOUNTS);
            URI base = URI.create(cluster.url("n1"));
            try (Socket slow = new Socket()) {
                slow.setReceiveBufferSize(4096);
                slow.connect(new InetSocketAddress("127.0.0.1", base.getPort()));
                slow.getOutputStream()
                        .write(
                                ("GET /v1/journal HTTP/1.1\r\nHost: x\r\nAccept: application/x-protobuf\r\nAuthorization: Bearer "
                                                + READER + "\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < 12; i++) {
                    post(cluster, "/v1/transfers/batch", CLIENT, transfers(4000));
                }
                long size = size(cluster);
                assertThat(size).isGreaterThan(48_000);

                // It begins to read at last, and misses nothing.
                InputStream in = unchunked(slow.getInputStream());
                for (long sequence = 0; sequence < size; sequence++) {
                    Record record = record(in);
                    assertThat(record).isNotNull();
                    assertThat(record.sequence()).isEqualTo(sequence);
                }
            }
        }
    }

    @Test
    void heartbeats_come_and_bad_places_are_refused() throws Exception {
        try (LocalCluster cluster = new LocalCluster(dir, 1).startAll()) {
            URI base = URI.create(cluster.url("n1"));
            HttpResponse<InputStream> ahead = stream(base, "?from=1000000000", true, null);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(ahead.body(), StandardCharsets.US_ASCII))) {
                assertThat(lines.readLine()).isEqualTo("retry: 1000");
                assertThat(lines.readLine()).isEmpty();
                assertThat(lines.readLine()).startsWith(": journal ");
            }
            for (String query : List.of("?from=-1", "?from=x", "?limit=5", "?other=1")) {
                HttpResponse<InputStream> refused = stream(base, query, true, null);
                refused.body().close();
                assertThat(refused.statusCode()).as(query).isEqualTo(400);
            }
            HttpResponse<InputStream> refused = stream(base, "", true, "x");
            refused.body().close();
            assertThat(refused.statusCode()).isEqualTo(400);
        }
    }

    @Test
    void nothing_is_missing_when_the_node_is_killed_again_and_again() throws Exception {
        long seed = Long.getLong("seed", 20261121);
        Random random = new Random(seed);
        // Only for its genesis, keys and tokens.
        new LocalCluster(dir, 1).close();
        int[] ports = freePorts();
        URI base = URI.create("http://127.0.0.1:" + ports[0]);
        List<Record> events = new ArrayList<>();
        Process node = start(ports);
        try {
            awaitReady(base);
            assertThat(send(base, "/v1/accounts", OPERATOR, ACCOUNTS)).isEqualTo(200);
            for (int life = 0; life < 3; life++) {
                for (int batch = 0; batch < 4; batch++) {
                    assertThat(send(base, "/v1/transfers/batch", CLIENT, transfers(1 + random.nextInt(200))))
                            .isEqualTo(200);
                }
                // Read a random part, and kill the node while the connection is open.
                HttpResponse<InputStream> response =
                        stream(base, "", true, events.isEmpty() ? null : Long.toString(events.size() - 1));
                try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
                    read(lines, events, events.size() + 1 + random.nextInt(150));
                    node.destroyForcibly().waitFor();
                    try {
                        read(lines, events, Long.MAX_VALUE);
                    } catch (IOException e) {
                        assertThat(e).as("the connection broke, as it must").isNotNull();
                    }
                }
                node = start(ports);
                awaitReady(base);
            }
            long size = Math.max(events.size(), sizeOf(base));
            take(base, events, size, true);
            assertIsJournal(events, journal(base, size), seed);
        } finally {
            node.destroyForcibly().waitFor();
        }
    }

    // ---- reading

    private void take(URI base, List<Record> into, long until, boolean events) throws Exception {
        if (into.size() >= until) {
            return;
        }
        String last = events && !into.isEmpty() ? Long.toString(into.size() - 1) : null;
        String query = last == null ? "?from=" + into.size() : "";
        HttpResponse<InputStream> response = stream(base, query, events, last);
        assertThat(response.statusCode()).isEqualTo(200);
        if (events) {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
                read(lines, into, until);
            }
        } else {
            try (InputStream in = new BufferedInputStream(response.body())) {
                while (into.size() < until) {
                    Record record = record(in);
                    if (record != null) {
                        into.add(record);
                    }
                }
            }
        }
    }

    private static void read(BufferedReader lines, List<Record> into, long until) throws IOException {
        long id = -1;
        while (into.size() < until) {
            String line = lines.readLine();
            if (line == null) {
                return;
            }
            if (line.startsWith("id: ")) {
                id = Long.parseLong(line.substring(4));
            } else if (line.startsWith("data: ")) {
                into.add(new Record(id, Base64.getDecoder().decode(line.substring(6))));
            }
        }
    }

    /** One message, {@code null} for a heartbeat. */
    private static @Nullable Record record(InputStream in) throws IOException {
        long length = varint(in);
        byte[] message = in.readNBytes((int) length);
        if (message.length < length) {
            throw new EOFException();
        }
        InputStream fields = new java.io.ByteArrayInputStream(message);
        int tag = fields.read();
        if (tag == 0x18) {
            return null;
        }
        assertThat(tag).isEqualTo(0x08);
        long sequence = varint(fields);
        assertThat(fields.read()).isEqualTo(0x12);
        byte[] leaf = new byte[(int) varint(fields)];
        new DataInputStream(fields).readFully(leaf);
        assertThat(fields.read()).isEqualTo(-1);
        return new Record(sequence, leaf);
    }

    private static long varint(InputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException();
            }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
    }

    /** The body of a chunked HTTP/1.1 answer, by hand. */
    private static InputStream unchunked(InputStream raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, 1024);
        String head = line(in);
        assertThat(head).startsWith("HTTP/1.1 200");
        while (!head.isEmpty()) {
            head = line(in);
        }
        return new InputStream() {
            private int left;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    left = Integer.parseInt(line(in), 16);
                }
                int b = in.read();
                if (--left == 0) {
                    line(in);
                }
                return b;
            }
        };
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private static void assertIsJournal(List<Record> read, List<byte[]> journal, long seed) {
        assertThat(read).as("seed %d", seed).hasSameSizeAs(journal);
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.get(i).sequence()).as("seed %d", seed).isEqualTo(i);
            assertThat(Arrays.equals(read.get(i).leaf(), journal.get(i)))
                    .as("seed %d leaf %d", seed, i)
                    .isTrue();
        }
    }

    // ---- asking

    private HttpResponse<InputStream> stream(URI base, String query, boolean events, @Nullable String lastId)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("/v1/journal" + query))
                .header("Authorization", "Bearer " + READER)
                .header("Accept", events ? "text/event-stream" : "application/x-protobuf");
        if (lastId != null) {
            request.header("Last-Event-ID", lastId);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private List<byte[]> journal(URI base, long size) throws Exception {
        List<byte[]> leaves = new ArrayList<>();
        while (leaves.size() < size) {
            HttpResponse<byte[]> page = get(base, "/v1/journal?from=" + leaves.size());
            leaves.addAll(Frames.decode(page.body(), 1 << 20));
        }
        return leaves.subList(0, (int) size);
    }

    private long sizeOf(URI base) throws Exception {
        return Long.parseLong(get(base, "/v1/journal?limit=1")
                .headers()
                .firstValue("X-Journal-Size")
                .orElseThrow());
    }

    private static long size(LocalCluster cluster) {
        return Long.parseLong(cluster.get("n1", "/v1/journal?limit=1", READER)
                .headers()
                .firstValue("X-Journal-Size")
                .orElseThrow());
    }

    private HttpResponse<byte[]> get(URI base, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(base.resolve(path))
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + READER)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private int send(URI base, String path, String token, String body) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(base.resolve(path))
                                .timeout(PATIENCE)
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static void post(LocalCluster cluster, String path, String token, String body) {
        Answer answer = cluster.post("n1", path, token, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static String transfers(int count) {
        StringBuilder body = new StringBuilder("{\"transfers\":[");
        for (int i = 0; i < count; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"")
                    .append(UUID.randomUUID())
                    .append("\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":1,\"asset\":\"EUR\"}");
        }
        return body.append("]}").toString();
    }

    // ---- a node in a process of its own

    private Process start(int[] ports) throws IOException {
        Path log = dir.resolve("node.log");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneNode.class.getName(),
                        dir.toString(),
                        Integer.toString(ports[0]),
                        Integer.toString(ports[1]))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void awaitReady(URI base) {
        Eventually.holds("the node serves again", PATIENCE, () -> {
            try {
                return get(base, "/health/ready").statusCode() == 200;
            } catch (IOException e) {
                return false;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private static int[] freePorts() throws IOException {
        try (ServerSocket first = new ServerSocket(0);
                ServerSocket second = new ServerSocket(0)) {
            return new int[] {first.getLocalPort(), second.getLocalPort()};
        }
    }
}
