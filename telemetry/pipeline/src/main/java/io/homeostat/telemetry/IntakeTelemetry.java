package io.homeostat.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongGauge;
import java.util.function.LongSupplier;

/**
 * Every instrument of the intake. A point is a metric data point, a span or a log record.
 *
 * <p>Thread-safe. Attributes: {@code signal} is {@code metrics}, {@code traces} or {@code logs}; {@code error.type} is one of
 * a fixed list of reasons.
 */
public final class IntakeTelemetry implements AutoCloseable {
    private static final AttributeKey<String> SIGNAL = AttributeKey.stringKey("signal");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private final Meter meter;
    private final LongCounter points;
    private final LongCounter dropped;
    private final LongCounter refusedRequests;
    private volatile Runnable stopObserving = () -> {};

    public IntakeTelemetry(OpenTelemetry openTelemetry) {
        meter = openTelemetry.getMeter("io.homeostat.telemetry");
        points = meter.counterBuilder("telemetry.intake.points")
                .setUnit("{point}")
                .setDescription("Points that were accepted for Kafka")
                .build();
        dropped = meter.counterBuilder("telemetry.intake.dropped")
                .setUnit("{point}")
                .setDescription("Points that were refused or lost, by reason")
                .build();
        refusedRequests = meter.counterBuilder("telemetry.intake.refusals")
                .setUnit("{request}")
                .setDescription("Requests that were refused whole, by reason")
                .build();
    }

    public void accepted(String signal, long count) {
        points.add(count, Attributes.of(SIGNAL, signal));
    }

    public void dropped(String signal, long count, String reason) {
        dropped.add(count, Attributes.of(SIGNAL, signal, ERROR_TYPE, reason));
    }

    public void refused(String signal, String reason) {
        refusedRequests.add(1, Attributes.of(SIGNAL, signal, ERROR_TYPE, reason));
    }

    void observeHeldBytes(LongSupplier heldBytes) {
        ObservableLongGauge gauge = meter.gaugeBuilder("telemetry.intake.held")
                .ofLongs()
                .setUnit("By")
                .setDescription("Telemetry that was accepted and that Kafka has not yet acknowledged")
                .buildWithCallback(result -> result.record(heldBytes.getAsLong()));
        stopObserving = gauge::close;
    }

    @Override
    public void close() {
        stopObserving.run();
    }
}
