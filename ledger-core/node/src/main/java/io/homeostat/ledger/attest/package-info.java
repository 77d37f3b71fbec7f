/**
 * Each replica's statement about its own state, and the tally that finds the one that differs.
 *
 * <p>Fed by {@link io.homeostat.ledger.state}, which marks what changed. Feeds {@link io.homeostat.ledger.state} with the
 * digest that a node attests and with the majority's. A digest depends on the state and the Raft index only, never on the
 * way the state was reached.
 */
@NullMarked
package io.homeostat.ledger.attest;

import org.jspecify.annotations.NullMarked;
