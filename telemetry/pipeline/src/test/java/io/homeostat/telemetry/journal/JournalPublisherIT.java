package io.homeostat.telemetry.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker; the node is a small HTTP server that streams the journal, as the node does. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalPublisherIT {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<byte[]> journal = new CopyOnWriteArrayList<>();
    private TestBroker kafka;
    private HttpServer node;
    private Path token;
    private final ExecutorService streams = Executors.newCachedThreadPool();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger cut = new AtomicInteger(-1);
    private final AtomicInteger lie = new AtomicInteger();
    private final List<Integer> asked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        kafka = new TestBroker(folder);
        token = Files.writeString(folder.resolve("reader.token"), "secret\n");
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.setExecutor(streams);
        node.createContext("/v1/journal", this::stream);
        node.start();
    }

    /** As the node does: delimited messages, heartbeats, and no end; {@link #cut} breaks every connection once. */
    private void stream(HttpExchange exchange) throws IOException {
        try (exchange) {
            int next = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*from=(\\d+).*", "$1"));
            boolean known = "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && "application/x-protobuf"
                            .equals(exchange.getRequestHeaders().getFirst("Accept"));
            asked.add(next);
            exchange.sendResponseHeaders(known ? 200 : 401, 0);
            OutputStream out = exchange.getResponseBody();
            while (known && !ended.await(10, TimeUnit.MILLISECONDS)) {
                List<byte[]> now = List.copyOf(journal);
                for (; next < now.size(); next++) {
                    if (next == cut.get()) {
                        cut.set(-1);
                        return;
                    }
                    message(out, next + lie.get(), now.get(next));
                }
                message(out, -1, null);
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void message(OutputStream out, long sequence, byte @Nullable [] leaf) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream fields = CodedOutputStream.newInstance(bytes);
        if (leaf == null) {
            fields.writeUInt64(3, 0);
        } else {
            fields.writeUInt64(1, sequence);
            fields.writeByteArray(2, leaf);
        }
        fields.flush();
        CodedOutputStream delimited = CodedOutputStream.newInstance(out);
        delimited.writeByteArrayNoTag(bytes.toByteArray());
        delimited.flush();
    }

    @AfterEach
    void stop() {
        ended.countDown();
        node.stop(0);
        streams.shutdownNow();
        kafka.stop();
    }

    @Test
    void a_new_leader_goes_on_where_the_topic_ends_and_the_order_is_the_journals() {
        AtomicBoolean leads = new AtomicBoolean(true);
        add(0, 100);
        try (JournalPublisher first = publisher("n1", leads::get)) {
            assertThat(sequences(100)).isEqualTo(numbers(100));
            leads.set(false);
        }

        add(100, 150);
        try (JournalPublisher second = publisher("n2", () -> true)) {
            assertThat(sequences(150)).isEqualTo(numbers(150));
        }
    }

    @Test
    void a_follower_publishes_nothing() {
        add(0, 10);
        try (JournalPublisher follower = publisher("n3", () -> false)) {
            List<ConsumerRecord<byte[], byte[]>> seen =
                    kafka.readCommitted(Topics.LEDGER_EVENTS, Duration.ofSeconds(2), records -> !records.isEmpty());

            assertThat(seen).isEmpty();
        }
    }

    @Test
    void a_stream_that_breaks_is_resumed_behind_the_last_record_of_the_topic() {
        cut.set(700);
        add(0, 1000);

        try (JournalPublisher publisher = publisher("n1", () -> true)) {
            assertThat(sequences(1000)).isEqualTo(numbers(1000));
        }

        assertThat(cut).hasValue(-1);
        assertThat(asked.get(0)).isZero();
        assertThat(asked.get(asked.size() - 1)).isBetween(1, 700);
    }

    @Test
    void a_publisher_that_was_killed_leaves_no_gap_and_no_disorder() {
        add(0, 3000);
        // It is never closed, and believes to lead while the next one does as well.
        AtomicBoolean believes = new AtomicBoolean(true);
        JournalPublisher killed = publisher("n1", believes::get);
        assertThat(sequences(1)).isNotEmpty();
        add(3000, 6000);
        try (JournalPublisher next = publisher("n2", () -> true)) {
            assertThat(sequences(3001)).isNotEmpty();
            believes.set(false);
            add(6000, 9000);

            List<Long> seen = sequences(9000);

            assertThat(seen).isEqualTo(numbers(9000));
        } finally {
            killed.close();
        }
    }

    @Test
    void a_broker_that_was_away_misses_nothing() {
        try (JournalPublisher publisher = publisher("n1", () -> true)) {
            add(0, 50);
            assertThat(sequences(50)).isEqualTo(numbers(50));
            kafka.stop();
            add(50, 500);
            kafka.start();

            assertThat(sequences(500)).isEqualTo(numbers(500));
        }
    }

    @Test
    void a_leaf_out_of_order_is_not_published() {
        lie.set(1);
        add(0, 10);
        try (JournalPublisher publisher = publisher("n1", () -> true)) {
            List<ConsumerRecord<byte[], byte[]>> seen =
                    kafka.readCommitted(Topics.LEDGER_EVENTS, Duration.ofSeconds(2), records -> !records.isEmpty());

            assertThat(seen).isEmpty();
            assertThat(asked).isNotEmpty().containsOnly(0);
        }
    }

    private JournalPublisher publisher(String nodeId, java.util.function.BooleanSupplier leader) {
        URI api = URI.create("http://127.0.0.1:" + node.getAddress().getPort());
        return JournalPublisher.start(
                new JournalPublisherConfig(nodeId, api, token, kafka.bootstrap(), leader, Duration.ofMillis(50)));
    }

    private void add(int from, int to) {
        IntStream.range(from, to).forEach(i -> journal.add(("leaf " + i).getBytes(StandardCharsets.UTF_8)));
    }

    private List<Long> sequences(int count) {
        return kafka.readCommitted(Topics.LEDGER_EVENTS, WITHIN, records -> records.size() >= count).stream()
                .map(r -> ByteBuffer.wrap(r.key()).getLong())
                .toList();
    }

    private static List<Long> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Long::valueOf).toList();
    }
}
