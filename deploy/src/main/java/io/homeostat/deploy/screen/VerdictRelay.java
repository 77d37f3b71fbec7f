package io.homeostat.deploy.screen;

import io.homeostat.events.Topics;
import io.homeostat.ledger.client.LedgerClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the screen's verdicts and brings each to the ledger, signed, before its time is over. At least once: offsets are
 * committed after the ledger answered, and the ledger takes the first verdict of a transfer. A verdict that comes too late is
 * passed over, because people have the case by then.
 *
 * <p>Thread-safe; one thread of its own.
 */
public final class VerdictRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VerdictRelay.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);
    private static final Duration COMMIT_WITHIN = Duration.ofSeconds(2);
    private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(true);

    private final Config config;
    private final Semaphore room;
    private final AtomicLong clear = new AtomicLong();
    private final AtomicLong odd = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final AtomicLongArray tookMillis = new AtomicLongArray(5000);
    private final Thread thread;
    private volatile boolean open = true;
    private volatile KafkaConsumer<byte[], byte[]> consumer;
    private long files;

    /**
     * @param client of the ledger, with a token of any role: the signature decides
     * @param keyId of a key with the role detector and no other
     * @param evidence folder for what verdicts rest on, named by digest
     */
    public record Config(
            String kafkaBootstrap,
            LedgerClient client,
            String keyId,
            PrivateKey key,
            Path evidence,
            InstantSource clock) {
        public Config {
            Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
            Objects.requireNonNull(key, "key");
        }

        @Override
        public String toString() {
            return "Config[" + kafkaBootstrap + ", key " + keyId + "]";
        }
    }

    /**
     * What became of the verdicts so far: taken as clear or odd, refused by the ledger, too late to be sent.
     *
     * @param p50Millis from the leaf that asked to the ledger's answer to the verdict, on this machine's clock
     */
    public record Counts(long clear, long odd, long refused, long late, long p50Millis, long p99Millis) {}

    private VerdictRelay(Config config) {
        this.config = config;
        this.room = new Semaphore(VerdictLimits.DEFAULT.inFlight());
        this.consumer = consumer();
        this.thread = new Thread(this::run, "verdict-relay");
        thread.setDaemon(true);
    }

    public static VerdictRelay start(Config config) {
        try {
            Files.createDirectories(config.evidence());
        } catch (IOException e) {
            throw new UncheckedIOException("creating " + config.evidence(), e);
        }
        VerdictRelay relay = new VerdictRelay(config);
        relay.files = relay.kept().size();
        relay.thread.start();
        return relay;
    }

    public Counts counts() {
        return new Counts(clear.get(), odd.get(), refused.get(), late.get(), quantile(0.5), quantile(0.99));
    }

    private void took(long millis) {
        tookMillis.incrementAndGet((int) Math.max(0, Math.min(tookMillis.length() - 1, millis)));
    }

    /** Upper bound of the quantile; what took longer than the last bucket counts as that. */
    private long quantile(double share) {
        long all = 0;
        for (int i = 0; i < tookMillis.length(); i++) {
            all += tookMillis.get(i);
        }
        long left = (long) Math.ceil(all * share);
        for (int i = 0; i < tookMillis.length() && all > 0; i++) {
            left -= tookMillis.get(i);
            if (left <= 0) {
                return i + 1L;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        open = false;
        consumer.wakeup();
        try {
            thread.join(STOP_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (open) {
            try (KafkaConsumer<byte[], byte[]> mine = consumer) {
                mine.subscribe(List.of(Topics.SCREENING_VERDICTS));
                // No verdict waits for the answer to another, nor for a commit.
                Answered answered = new Answered(VerdictLimits.DEFAULT.unanswered());
                follow(mine, answered);
                answered.commit(mine, COMMIT_WITHIN);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // The top of this thread: what was not committed is read again; meanwhile people get the cases.
                LOG.atWarn().setCause(e).log("verdicts are not relayed for now; tried again");
                pause();
                consumer = consumer();
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> mine, Answered answered) throws InterruptedException {
        try {
            while (open) {
                for (ConsumerRecord<byte[], byte[]> record : mine.poll(POLL)) {
                    answered.add(record, take(record.value()));
                }
                answered.commit(mine);
            }
        } catch (WakeupException e) {
            LOG.atDebug().log("the relay was told to stop");
        }
    }

    /** Ends when nothing more is to be done for the record. */
    private CompletableFuture<?> take(byte[] value) throws InterruptedException {
        SealedVerdict verdict;
        try {
            if (value == null || value.length > VerdictLimits.DEFAULT.evidenceBytes()) {
                throw new IllegalArgumentException(
                        "a verdict must have at most " + VerdictLimits.DEFAULT.evidenceBytes() + " bytes");
            }
            verdict = SealedVerdict.read(value);
        } catch (IllegalArgumentException e) {
            refused.incrementAndGet();
            LOG.atWarn().setCause(e).log("what stands in the topic is no verdict");
            return DONE;
        }
        long nowMicros = config.clock().millis() * 1000;
        if (verdict.dueMicros() <= nowMicros) {
            late.incrementAndGet();
            return DONE;
        }
        try {
            // Before its digest stands in the journal.
            keep(verdict);
        } catch (UncheckedIOException e) {
            // Without evidence no verdict: people look at it when its time is over.
            refused.incrementAndGet();
            LOG.atError().setCause(e).log("the evidence of a verdict can not be kept; it is not sent");
            return DONE;
        }
        room.acquire();
        return config.client()
                .sendAsync(
                        "POST",
                        "/v1/transfers/" + verdict.transfer() + "/verdict",
                        verdict.body(config.keyId(), config.key()),
                        true)
                .handle((reply, failure) -> {
                    room.release();
                    if (failure == null && reply.ok()) {
                        took(config.clock().millis() - verdict.askedMicros() / 1000);
                        (verdict.text().clear() ? clear : odd).incrementAndGet();
                    } else {
                        refused.incrementAndGet();
                        LOG.atWarn()
                                .addKeyValue("transfer", verdict.transfer())
                                .addKeyValue("reason", failure == null ? reply.reason() : failure.getMessage())
                                .log("the ledger did not take a verdict");
                    }
                    return failure == null;
                });
    }

    private void keep(SealedVerdict verdict) {
        Path file = config.evidence().resolve(verdict.evidenceDigest() + ".json");
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            if (!Files.exists(file)) {
                Files.write(draft, verdict.evidence());
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                files++;
            }
            if (files > VerdictLimits.DEFAULT.evidenceFiles()) {
                forget();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("keeping the evidence of a verdict in " + file, e);
        }
    }

    /** The oldest tenth goes. */
    private void forget() throws IOException {
        List<Path> kept = kept();
        for (Path file : kept.subList(0, kept.size() / 10)) {
            Files.deleteIfExists(file);
            files--;
        }
    }

    private List<Path> kept() {
        try (Stream<Path> all = Files.list(config.evidence())) {
            return all.sorted(Comparator.comparingLong(VerdictRelay::written)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + config.evidence(), e);
        }
    }

    private static long written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafkaBootstrap(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "homeostat-verdict-relay",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                VerdictLimits.DEFAULT.inFlight(),
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class));
    }
}
