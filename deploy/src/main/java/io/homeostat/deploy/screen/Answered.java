package io.homeostat.deploy.screen;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a consumer stands when what it reads is answered out of order: behind the oldest record without an answer. Used by
 * the consumer's thread; answers come from any.
 */
final class Answered {
    private record Asked(TopicPartition partition, long offset, CompletableFuture<?> answer) {}

    private final int most;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();

    /** @param most records that may wait behind one that is not answered */
    Answered(int most) {
        this.most = most;
    }

    /** Remembers a record; waits for the oldest one while there are too many. */
    void add(ConsumerRecord<?, ?> record, CompletableFuture<?> answer) {
        while (asked.size() >= most) {
            asked.element().answer().join();
            advance();
        }
        asked.add(new Asked(new TopicPartition(record.topic(), record.partition()), record.offset(), answer));
    }

    /** Tells the broker how far everything is answered, without waiting for it; a later one makes up for one that is lost. */
    void commit(Consumer<?, ?> consumer) {
        advance();
        if (!positions.isEmpty()) {
            consumer.commitAsync(Map.copyOf(positions), null);
            positions.clear();
        }
    }

    /** The same at the end, when no later one comes. */
    void commit(Consumer<?, ?> consumer, Duration within) {
        advance();
        if (!positions.isEmpty()) {
            consumer.commitSync(Map.copyOf(positions), within);
            positions.clear();
        }
    }

    private void advance() {
        while (!asked.isEmpty() && asked.element().answer().isDone()) {
            Asked first = asked.remove();
            positions.put(first.partition(), new OffsetAndMetadata(first.offset() + 1));
        }
    }
}
