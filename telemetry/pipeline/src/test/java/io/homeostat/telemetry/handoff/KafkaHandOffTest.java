package io.homeostat.telemetry.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.IntakeTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KafkaHandOffTest {
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final IntakeLimits limits = IntakeLimits.defaults().withHeldBytes(2000);
    private final KafkaHandOff handOff =
            KafkaHandOff.on(() -> kafka, limits, new IntakeTelemetry(OpenTelemetry.noop()));

    @AfterEach
    void close() {
        handOff.close();
    }

    @Test
    void as_many_bytes_as_allowed_are_held_and_one_more_is_refused() {
        assertThat(offer(1000)).isTrue();
        assertThat(offer(1000)).isTrue();
        assertThat(offer(1)).isFalse();
        assertThat(handOff.heldBytes()).isEqualTo(2000);
    }

    @Test
    void pieces_are_taken_all_or_none() {
        List<Piece> pieces = Collections.nCopies(3, new Piece(new byte[1000], 1));

        assertThat(handOff.offer("logs", "t", pieces)).isFalse();
        assertThat(handOff.heldBytes()).isZero();
    }

    @Test
    void an_acknowledged_message_gives_its_room_back() {
        offer(2000);
        until(() -> kafka.completeNext());

        until(() -> handOff.heldBytes() == 0);
        assertThat(offer(2000)).isTrue();
    }

    @Test
    void a_passing_failure_is_tried_again_and_holds_its_room_meanwhile() {
        offer(2000);
        until(() -> kafka.errorNext(new NotLeaderOrFollowerException("moving")));

        assertThat(handOff.heldBytes()).isEqualTo(2000);
        until(() -> kafka.history().size() == 2);
        until(() -> kafka.completeNext());
        until(() -> handOff.heldBytes() == 0);
    }

    @Test
    void a_final_failure_gives_the_room_back_and_is_not_tried_again() {
        offer(2000);
        until(() -> kafka.errorNext(new RecordTooLargeException("never")));

        until(() -> handOff.heldBytes() == 0);
        assertThat(kafka.history()).hasSize(1);
    }

    @Test
    void after_the_close_nothing_is_taken() {
        handOff.close();

        assertThat(offer(1)).isFalse();
    }

    private boolean offer(int bytes) {
        return handOff.offer("logs", "t", List.of(new Piece(new byte[bytes], 1)));
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 10 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
