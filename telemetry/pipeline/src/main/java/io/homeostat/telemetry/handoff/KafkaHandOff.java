package io.homeostat.telemetry.handoff;

import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.IntakeTelemetry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds accepted telemetry until Kafka has acknowledged it, so that a short absence of Kafka loses nothing.
 *
 * <p>{@link #offer} never waits: it reserves room within {@link IntakeLimits#heldBytes()} and
 * {@link IntakeLimits#heldMessages()} or refuses. One thread of its own talks to the producer, because
 * {@code KafkaProducer.send} may block for its metadata. A message that failed for a passing reason is tried again after
 * {@link IntakeLimits#retryPause()}, for as long as the process lives; the room that it takes is what makes later offers be
 * refused. Order between messages is not kept over a retry: every point carries its own time.
 *
 * <p>Thread-safe.
 */
public final class KafkaHandOff implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaHandOff.class);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

    private final Producer<byte[], byte[]> producer;
    private final IntakeLimits limits;
    private final IntakeTelemetry telemetry;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicBoolean away = new AtomicBoolean();
    private final Object room = new Object();
    private long heldBytes;
    private int heldMessages;
    private boolean closed;

    private KafkaHandOff(Producer<byte[], byte[]> producer, IntakeLimits limits, IntakeTelemetry telemetry) {
        this.producer = producer;
        this.limits = limits;
        this.telemetry = telemetry;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread t = new Thread(task, "kafka-hand-off");
            t.setDaemon(true);
            return t;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    public static KafkaHandOff start(
            String bootstrap, Map<String, String> properties, IntakeLimits limits, IntakeTelemetry telemetry) {
        return on(() -> new KafkaProducer<>(producerProperties(bootstrap, properties, limits)), limits, telemetry);
    }

    /** With a producer that is made elsewhere. */
    public static KafkaHandOff on(
            Supplier<Producer<byte[], byte[]>> producer, IntakeLimits limits, IntakeTelemetry telemetry) {
        return new KafkaHandOff(producer.get(), limits, telemetry);
    }

    /** Takes all pieces or none; false when there is no room for all of them. Never blocks. */
    public boolean offer(String signal, String topic, List<Piece> pieces) {
        long bytes = pieces.stream().mapToLong(p -> p.value().length).sum();
        synchronized (room) {
            boolean fits = heldBytes + bytes <= limits.heldBytes();
            boolean few = heldMessages + pieces.size() <= limits.heldMessages();
            if (closed || !fits || !few) {
                return false;
            }
            heldBytes += bytes;
            heldMessages += pieces.size();
        }
        for (Piece piece : pieces) {
            Held held = new Held(signal, topic, piece);
            try {
                thread.execute(() -> send(held));
            } catch (RejectedExecutionException e) {
                lose(held, "closed");
            }
        }
        return true;
    }

    public long heldBytes() {
        synchronized (room) {
            return heldBytes;
        }
    }

    /** Gives Kafka a few seconds for what is held; the rest is counted as lost. */
    @Override
    public void close() {
        synchronized (room) {
            closed = true;
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE_WITHIN);
        long left = heldBytes();
        if (left > 0) {
            LOG.atWarn().addKeyValue("heldBytes", left).log("telemetry was not acknowledged by Kafka before the stop");
        }
    }

    private void send(Held held) {
        try {
            producer.send(
                    new ProducerRecord<>(held.topic(), held.piece().value()),
                    (metadata, failure) -> acknowledged(held, failure));
        } catch (KafkaException | IllegalStateException e) {
            // IllegalStateException: the producer was closed meanwhile.
            acknowledged(held, e);
        }
    }

    private void acknowledged(Held held, @Nullable Exception failure) {
        if (failure == null) {
            release(held);
            if (away.compareAndSet(true, false)) {
                LOG.atInfo().log("Kafka takes telemetry again");
            }
        } else if (failure instanceof RetriableException) {
            if (away.compareAndSet(false, true)) {
                LOG.atWarn()
                        .addKeyValue("errorType", failure.getClass().getSimpleName())
                        .addKeyValue("heldBytes", heldBytes())
                        .log("Kafka does not take telemetry; it is held within heldBytes and tried again");
            }
            again(held);
        } else {
            LOG.atWarn()
                    .addKeyValue("topic", held.topic())
                    .addKeyValue("errorType", failure.getClass().getSimpleName())
                    .addKeyValue("points", held.piece().points())
                    .log("Kafka refused a message for good");
            lose(held, "kafka");
        }
    }

    private void again(Held held) {
        try {
            var unused = thread.schedule(() -> send(held), limits.retryPause().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            lose(held, "closed");
        }
    }

    private void lose(Held held, String reason) {
        release(held);
        telemetry.dropped(held.signal(), held.piece().points(), reason);
    }

    private void release(Held held) {
        synchronized (room) {
            heldBytes -= held.piece().value().length;
            heldMessages--;
        }
    }

    private static Map<String, Object> producerProperties(
            String bootstrap, Map<String, String> properties, IntakeLimits limits) {
        Map<String, Object> all = new java.util.HashMap<>(properties);
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "homeostat-otlp-intake");
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        all.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
        // The accumulator rounds up to whole batches; twice what is held is always room enough.
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * limits.heldBytes() + 1024 * 1024);
        // A protobuf message of kafkaMessageBytes and the record's own header.
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, limits.kafkaMessageBytes() + 16 * 1024);
        // Only the hand-off's own thread waits for metadata, and not long, so that stopping is quick.
        all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1000);
        all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000);
        all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        all.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        return all;
    }

    private record Held(String signal, String topic, Piece piece) {}
}
