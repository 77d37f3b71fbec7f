package io.homeostat.deploy.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AnsweredTest {
    private static final TopicPartition PARTITION = new TopicPartition("verdicts", 0);

    private final MockConsumer<byte[], byte[]> consumer = consumer();
    private final Answered answered = new Answered(3);

    @Test
    void the_position_stays_behind_the_oldest_record_without_an_answer() {
        List<CompletableFuture<?>> answers = asked(3);

        answers.get(1).complete(null);
        answers.get(2).complete(null);
        answered.commit(consumer);
        assertThat(position()).isNull();

        answers.get(0).complete(null);
        answered.commit(consumer);
        assertThat(position()).isEqualTo(new OffsetAndMetadata(3));
    }

    @Test
    void too_many_behind_one_wait_for_it() throws Exception {
        List<CompletableFuture<?>> answers = asked(3);
        CompletableFuture<Void> fourth =
                CompletableFuture.runAsync(() -> add(3, CompletableFuture.completedFuture(true)));

        answers.get(1).complete(null);
        assertThat(fourth).isNotDone();
        answers.get(0).complete(null);
        fourth.get();

        answered.commit(consumer);
        assertThat(position()).isEqualTo(new OffsetAndMetadata(2));
    }

    private List<CompletableFuture<?>> asked(int count) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CompletableFuture<?> answer = new CompletableFuture<>();
            answers.add(answer);
            add(i, answer);
        }
        return answers;
    }

    private void add(long offset, CompletableFuture<?> answer) {
        answered.add(new ConsumerRecord<>("verdicts", 0, offset, new byte[0], new byte[0]), answer);
    }

    private OffsetAndMetadata position() {
        return consumer.committed(Set.of(PARTITION)).get(PARTITION);
    }

    private static MockConsumer<byte[], byte[]> consumer() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        consumer.assign(Set.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        return consumer;
    }
}
