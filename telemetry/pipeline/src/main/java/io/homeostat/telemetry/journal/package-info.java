/**
 * Publishes the committed journal of the node next door, in exact order, on {@link io.homeostat.events.Topics#LEDGER_EVENTS}.
 *
 * <p>Fed by the node's change stream, {@code GET /v1/journal} as protobuf. Feeds whoever scores or archives postings. Only the
 * leader's sidecar publishes, in Kafka transactions under one id for all; delivery is at least once, and a consumer drops
 * sequences that it has seen. It knows messages and sequences, not leaves: the ledger's encoding stays the ledger's.
 */
@NullMarked
package io.homeostat.telemetry.journal;

import org.jspecify.annotations.NullMarked;
