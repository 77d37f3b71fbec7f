package io.homeostat.approvals.topic;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes approvals' events to the topic {@code incidents}, keyed by node. Thread-safe. */
public final class IncidentPublisher implements EventPublisher, AutoCloseable {
    private static final String SOURCE = "/approvals";

    private final KafkaProducer<byte[], byte[]> producer;
    private final TopicLimits limits;

    public IncidentPublisher(String kafkaBootstrap, TopicLimits limits) {
        this.limits = limits;
        long timeoutMillis = limits.publishTimeout().toMillis();
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafkaBootstrap,
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "approvals",
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        timeoutMillis,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) (timeoutMillis / 2),
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) timeoutMillis,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        4L << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @Override
    public void publish(IncidentEvent event) {
        byte[] key = event.node().getBytes(StandardCharsets.UTF_8);
        try {
            producer.send(new ProducerRecord<>(Topics.INCIDENTS, key, EventCodec.toCloudEvent(event, SOURCE)))
                    .get(limits.publishTimeout().toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicFault("publishing " + event.eventId() + " was interrupted by the shutdown", e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new TopicFault(
                    "expected the broker to confirm " + event.kind() + " " + event.eventId() + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        producer.close(limits.publishTimeout());
    }
}
