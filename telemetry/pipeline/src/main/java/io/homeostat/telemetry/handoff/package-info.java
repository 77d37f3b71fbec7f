/**
 * The bounded hand-off of accepted telemetry to Kafka.
 *
 * <p>Fed by {@link io.homeostat.telemetry.OtlpIntake}. Feeds the topics {@code otlp_metrics}, {@code otlp_spans} and
 * {@code otlp_logs}. What was accepted is held until Kafka has acknowledged it, within a fixed number of bytes and
 * messages; what does not fit is refused, so that the sender retries.
 */
@NullMarked
package io.homeostat.telemetry.handoff;

import org.jspecify.annotations.NullMarked;
