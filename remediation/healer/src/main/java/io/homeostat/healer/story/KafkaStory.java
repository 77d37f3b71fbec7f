package io.homeostat.healer.story;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic on Kafka: an idempotent producer, and one thread that reads and commits an offset only after the event is in
 * the database. A record that is not an incident event is counted, logged and passed over: the topic is an input from
 * outside, and one bad record must not stop healing.
 */
public final class KafkaStory implements StoryChannel {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaStory.class);
    /** Records taken from the broker at once: incidents are few, and a batch is the unit of redelivery. */
    private static final int MAX_POLL_RECORDS = 100;
    /** How long the reader rests after a fault, so that a broker that is away is not asked in a tight loop. */
    private static final Duration REST = Duration.ofMillis(500);

    private final String bootstrap;
    private final String group;
    private final StoryLimits limits;
    private final KafkaProducer<String, byte[]> producer;
    private volatile boolean closing;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
    private @Nullable Thread thread;

    public KafkaStory(String bootstrap, String group, StoryLimits limits) {
        this.bootstrap = bootstrap;
        this.group = group;
        this.limits = limits;
        int timeoutMillis = Math.toIntExact(limits.publishTimeout().toMillis());
        this.producer = new KafkaProducer<>(
                Map.<String, Object>ofEntries(
                        Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
                        Map.entry(ProducerConfig.CLIENT_ID_CONFIG, group + "-story"),
                        Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
                        Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
                        Map.entry(ProducerConfig.LINGER_MS_CONFIG, 0),
                        Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeoutMillis),
                        Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis / 2),
                        Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeoutMillis),
                        Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L << 20)),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @Override
    public void publish(List<StoryLine> lines) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try {
            for (StoryLine line : lines) {
                sent.add(producer.send(new ProducerRecord<>(
                        Topics.INCIDENTS, line.node(), line.cloudEvent().getBytes(StandardCharsets.UTF_8))));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get(limits.publishTimeout().toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoryFault("interrupted while publishing on " + Topics.INCIDENTS, e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new StoryFault(
                    "expected an acknowledgement of " + lines.size() + " events on " + Topics.INCIDENTS + " at "
                            + bootstrap + " but: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public synchronized void subscribe(Consumer<IncidentEvent> reader) {
        if (thread != null) {
            throw new IllegalStateException("the story has a reader already");
        }
        Thread started = new Thread(() -> readUntilClosed(reader), "healer-story-reader");
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    private void readUntilClosed(Consumer<IncidentEvent> reader) {
        while (!closing) {
            try (KafkaConsumer<String, byte[]> opened = openConsumer()) {
                consumer = opened;
                opened.subscribe(List.of(Topics.INCIDENTS));
                while (!closing) {
                    read(opened, reader);
                }
            } catch (WakeupException e) {
                LOG.debug("the story's reader was woken to end");
            } catch (KafkaException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("error.type", e.getClass().getSimpleName())
                        .log("the story's reader lost the broker and opens it again");
                rest();
            }
        }
    }

    private void read(KafkaConsumer<String, byte[]> opened, Consumer<IncidentEvent> reader) {
        ConsumerRecords<String, byte[]> records = opened.poll(limits.pollTimeout());
        for (ConsumerRecord<String, byte[]> record : records) {
            if (!deliver(record, reader)) {
                // From this record on everything is read again; what was handled before is known by its id.
                for (TopicPartition partition : records.partitions()) {
                    long first = records.records(partition).get(0).offset();
                    opened.seek(partition, partition.partition() == record.partition() ? record.offset() : first);
                }
                rest();
                return;
            }
        }
        if (!records.isEmpty()) {
            opened.commitSync(limits.publishTimeout());
        }
    }

    /** False when the event must come again. */
    private static boolean deliver(ConsumerRecord<String, byte[]> record, Consumer<IncidentEvent> reader) {
        try {
            if (record.value() == null) {
                throw new IllegalArgumentException("expected a CloudEvent but found a record without value");
            }
            reader.accept(EventCodec.fromCloudEvent(record.value()));
            return true;
        } catch (IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("messaging.kafka.partition", record.partition())
                    .addKeyValue("messaging.kafka.offset", record.offset())
                    .addKeyValue("error.type", "malformed_event")
                    .log("passed over a record of {}: {}", Topics.INCIDENTS, bounded(e.getMessage()));
            return true;
        } catch (StoryFault e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("messaging.kafka.offset", record.offset())
                    .log("an event could not be taken in and comes again");
            return false;
        }
    }

    private void rest() {
        synchronized (this) {
            if (!closing) {
                try {
                    wait(REST.toMillis());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    closing = true;
                }
            }
        }
    }

    private KafkaConsumer<String, byte[]> openConsumer() {
        return new KafkaConsumer<>(
                Map.<String, Object>ofEntries(
                        Map.entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
                        Map.entry(ConsumerConfig.GROUP_ID_CONFIG, group),
                        Map.entry(ConsumerConfig.CLIENT_ID_CONFIG, group + "-reader"),
                        // A restarted platform takes the place of the killed one without waiting for its session.
                        Map.entry(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, group + "-reader"),
                        Map.entry(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
                        Map.entry(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                        // The detector speaks in transactions: one that was broken off is not heard.
                        Map.entry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"),
                        Map.entry(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS),
                        Map.entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100),
                        Map.entry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000),
                        Map.entry(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1500),
                        Map.entry(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5000),
                        Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, true)),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    private static String bounded(@Nullable String words) {
        String text = words == null ? "" : words.replaceAll("\\p{Cntrl}", " ");
        return text.length() > 300 ? text.substring(0, 300) + "..." : text;
    }

    @Override
    public synchronized void stopReading() {
        closing = true;
        notifyAll();
        KafkaConsumer<String, byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        Thread reader = thread;
        long deadlineNanos = System.nanoTime() + limits.publishTimeout().toNanos();
        try {
            while (reader != null && reader.isAlive() && System.nanoTime() < deadlineNanos) {
                // Not join: the reader may need this monitor to wake from its rest, and waiting gives it up.
                wait(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopReading();
        producer.close(limits.publishTimeout());
    }
}
