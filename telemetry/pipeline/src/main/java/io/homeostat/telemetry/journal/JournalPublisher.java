package io.homeostat.telemetry.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.homeostat.events.Topics;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the node's change stream while the node leads and writes each leaf as one record: key = sequence (8 bytes,
 * big-endian), value = the leaf.
 *
 * <p>Exact order without a gap, whoever publishes: all publishers of a ledger share one transactional id, so that a new
 * leader's sidecar first ends what the old one's had begun, and what the old one still sends is refused by Kafka. Leaves go in
 * transactions, whole or not at all; where to go on is asked of the topic itself after that. A consumer that reads committed
 * records sees every sequence, at least once, in order; one that does not may see some again.
 *
 * <p>A failure of the node or of Kafka is said once and tried again at the next turn. Memory holds two queues of
 * {@link ChangeStream#QUEUED} leaves at most. Thread-safe; one thread of its own and one that reads the stream.
 */
public final class JournalPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalPublisher.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration KAFKA_TIMEOUT = Duration.ofSeconds(5);
    private static final TopicPartition PARTITION = new TopicPartition(Topics.LEDGER_EVENTS, 0);
    private static final String TRANSACTIONS = "homeostat-journal";
    /** Records looked at from the end of the topic; the rest of them are marks of transactions. */
    private static final long FIRST_LOOK = 16;

    private final JournalPublisherConfig config;
    private final HttpClient http;
    private final ScheduledExecutorService thread;
    private boolean failing;

    private JournalPublisher(JournalPublisherConfig config) {
        this.config = config;
        this.http = MutualTls.client(config.tls().map(MutualTls::open))
                .connectTimeout(REQUEST_TIMEOUT)
                .build();
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread t = new Thread(task, "journal-publisher");
            t.setDaemon(true);
            return t;
        });
    }

    public static JournalPublisher start(JournalPublisherConfig config) {
        JournalPublisher publisher = new JournalPublisher(config);
        long pollMillis = config.poll().toMillis();
        Future<?> unused =
                publisher.thread.scheduleWithFixedDelay(publisher::turn, pollMillis, pollMillis, TimeUnit.MILLISECONDS);
        return publisher;
    }

    /** Waits for the transaction under way; one that is not ended then is ended by the next publisher. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(KAFKA_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn().addKeyValue("nodeId", config.nodeId()).log("the journal's publisher does not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        if (!config.leader().getAsBoolean()) {
            return;
        }
        try {
            publish();
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            // The top of this thread: whatever went wrong, the next turn starts from what the topic holds.
            failed(e);
        }
    }

    private void publish() throws IOException, InterruptedException {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerSettings());
        // What is under way when something goes wrong is given up: the next one to begin ends it.
        Duration patience = Duration.ZERO;
        try {
            follow(producer);
            patience = KAFKA_TIMEOUT;
        } finally {
            producer.close(patience);
        }
    }

    /** Until this node leads no more. */
    private void follow(KafkaProducer<byte[], byte[]> producer) throws IOException, InterruptedException {
        producer.initTransactions();
        long next = lastPublished() + 1;
        try (ChangeStream stream = open(next)) {
            while (config.leader().getAsBoolean()) {
                List<byte[]> leaves =
                        stream.take(ChangeStream.QUEUED, config.poll().toMillis());
                if (!leaves.isEmpty()) {
                    commit(producer, next, leaves);
                    next += leaves.size();
                }
                recovered();
            }
        }
    }

    private static void commit(KafkaProducer<byte[], byte[]> producer, long from, List<byte[]> leaves) {
        producer.beginTransaction();
        long sequence = from;
        for (byte[] leaf : leaves) {
            byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(sequence++).array();
            Future<RecordMetadata> unused =
                    producer.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), key, leaf));
        }
        // Fails when any of the records did.
        producer.commitTransaction();
    }

    private ChangeStream open(long from) throws IOException, InterruptedException {
        URI uri = config.nodeApi().resolve("/v1/journal?from=" + from);
        String token = Files.readString(config.readerTokenFile(), US_ASCII).strip();
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(REQUEST_TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/x-protobuf")
                .build();
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            response.body().close();
            throw new IOException(
                    "the node answered " + response.statusCode() + " to " + uri.getPath() + " from " + from);
        }
        return new ChangeStream(response.body(), from);
    }

    private Map<String, Object> producerSettings() {
        return Map.ofEntries(
                Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap()),
                Map.entry(ProducerConfig.CLIENT_ID_CONFIG, "journal-" + config.nodeId()),
                Map.entry(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONS),
                Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
                Map.entry(ProducerConfig.LINGER_MS_CONFIG, 5),
                Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, 8 << 20),
                Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) KAFKA_TIMEOUT.toMillis()),
                Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) KAFKA_TIMEOUT.toMillis()),
                Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) KAFKA_TIMEOUT.toMillis() * 2),
                Map.entry(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class),
                Map.entry(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class));
    }

    /** The sequence of the newest committed record in the topic, -1 when there is none. */
    private long lastPublished() {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafkaBootstrap(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) KAFKA_TIMEOUT.toMillis(),
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            long begin = consumer.beginningOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            long from = end;
            // Marks and aborted records stand between the committed ones, so it may take more than one look.
            for (long back = FIRST_LOOK; from > begin; back *= FIRST_LOOK) {
                from = Math.max(begin, end - back);
                long last = newest(consumer, from, end);
                if (last >= 0) {
                    return last;
                }
            }
            return -1;
        }
    }

    private static long newest(KafkaConsumer<byte[], byte[]> consumer, long from, long end) {
        consumer.seek(PARTITION, from);
        long last = -1;
        long deadline = System.nanoTime() + KAFKA_TIMEOUT.toNanos();
        while (consumer.position(PARTITION) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                last = ByteBuffer.wrap(record.key()).getLong();
                deadline = System.nanoTime() + KAFKA_TIMEOUT.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new KafkaException("the end of " + PARTITION + " did not come within " + KAFKA_TIMEOUT);
            }
        }
        return last;
    }

    private void failed(Exception e) {
        if (!failing) {
            failing = true;
            LOG.atWarn()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("errorType", e.getClass().getSimpleName())
                    .log("the journal is not published for now, tried again at every turn: {}", e.getMessage());
        }
    }

    private void recovered() {
        if (failing) {
            failing = false;
            LOG.atInfo().addKeyValue("nodeId", config.nodeId()).log("the journal is published again");
        }
    }
}
