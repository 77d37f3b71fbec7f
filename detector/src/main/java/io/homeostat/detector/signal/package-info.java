/**
 * Turns OTLP bytes into samples of the signals that the catalog names.
 *
 * <p>Fed by the Kafka topics {@link io.homeostat.events.Topics#OTLP_METRICS}, {@link
 * io.homeostat.events.Topics#OTLP_SPANS} and {@link io.homeostat.events.Topics#OTLP_LOGS}. Feeds {@link
 * io.homeostat.detector.window}. Telemetry is hostile: text is never interpreted, malformed input is counted and
 * dropped, and what the catalog does not name is ignored.
 */
@NullMarked
package io.homeostat.detector.signal;

import org.jspecify.annotations.NullMarked;
