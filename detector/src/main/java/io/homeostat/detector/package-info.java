/**
 * The door of the detector: telemetry in, anomalies out.
 *
 * <p>Fed by OTLP on the Kafka topics {@code otlp_metrics}, {@code otlp_spans} and {@code otlp_logs}. Feeds the topic
 * {@code incidents} with {@link io.homeostat.events.IncidentEvent.AnomalyRaised} and {@link
 * io.homeostat.events.IncidentEvent.AnomalyCleared}. The way of the data is {@code signal -> window -> model -> verdict},
 * with {@code evidence} beside it and {@code job} around it. It knows no ledger code.
 */
@NullMarked
package io.homeostat.detector;

import org.jspecify.annotations.NullMarked;
