package io.homeostat.detector.control;

import io.homeostat.detector.DetectorException;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to and reads from {@link Topics#DETECTOR_CONTROL}. */
public final class ControlTopic {
    private static final Logger LOG = LoggerFactory.getLogger(ControlTopic.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private ControlTopic() {}

    /** Returns when the broker has it. @throws DetectorException when the broker does not take it within 20 s */
    public static void send(String bootstrap, byte[] message) {
        ControlMessage decoded = ControlMessage.decode(message, 0);
        Map<String, Object> properties = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                TIMEOUT.toMillis());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] key = decoded.id().getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(Topics.DETECTOR_CONTROL, key, message))
                    .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DetectorException("interrupted while the detector was told", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new DetectorException("expected Kafka at " + bootstrap + " to take a message for the detector", e);
        }
    }

    /**
     * Every message so far, oldest first; malformed ones are left out.
     *
     * @throws DetectorException when the broker does not answer within 20 s
     */
    public static List<ControlMessage> read(String bootstrap) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) TIMEOUT.toMillis(),
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false);
        List<ControlMessage> messages = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(Topics.DETECTOR_CONTROL, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (consumer.position(partition) < end) {
                if (System.nanoTime() > deadline) {
                    throw new DetectorException("expected " + end + " messages of " + Topics.DETECTOR_CONTROL, null);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    try {
                        messages.add(ControlMessage.decode(record.value(), record.timestamp()));
                    } catch (IllegalArgumentException e) {
                        LOG.atWarn()
                                .addKeyValue("offset", record.offset())
                                .setCause(e)
                                .log("malformed message left out");
                    }
                });
            }
        } catch (KafkaException e) {
            throw new DetectorException("expected Kafka at " + bootstrap + " to answer; is the platform up?", e);
        }
        return messages;
    }

    /** The feedback rules among the messages that are not revoked. */
    public static RuleBook rules(List<ControlMessage> messages) {
        return RuleBook.of(messages.stream()
                .filter(message -> message.kind().equals(ControlMessage.RULE))
                .map(ControlMessage::rule)
                .distinct()
                .toList());
    }
}
