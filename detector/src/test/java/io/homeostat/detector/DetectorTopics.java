package io.homeostat.detector;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.events.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker with one producer and a reader of incidents: what the detector hears and what it says. */
final class DetectorTopics implements AutoCloseable {
    private static final List<String> TOPICS = List.of(
            Topics.OTLP_METRICS, Topics.OTLP_SPANS, Topics.OTLP_LOGS, Topics.DETECTOR_CONTROL, Topics.INCIDENTS);

    private final TestBroker broker;
    private final KafkaProducer<byte[], byte[]> producer;

    DetectorTopics(Path folder) throws IOException {
        broker = new TestBroker(folder);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    String bootstrap() {
        return broker.bootstrap();
    }

    /** The detector makes its topics itself; a job that is submitted finds them. */
    void createTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.createTopics(TOPICS.stream()
                            .map(topic -> new NewTopic(topic, 1, (short) 1))
                            .toList())
                    .all()
                    .get(1, TimeUnit.MINUTES);
        }
    }

    /** A group that has read nothing yet begins with the newest record; this one begins with the first. */
    void readFromTheBeginning(String group) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> zero = new HashMap<>();
        TOPICS.forEach(topic -> zero.put(new TopicPartition(topic, 0), new OffsetAndMetadata(0)));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.alterConsumerGroupOffsets(group, zero).all().get(1, TimeUnit.MINUTES);
        }
    }

    void send(String topic, byte[] bytes) {
        producer.send(new ProducerRecord<>(topic, bytes));
    }

    /** Every committed event on the topic so far, also those that came twice. */
    List<IncidentEvent> incidents() {
        List<IncidentEvent> events = new ArrayList<>();
        TopicPartition partition = new TopicPartition(Topics.INCIDENTS, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap(),
                        "auto.offset.reset", "earliest",
                        "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> events.add(EventCodec.fromCloudEvent(record.value())));
            }
        }
        return List.copyOf(events);
    }

    @Override
    public void close() {
        producer.close();
        broker.close();
    }
}
