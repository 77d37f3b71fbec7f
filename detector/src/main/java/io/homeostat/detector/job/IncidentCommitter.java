package io.homeostat.detector.job;

import io.homeostat.events.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the batches of a completed checkpoint. Each goes out in one Kafka transaction together with a note of its
 * number (an offset of the group {@code name}), so that a batch that comes again after a restart is known as published.
 *
 * <p>Whoever opens the transactions of {@code name} last shuts out every other: a task manager that was thought dead can
 * not publish behind its successor. Any failure ends the task; the batch is still in the checkpoint and comes again.
 * Owned by one thread.
 */
final class IncidentCommitter implements Committer<IncidentBatch> {
    /** Where the note stands: its offset is the number of the newest published batch, its metadata the line. */
    private static final TopicPartition NOTE = new TopicPartition(Topics.INCIDENTS, 0);

    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** A transaction lasts some milliseconds; of a task that died in it readers are rid after this. */
    private static final Duration TRANSACTION = Duration.ofSeconds(30);

    private static final byte[] CONTENT_TYPE =
            "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.US_ASCII);

    private final String bootstrap;
    private final String name;
    private @Nullable KafkaProducer<byte[], byte[]> producer;
    private String publishedLine = "";
    private long publishedNumber = -1;

    IncidentCommitter(String bootstrap, String name) {
        this.bootstrap = bootstrap;
        this.name = name;
    }

    @Override
    public void commit(Collection<CommitRequest<IncidentBatch>> requests) throws IOException, InterruptedException {
        for (CommitRequest<IncidentBatch> request : requests) {
            IncidentBatch batch = request.getCommittable();
            try {
                KafkaProducer<byte[], byte[]> open = producer();
                if (batch.line().equals(publishedLine) && batch.number() <= publishedNumber) {
                    request.signalAlreadyCommitted();
                } else {
                    publish(open, batch);
                }
            } catch (KafkaException e) {
                // The next attempt is another committer, which looks at the note first.
                close();
                throw new IOException(
                        "expected Kafka at " + bootstrap + " to commit "
                                + batch.events().size()
                                + " incident events; the job starts again and they are sent again",
                        e);
            }
        }
    }

    private void publish(KafkaProducer<byte[], byte[]> open, IncidentBatch batch) {
        open.beginTransaction();
        for (Publication event : batch.events()) {
            // Keyed by node, so that the events of a node keep their order.
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                    Topics.INCIDENTS, event.node().getBytes(StandardCharsets.UTF_8), event.event());
            record.headers().add(new RecordHeader("content-type", CONTENT_TYPE));
            // A record that is refused fails the commit.
            var unused = open.send(record);
        }
        open.sendOffsetsToTransaction(
                Map.of(NOTE, new OffsetAndMetadata(batch.number(), batch.line())), new ConsumerGroupMetadata(name));
        open.commitTransaction();
        publishedLine = batch.line();
        publishedNumber = batch.number();
    }

    /** Opened with the first batch: it shuts out older ones, ends what they left open, and then reads the note. */
    private KafkaProducer<byte[], byte[]> producer() throws IOException, InterruptedException {
        if (producer == null) {
            producer = new KafkaProducer<>(
                    Map.of(
                            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                            bootstrap,
                            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                            name,
                            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                            (int) TRANSACTION.toMillis(),
                            ProducerConfig.LINGER_MS_CONFIG,
                            0),
                    new ByteArraySerializer(),
                    new ByteArraySerializer());
            producer.initTransactions();
            readNote();
        }
        return producer;
    }

    private void readNote() throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            OffsetAndMetadata note = admin.listConsumerGroupOffsets(
                            name, new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata()
                    .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                    .get(NOTE);
            if (note != null) {
                publishedLine = note.metadata();
                publishedNumber = note.offset();
            }
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IOException("expected Kafka at " + bootstrap + " to say what group " + name + " has noted", e);
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }
}
