package io.homeostat.telemetry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.IntakeTelemetry;
import io.homeostat.telemetry.handoff.KafkaHandOff;
import io.homeostat.telemetry.testing.Otlp;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Hostile bodies get an answer and never an exception. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SignalIntakeTest {
    private static final long SEED = Long.getLong("seed", 20261120);

    private final IntakeLimits limits = IntakeLimits.defaults();
    private final IntakeTelemetry telemetry = new IntakeTelemetry(OpenTelemetry.noop());
    private final KafkaHandOff handOff = KafkaHandOff.on(
            () -> new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()),
            limits,
            telemetry);
    private final SignalIntake intake = new SignalIntake(limits, telemetry, handOff);

    @AfterEach
    void close() {
        handOff.close();
    }

    @Test
    void changed_protobuf_is_taken_or_refused_and_never_throws() {
        Random random = new Random(SEED);
        byte[] good = Otlp.metrics("ledger.commit.duration", 7).toByteArray();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] body = good.clone();
            for (int j = 0; j <= random.nextInt(4); j++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            IntakeAnswer answer = intake.receive(OtlpSignal.METRICS, BodyEncoding.PROTOBUF, i % 7 == 0, body);
            refused += answer instanceof IntakeAnswer.Refused ? 1 : 0;
        }

        assertThat(refused).as("-Dseed=" + SEED).isBetween(1000, 19_999);
    }

    @Test
    void changed_json_is_taken_or_refused_and_never_throws() {
        Random random = new Random(SEED);
        String good =
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
                        + "\"spanId\":\"eee19b7ec3c1b174\",\"kind\":2,\"startTimeUnixNano\":\"1\"}]}]}]}";
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            byte[] body = good.getBytes(StandardCharsets.UTF_8);
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            IntakeAnswer answer = intake.receive(OtlpSignal.TRACES, BodyEncoding.JSON, false, body);
            refused += answer instanceof IntakeAnswer.Refused ? 1 : 0;
        }

        assertThat(refused).as("-Dseed=" + SEED).isBetween(1000, 9_999);
    }

    @Test
    void deeply_nested_json_is_malformed_and_no_stack_overflow() {
        byte[] arrays = "[".repeat(400_000).getBytes(StandardCharsets.UTF_8);
        byte[] objects = "{\"a\":".repeat(400_000).getBytes(StandardCharsets.UTF_8);
        byte[] unknown = ("{\"x\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}").getBytes(StandardCharsets.UTF_8);

        for (byte[] body : new byte[][] {arrays, objects, unknown}) {
            assertThat(intake.receive(OtlpSignal.LOGS, BodyEncoding.JSON, false, body))
                    .isInstanceOfSatisfying(
                            IntakeAnswer.Refused.class,
                            r -> assertThat(r.refusal()).isEqualTo(Refusal.MALFORMED));
        }
    }

    @Test
    void four_MiB_of_empty_messages_are_refused_before_they_become_objects() {
        byte[] body = new byte[limits.bodyBytes()];
        for (int i = 0; i < body.length; i += 2) {
            body[i] = 0x0a;
        }

        assertThat(intake.receive(OtlpSignal.METRICS, BodyEncoding.PROTOBUF, false, body))
                .isInstanceOfSatisfying(
                        IntakeAnswer.Refused.class, r -> assertThat(r.refusal()).isEqualTo(Refusal.TOO_LARGE));
    }

    @Test
    void an_empty_request_is_accepted_as_otlp_asks() {
        assertThat(intake.receive(OtlpSignal.METRICS, BodyEncoding.PROTOBUF, false, new byte[0]))
                .isInstanceOf(IntakeAnswer.Accepted.class);
    }

    @Test
    void the_budget_for_bodies_is_exact_and_given_back() {
        BodyBudget budget = new BodyBudget(10);

        assertThat(budget.tryTake(10)).isTrue();
        assertThat(budget.tryTake(1)).isFalse();
        budget.giveBack(10);
        assertThat(budget.tryTake(10)).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(10);
    }
}
