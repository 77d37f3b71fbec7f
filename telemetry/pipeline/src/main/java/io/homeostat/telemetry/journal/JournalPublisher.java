package io.homeostat.telemetry.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.homeostat.events.Topics;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the node's journal while the node leads and writes each leaf as one record: key = sequence (8 bytes, big-endian),
 * value = the leaf. Where to go on is asked of the topic itself, so that a new leader's sidecar continues where the old one's
 * ended. A page is acknowledged by Kafka before the next is read: memory holds one page.
 *
 * <p>A failure of the node or of Kafka is said once and tried again at the next poll, from the place that the topic has.
 * Thread-safe; one thread of its own.
 */
public final class JournalPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalPublisher.class);
    private static final int PAGE_LEAVES = 4096;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration KAFKA_TIMEOUT = Duration.ofSeconds(5);
    private static final TopicPartition PARTITION = new TopicPartition(Topics.LEDGER_EVENTS, 0);
    private static final long UNKNOWN = -1;

    private final JournalPublisherConfig config;
    private final HttpClient http;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ScheduledExecutorService thread;
    private long next = UNKNOWN;
    private boolean failing;

    private JournalPublisher(JournalPublisherConfig config) {
        this.config = config;
        this.http = MutualTls.client(config.tls().map(MutualTls::open))
                .connectTimeout(REQUEST_TIMEOUT)
                .build();
        this.producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafkaBootstrap(),
                ProducerConfig.CLIENT_ID_CONFIG,
                "journal-" + config.nodeId(),
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                8 << 20,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                (int) KAFKA_TIMEOUT.toMillis(),
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) KAFKA_TIMEOUT.toMillis(),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) KAFKA_TIMEOUT.toMillis() * 2,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class));
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

    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(KAFKA_TIMEOUT);
    }

    private void turn() {
        if (!config.leader().getAsBoolean()) {
            next = UNKNOWN;
            return;
        }
        try {
            if (next == UNKNOWN) {
                next = lastPublished() + 1;
            }
            while (config.leader().getAsBoolean() && publishPage()) {
                // Catching up: the next page at once.
            }
            recovered();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            // The top of this thread: whatever went wrong, the next turn starts from what the topic holds.
            failed(e);
        }
    }

    private boolean publishPage() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        List<byte[]> leaves = page(next);
        List<Future<RecordMetadata>> sent = new ArrayList<>(leaves.size());
        long sequence = next;
        for (byte[] leaf : leaves) {
            byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(sequence++).array();
            sent.add(producer.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), key, leaf)));
        }
        producer.flush();
        for (Future<RecordMetadata> record : sent) {
            record.get(KAFKA_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        }
        next = sequence;
        return leaves.size() == PAGE_LEAVES;
    }

    private List<byte[]> page(long from) throws IOException, InterruptedException {
        URI uri = config.nodeApi().resolve("/v1/journal?from=" + from + "&limit=" + PAGE_LEAVES);
        String token = Files.readString(config.readerTokenFile(), US_ASCII).strip();
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(REQUEST_TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(
                    "the node answered " + response.statusCode() + " to " + uri.getPath() + " from " + from);
        }
        return JournalFrames.leaves(response.body());
    }

    /** The sequence of the newest record in the topic, -1 when it is empty. */
    private long lastPublished() {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafkaBootstrap(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) KAFKA_TIMEOUT.toMillis(),
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                1,
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            long begin = consumer.beginningOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            if (end == begin) {
                return UNKNOWN;
            }
            consumer.seek(PARTITION, end - 1);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(KAFKA_TIMEOUT)) {
                return ByteBuffer.wrap(record.key()).getLong();
            }
            throw new KafkaException("the newest record of " + PARTITION + " did not come within " + KAFKA_TIMEOUT);
        }
    }

    private void failed(Exception e) {
        next = UNKNOWN;
        if (!failing) {
            failing = true;
            LOG.atWarn()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("errorType", e.getClass().getSimpleName())
                    .log("the journal is not published for now, tried again at every poll: {}", e.getMessage());
        }
    }

    private void recovered() {
        if (failing) {
            failing = false;
            LOG.atInfo().addKeyValue("nodeId", config.nodeId()).log("the journal is published again");
        }
    }
}
