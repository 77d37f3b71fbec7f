package io.homeostat.approvals.topic;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every event of the topic {@code incidents}, in partition order, from the stored position on, and gives batches to
 * one {@link Sink}. The position is stored after the sink returned. A broker that is away is waited for.
 *
 * <p>One thread of its own. A record that is no incident event is counted, logged with its offset and passed over: the
 * topic is open to others, and one bad record must not stop the trail.
 */
public final class IncidentReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IncidentReader.class);

    /** Ids are made of ids: room for an action's, an incident's and a node's. */
    private static final int MAX_ID_CHARS = 256;

    private final String kafkaBootstrap;
    private final TopicPosition position;
    private final Sink sink;
    private final TopicLimits limits;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong malformed = new AtomicLong();
    private volatile boolean caughtUp;

    /** Takes a batch and returns when it is durable. */
    public interface Sink {
        void take(List<IncidentEvent> batch);
    }

    public IncidentReader(String kafkaBootstrap, Path positionFile, Sink sink, TopicLimits limits) {
        this.kafkaBootstrap = kafkaBootstrap;
        this.position = new TopicPosition(positionFile);
        this.sink = sink;
        this.limits = limits;
        this.thread = new Thread(this::run, "approvals-incidents");
    }

    public void start() {
        thread.start();
    }

    /** True once everything that the topic held at the start has reached the sink. */
    public boolean caughtUp() {
        return caughtUp;
    }

    public boolean alive() {
        return thread.isAlive();
    }

    /** Records that were no incident events. */
    public long malformed() {
        return malformed.get();
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(limits.pollWait().toMillis() * 20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean stopped = false;
        while (!stopped) {
            try {
                readUntilStopped();
                return;
            } catch (KafkaException | TopicFault e) {
                LOG.atWarn()
                        .addKeyValue("topic", Topics.INCIDENTS)
                        .log("the broker failed, trying again: {}", e.toString());
            } catch (UncheckedIOException e) {
                LOG.atError().addKeyValue("topic", Topics.INCIDENTS).log("the trail's disk failed, trying again", e);
            }
            stopped = stopWithin(limits.retryPause().toMillis());
        }
    }

    private void readUntilStopped() {
        TopicDescription topic = describeTopic();
        if (topic == null) {
            return;
        }
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafkaBootstrap,
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        "approvals-trail",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        limits.batchEvents()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topic.partitions().stream()
                    .map(p -> new TopicPartition(topic.name(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            String topicId = topic.topicId().toString();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            seek(consumer, partitions, topicId, ends);
            Map<Integer, Long> offsets = new HashMap<>();
            while (stop.getCount() > 0) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(limits.pollWait());
                List<IncidentEvent> batch = decoded(records);
                if (!batch.isEmpty()) {
                    sink.take(batch);
                }
                for (TopicPartition partition : partitions) {
                    offsets.put(partition.partition(), consumer.position(partition));
                }
                if (!records.isEmpty()) {
                    position.write(topicId, offsets);
                }
                caughtUp = caughtUp
                        || partitions.stream()
                                .allMatch(p -> offsets.getOrDefault(p.partition(), 0L) >= ends.getOrDefault(p, 0L));
            }
        }
    }

    private void seek(
            KafkaConsumer<byte[], byte[]> consumer,
            List<TopicPartition> partitions,
            String topicId,
            Map<TopicPartition, Long> ends) {
        Map<Integer, Long> stored = position.read()
                .filter(s -> s.topicId().equals(topicId))
                .map(TopicPosition.Stored::offsets)
                .orElse(Map.of());
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        for (TopicPartition partition : partitions) {
            long beginning = beginnings.getOrDefault(partition, 0L);
            long wanted = stored.getOrDefault(partition.partition(), beginning);
            boolean inside = wanted >= beginning && wanted <= ends.getOrDefault(partition, 0L);
            consumer.seek(partition, inside ? wanted : beginning);
        }
    }

    private List<IncidentEvent> decoded(ConsumerRecords<byte[], byte[]> records) {
        List<IncidentEvent> batch = new ArrayList<>(records.count());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.value() == null || record.value().length > limits.maxEventBytes()) {
                malformed.incrementAndGet();
                continue;
            }
            try {
                batch.add(complete(EventCodec.fromCloudEvent(record.value())));
            } catch (IllegalArgumentException | NullPointerException e) {
                malformed.incrementAndGet();
                LOG.atWarn()
                        .addKeyValue("partition", record.partition())
                        .addKeyValue("offset", record.offset())
                        .log("expected an incident event as CloudEvents JSON, passed over: {}", e.getMessage());
            }
        }
        return batch;
    }

    /** What every event must have before it may become a leaf; the codec lets absent texts through as null. */
    private static IncidentEvent complete(IncidentEvent event) {
        if (event.eventId() == null
                || event.eventId().isBlank()
                || event.eventId().length() > MAX_ID_CHARS) {
            throw new IllegalArgumentException("eventId must have 1 to " + MAX_ID_CHARS + " characters");
        }
        if (event.storyId() == null
                || event.storyId().isBlank()
                || event.storyId().length() > MAX_ID_CHARS) {
            throw new IllegalArgumentException("storyId must have 1 to " + MAX_ID_CHARS + " characters");
        }
        for (RecordComponent field : event.getClass().getRecordComponents()) {
            try {
                if (field.getAccessor().invoke(event) == null) {
                    throw new IllegalArgumentException(field.getName() + " must be present in " + event.eventId());
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("records of the kernel are public", e);
            }
        }
        return event;
    }

    /**
     * Creates the topic when nobody has: a desk that waits for a trail that waits for a first event would wait for ever.
     *
     * @return {@code null} when interrupted
     */
    private @Nullable TopicDescription describeTopic() {
        long waitMillis = limits.publishTimeout().toMillis();
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafkaBootstrap))) {
            if (!admin.listTopics()
                    .names()
                    .get(waitMillis, TimeUnit.MILLISECONDS)
                    .contains(Topics.INCIDENTS)) {
                createTopic(admin, waitMillis);
            }
            return admin.describeTopics(List.of(Topics.INCIDENTS))
                    .allTopicNames()
                    .get(waitMillis, TimeUnit.MILLISECONDS)
                    .get(Topics.INCIDENTS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException | TimeoutException e) {
            throw new TopicFault("expected the topic " + Topics.INCIDENTS + " on " + kafkaBootstrap, e);
        }
    }

    /** With the broker's own defaults for partitions and replicas. */
    private static void createTopic(Admin admin, long waitMillis)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            admin.createTopics(List.of(new NewTopic(Topics.INCIDENTS, Optional.empty(), Optional.empty())))
                    .all()
                    .get(waitMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private boolean stopWithin(long millis) {
        try {
            return stop.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
