/**
 * Sending: the OpenTelemetry SDK's HTTP sender on the JDK's own HTTP client.
 *
 * <p>Fed by {@link io.homeostat.telemetry.TelemetryBootstrap}. Feeds an OTLP/HTTP endpoint. One shared client per SDK;
 * retries are bounded by the exporter's policy, and nothing here ever blocks the thread that measures.
 */
@NullMarked
package io.homeostat.telemetry.export;

import org.jspecify.annotations.NullMarked;
