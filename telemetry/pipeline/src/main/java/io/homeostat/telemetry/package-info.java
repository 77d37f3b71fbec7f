/**
 * The doors of the pipeline: {@link io.homeostat.telemetry.TelemetryBootstrap} for a process that sends telemetry,
 * {@link io.homeostat.telemetry.OtlpIntake} for the sidecar that receives it and hands it to Kafka.
 *
 * <p>Fed by any OTLP sender. Feeds the topics of {@link io.homeostat.events.Topics}, in the encoding of the OpenTelemetry
 * Collector's Kafka exporter. Telemetry never slows the sender down: every queue has a bound, and what does not fit is
 * refused and counted, never waited for.
 */
@NullMarked
package io.homeostat.telemetry;

import org.jspecify.annotations.NullMarked;
