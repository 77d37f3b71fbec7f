package io.homeostat.detector.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.Committer.CommitRequest;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flink does to a committer over crashes, done by hand. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class IncidentCommitterIT {
    @TempDir
    static Path folder;

    private static TestBroker broker;

    @BeforeAll
    static void start() throws IOException {
        broker = new TestBroker(folder);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void a_batch_that_comes_again_after_a_crash_is_published_once_and_the_next_line_goes_on() throws Exception {
        String before = said();
        try (IncidentCommitter committer = new IncidentCommitter(broker.bootstrap(), "again")) {
            committer.commit(List.of(new Request("line-1", 0, "a", "b"), new Request("line-1", 1, "c")));
        }
        // Crashed before Flink noted it: the same batches come again, then those of a new writer, which counts from 0.
        try (IncidentCommitter committer = new IncidentCommitter(broker.bootstrap(), "again")) {
            Request again = new Request("line-1", 1, "c");
            committer.commit(List.of(new Request("line-1", 0, "a", "b"), again));
            assertThat(again.already).isTrue();
            committer.commit(List.of(new Request("line-2", 0, "d")));
        }
        try (IncidentCommitter committer = new IncidentCommitter(broker.bootstrap(), "again")) {
            committer.commit(List.of(new Request("line-2", 0, "d"), new Request("line-2", 1, "e")));
        }

        assertThat(said()).isEqualTo(before + "abcde");
    }

    @Test
    void what_a_crash_left_in_an_open_transaction_is_never_read_and_does_not_block_readers() throws Exception {
        String before = said();
        // Died after it had sent and before it committed.
        try (KafkaProducer<byte[], byte[]> dead = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", "half"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            dead.initTransactions();
            dead.beginTransaction();
            dead.send(new ProducerRecord<>(Topics.INCIDENTS, "x".getBytes(StandardCharsets.UTF_8)))
                    .get();
            try (IncidentCommitter successor = new IncidentCommitter(broker.bootstrap(), "half")) {
                successor.commit(List.of(new Request("line-1", 0, "f")));
            }

            assertThat(said()).isEqualTo(before + "f");
            assertThatThrownBy(dead::commitTransaction).as("shut out").isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void a_task_that_was_thought_dead_can_not_publish_behind_its_successor() throws Exception {
        String before = said();
        try (IncidentCommitter zombie = new IncidentCommitter(broker.bootstrap(), "zombie");
                IncidentCommitter successor = new IncidentCommitter(broker.bootstrap(), "zombie")) {
            zombie.commit(List.of(new Request("line-1", 0, "g")));
            successor.commit(List.of(new Request("line-1", 0, "g"), new Request("line-1", 1, "h")));

            assertThatThrownBy(() -> zombie.commit(List.of(new Request("line-1", 1, "h"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("1 incident events");
        }
        assertThat(said()).isEqualTo(before + "gh");
    }

    @Test
    void a_batch_in_a_checkpoint_reads_back_and_one_of_a_newer_version_is_refused() throws Exception {
        IncidentBatchSerializer serializer = new IncidentBatchSerializer();
        IncidentBatch batch = new Request("line-1", 7, "a", "\u00fc").getCommittable();

        IncidentBatch back = serializer.deserialize(serializer.getVersion(), serializer.serialize(batch));

        assertThat(back.line()).isEqualTo("line-1");
        assertThat(back.number()).isEqualTo(7);
        assertThat(back.events()).usingRecursiveComparison().isEqualTo(batch.events());
        assertThatThrownBy(() -> serializer.deserialize(2, serializer.serialize(batch)))
                .hasMessageContaining("version 1 but found 2");
    }

    /** All that a reader of committed events sees. */
    private static String said() throws Exception {
        try (KafkaProducer<byte[], byte[]> marker = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            marker.send(new ProducerRecord<>(Topics.INCIDENTS, new byte[] {'|'}))
                    .get();
            long markers = ++marked;
            StringBuilder said = new StringBuilder();
            broker.readCommitted(
                            Topics.INCIDENTS,
                            Duration.ofMinutes(1),
                            seen -> seen.stream()
                                            .filter(r -> r.value()[0] == '|')
                                            .count()
                                    == markers)
                    .forEach(r -> said.append(new String(r.value(), StandardCharsets.UTF_8)));
            return said.toString().replace("|", "");
        }
    }

    private static long marked;

    private static final class Request implements CommitRequest<IncidentBatch> {
        private final IncidentBatch batch;
        private boolean already;

        Request(String line, long number, String... events) {
            batch = new IncidentBatch(
                    line,
                    number,
                    Arrays.stream(events)
                            .map(e -> new Publication("n1", e.getBytes(StandardCharsets.UTF_8)))
                            .toList());
        }

        @Override
        public IncidentBatch getCommittable() {
            return batch;
        }

        @Override
        public int getNumberOfRetries() {
            return 0;
        }

        @Override
        public void signalFailedWithKnownReason(Throwable t) {
            throw new AssertionError(t);
        }

        @Override
        public void signalFailedWithUnknownReason(Throwable t) {
            throw new AssertionError(t);
        }

        @Override
        public void retryLater() {
            throw new AssertionError("not expected");
        }

        @Override
        public void updateAndRetryLater(IncidentBatch committable) {
            throw new AssertionError("not expected");
        }

        @Override
        public void signalAlreadyCommitted() {
            already = true;
        }
    }
}
