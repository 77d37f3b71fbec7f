package io.homeostat.telemetry.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import java.io.IOException;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker; the node is a small HTTP server that serves frames, as the node does. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalPublisherIT {
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final List<byte[]> journal = new CopyOnWriteArrayList<>();
    private TestBroker kafka;
    private HttpServer node;
    private Path token;

    @BeforeEach
    void start() throws IOException {
        kafka = new TestBroker(folder);
        token = Files.writeString(folder.resolve("reader.token"), "secret\n");
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/v1/journal", exchange -> {
            int from = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*from=(\\d+).*", "$1"));
            boolean known = "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] page = frames(journal.subList(Math.min(from, journal.size()), journal.size()));
            exchange.sendResponseHeaders(known ? 200 : 401, page.length == 0 ? -1 : page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
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
                    kafka.read(Topics.LEDGER_EVENTS, Duration.ofSeconds(2), records -> !records.isEmpty());

            assertThat(seen).isEmpty();
        }
    }

    @Test
    void a_frame_with_another_checksum_is_refused_with_its_offset() {
        byte[] page = frames(List.of("one".getBytes(StandardCharsets.UTF_8), "two".getBytes(StandardCharsets.UTF_8)));
        page[page.length - 1] ^= 1;

        assertThatThrownBy(() -> JournalFrames.leaves(page)).hasMessageContaining("offset 11");
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
        return kafka.read(Topics.LEDGER_EVENTS, WITHIN, records -> records.size() >= count).stream()
                .map(r -> ByteBuffer.wrap(r.key()).getLong())
                .toList();
    }

    private static List<Long> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Long::valueOf).toList();
    }

    private static byte[] frames(List<byte[]> leaves) {
        ByteBuffer page =
                ByteBuffer.allocate(leaves.stream().mapToInt(l -> 8 + l.length).sum());
        for (byte[] leaf : leaves) {
            CRC32C crc = new CRC32C();
            crc.update(leaf);
            page.putInt(leaf.length).putInt((int) crc.getValue()).put(leaf);
        }
        return page.array();
    }
}
