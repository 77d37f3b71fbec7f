/**
 * Publishes the committed journal of the node next door, in exact order, on {@link io.homeostat.events.Topics#LEDGER_EVENTS}.
 *
 * <p>Fed by the node's {@code GET /v1/journal}. Feeds whoever scores or archives postings. Only the leader's sidecar publishes;
 * delivery is at least once, and a consumer drops sequences that it has seen. It knows frames and sequences, not leaves: the
 * ledger's encoding stays the ledger's.
 */
@NullMarked
package io.homeostat.telemetry.journal;

import org.jspecify.annotations.NullMarked;
