package io.homeostat.telemetry;

import io.homeostat.telemetry.handoff.KafkaHandOff;
import io.homeostat.telemetry.intake.IntakeListeners;
import io.opentelemetry.api.OpenTelemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives OTLP over HTTP and gRPC and hands it to Kafka as the OpenTelemetry Collector's Kafka exporter would: the bytes
 * of the {@code Export*ServiceRequest} as value, no key.
 *
 * <p>A sender that got a success has its points held in memory until Kafka acknowledged them; when there is no room left it
 * gets 503 (gRPC: UNAVAILABLE) and retries. Bad input gets a {@code google.rpc.Status} in its own encoding. Thread-safe.
 */
public final class OtlpIntake implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtlpIntake.class);
    /** A second is usual; a machine that is busy with other starts needs many. */
    private static final long START_WITHIN_SECONDS = 60;

    private final Vertx vertx;
    private final KafkaHandOff handOff;
    private final IntakeTelemetry telemetry;
    private final IntakeListeners listeners;

    private OtlpIntake(Vertx vertx, KafkaHandOff handOff, IntakeTelemetry telemetry, IntakeListeners listeners) {
        this.vertx = vertx;
        this.handOff = handOff;
        this.telemetry = telemetry;
        this.listeners = listeners;
    }

    /** Without telemetry of its own. */
    public static OtlpIntake start(OtlpIntakeConfig config) {
        return start(config, OpenTelemetry.noop());
    }

    /**
     * Returns when both ports listen. Kafka need not be there yet.
     *
     * @throws IllegalStateException when a port can not be bound
     */
    public static OtlpIntake start(OtlpIntakeConfig config, OpenTelemetry openTelemetry) {
        Objects.requireNonNull(config, "config");
        IntakeTelemetry telemetry = new IntakeTelemetry(Objects.requireNonNull(openTelemetry, "openTelemetry"));
        KafkaHandOff handOff =
                KafkaHandOff.start(config.kafkaBootstrap(), config.kafkaProperties(), config.limits(), telemetry);
        telemetry.observeHeldBytes(handOff::heldBytes);
        Vertx vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
        try {
            IntakeListeners listeners = await(IntakeListeners.listen(vertx, config, telemetry, handOff));
            LOG.atInfo()
                    .addKeyValue("httpPort", listeners.httpPort())
                    .addKeyValue("grpcPort", listeners.grpcPort())
                    .log("OTLP intake listens");
            return new OtlpIntake(vertx, handOff, telemetry, listeners);
        } catch (IllegalStateException e) {
            vertx.close();
            handOff.close();
            throw e;
        }
    }

    public int httpPort() {
        return listeners.httpPort();
    }

    public int grpcPort() {
        return listeners.grpcPort();
    }

    /** Stops listening, then gives Kafka a few seconds for what is held. */
    @Override
    public void close() {
        await(vertx.close());
        handOff.close();
        telemetry.close();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(START_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the OTLP intake started or stopped", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("OTLP intake: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "OTLP intake did not start or stop within " + START_WITHIN_SECONDS + " s", e);
        }
    }
}
