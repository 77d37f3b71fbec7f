package io.homeostat.detector.screening;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.Topics;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.events.testing.TestBroker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job on a real broker: the journal in, verdicts out, and the same verdicts after a restart and without one. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ScreeningIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void verdicts_follow_the_journal_and_survive_a_restart_and_repeated_leaves(@TempDir Path folder) throws Exception {
        Journal journal = new Journal();
        Random random = new Random(3);
        for (int i = 0; i < 30; i++) {
            journal.account("a" + i);
        }
        for (int i = 0; i < 1500; i++) {
            int payer = random.nextInt(30);
            journal.posted(payer, (payer + 1 + random.nextInt(3)) % 30, 2_000 + random.nextInt(5_000));
        }
        journal.other(14);
        String ordinary = journal.asked(4, 5, 4_000);
        journal.released(ordinary, 4_000);
        String strange = journal.asked(4, 22, 90_000_000);
        int first = journal.leaves().size();
        journal.voided(strange);
        String again = journal.asked(4, 22, 90_000_000);
        try (TestBroker broker = new TestBroker(folder.resolve("kafka"));
                KafkaProducer<byte[], byte[]> producer = producer(broker)) {
            ScreeningConfig config = new ScreeningConfig(
                    ScreeningSettings.of(broker.bootstrap()), folder.resolve("screening"), Duration.ofMillis(200));
            Map<String, Object> clear;
            try (Screening screening = Screening.start(config)) {
                assertThat(screening.running()).isTrue();
                send(producer, journal.leaves().subList(0, first));
                List<ConsumerRecord<byte[], byte[]>> verdicts = verdicts(broker, 2);
                clear = EventCodec.readMap(verdicts.get(0).value());
                assertThat(clear)
                        .containsEntry("transfer", ordinary)
                        .containsEntry("verdict", "clear")
                        .containsEntry("debit", "a4");
                assertThat(new String(verdicts.get(1).key(), StandardCharsets.US_ASCII))
                        .isEqualTo(strange);
                assertThat(EventCodec.readMap(verdicts.get(1).value())).containsEntry("verdict", "odd");
                assertThat(EventCodec.readMap(verdicts.get(1).value()).get("reasons"))
                        .asString()
                        .contains("never paid this receiver")
                        .contains("one transfer in");
                awaitCheckpoint(folder.resolve("screening"));
            }
            try (Screening screening = Screening.start(config)) {
                // Some leaves once more, as after a change of leader, then new ones.
                send(
                        producer,
                        journal.leaves().subList(first - 5, journal.leaves().size()));
                List<ConsumerRecord<byte[], byte[]>> verdicts = awaitVerdict(broker, again);
                Map<String, Object> last =
                        EventCodec.readMap(verdicts.get(verdicts.size() - 1).value());
                assertThat(last).containsEntry("transfer", again).containsEntry("verdict", "odd");
                assertThat(screening.running()).isTrue();
                assertThat(last).as("as without a restart").isEqualTo(EventCodec.readMap(offline(journal, again)));
            }
        }
    }

    /** The same journal through the same screen, without Flink. */
    private static byte[] offline(Journal journal, String transfer) throws Exception {
        ScreeningLimits limits = ScreeningLimits.defaults();
        Screen screen = new Screen(limits, new TransferScorer(limits), OfflineScreening.budget(50));
        MemoryBook book = new MemoryBook();
        JournalReader reader = new JournalReader();
        MapMemory memory = new MapMemory();
        byte[] found = {};
        for (LeafRecord leaf : journal.leaves()) {
            Movement movement = reader.read(leaf, memory);
            if (movement != null && movement.kind() == Movement.ASKED) {
                Screen.Answer answer = screen.asked(movement, book);
                found = movement.transfer().equals(transfer) ? VerdictEvidence.of(movement, answer) : found;
            } else if (movement != null) {
                screen.posted(movement, book);
            }
        }
        return found;
    }

    private static KafkaProducer<byte[], byte[]> producer(TestBroker broker) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, List<LeafRecord> leaves) {
        for (LeafRecord leaf : leaves) {
            byte[] key = ByteBuffer.allocate(8).putLong(leaf.sequence()).array();
            producer.send(new ProducerRecord<>(Topics.LEDGER_EVENTS, 0, key, leaf.leaf()));
        }
        producer.flush();
    }

    private static List<ConsumerRecord<byte[], byte[]>> verdicts(TestBroker broker, int count) {
        List<ConsumerRecord<byte[], byte[]>> all =
                broker.read(Topics.SCREENING_VERDICTS, PATIENCE, records -> records.size() >= count);
        assertThat(all).as("verdicts").hasSizeGreaterThanOrEqualTo(count);
        return new ArrayList<>(all);
    }

    private static List<ConsumerRecord<byte[], byte[]>> awaitVerdict(TestBroker broker, String transfer) {
        return broker.read(
                Topics.SCREENING_VERDICTS,
                PATIENCE,
                records -> records.stream()
                        .anyMatch(r -> new String(r.key(), StandardCharsets.US_ASCII).equals(transfer)));
    }

    private static void awaitCheckpoint(Path data) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (checkpoints(data) == 0) {
            assertThat(System.nanoTime()).as("a checkpoint in time").isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    private static long checkpoints(Path data) throws Exception {
        if (!Files.isDirectory(data.resolve("checkpoints"))) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(data.resolve("checkpoints"))) {
            return files.filter(f -> f.getFileName().toString().equals("_metadata"))
                    .count();
        } catch (java.io.UncheckedIOException e) {
            // A checkpoint was replaced while it was looked at.
            return 0;
        }
    }
}
