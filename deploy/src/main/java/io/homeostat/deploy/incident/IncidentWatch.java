package io.homeostat.deploy.incident;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the topic {@code incidents} from its beginning and keeps what belongs to one node's story. Not thread-safe. */
public final class IncidentWatch implements AutoCloseable {
    /** A story has about 13 kinds and some repeat; more than this is no story. */
    private static final int MAX_EVENTS = 10_000;

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<IncidentEvent> seen = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    public IncidentWatch(String bootstrap) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        100,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        Collection<TopicPartition> partitions = consumer.partitionsFor(Topics.INCIDENTS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads on until the wanted event came, and tells every new one; nothing when the time is over. */
    public Optional<IncidentEvent> await(
            Predicate<IncidentEvent> wanted, Duration atMost, Consumer<IncidentEvent> each) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            poll(each);
            Optional<IncidentEvent> found = seen.stream().filter(wanted).findFirst();
            if (found.isPresent() || System.nanoTime() > deadline) {
                return found;
            }
        }
    }

    /** Reads until the position that was the end when this was called; gives up after the time. */
    void readToEnd(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), atMost);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the topic " + Topics.INCIDENTS + " could not be read within " + atMost.toMillis() + " ms");
            }
            poll(event -> {});
        }
    }

    private void poll(Consumer<IncidentEvent> each) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            IncidentEvent event = EventCodec.fromCloudEvent(record.value());
            if (ids.add(event.eventId())) {
                if (seen.size() == MAX_EVENTS) {
                    throw new IllegalStateException("more than " + MAX_EVENTS + " incident events: no story ends so");
                }
                seen.add(event);
                each.accept(event);
            }
        }
    }

    /** What was read so far, in the order of the topic. */
    public List<IncidentEvent> seen() {
        return List.copyOf(seen);
    }

    public static Predicate<IncidentEvent> closedOn(String node, Instant after) {
        return event -> event instanceof IncidentClosed
                && event.node().equals(node)
                && event.at().isAfter(after);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
