package io.homeostat.detector;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.events.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker with one producer and a reader of incidents: what the detector hears and what it says. */
final class DetectorTopics implements AutoCloseable {
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

    void send(String topic, byte[] bytes) {
        producer.send(new ProducerRecord<>(topic, bytes));
    }

    /** Every event on the topic so far; ids seen before are dropped, as every consumer does. */
    List<IncidentEvent> incidents() {
        Map<String, IncidentEvent> events = new LinkedHashMap<>();
        TopicPartition partition = new TopicPartition(Topics.INCIDENTS, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    IncidentEvent event = EventCodec.fromCloudEvent(record.value());
                    events.putIfAbsent(event.eventId(), event);
                });
            }
        }
        return List.copyOf(events.values());
    }

    @Override
    public void close() {
        producer.close();
        broker.close();
    }
}
