/**
 * Receiving: OTLP over HTTP and gRPC, checked before it is believed.
 *
 * <p>Fed by any OTLP sender, all of them possibly hostile. Feeds {@link io.homeostat.telemetry.handoff.KafkaHandOff}. Sizes
 * are checked before memory grows: compressed, inflated, and as objects. Decoding never runs on an event loop.
 */
@NullMarked
package io.homeostat.telemetry.intake;

import org.jspecify.annotations.NullMarked;
