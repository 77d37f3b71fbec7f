/**
 * The deterministic core: commands are decided against the state, and the events that follow are applied to it.
 *
 * <p>Fed by {@link io.homeostat.ledger.raft} with committed batches. Feeds {@link io.homeostat.ledger.journal} with leaves and
 * the API with reads. The same batches in the same order give the same state, leaves and answers on every replica; debits
 * equal credits at every index; no gated hold is posted without the approvals that its tier demands.
 */
@NullMarked
package io.homeostat.ledger.state;

import org.jspecify.annotations.NullMarked;
