/**
 * Order and durability: commands become Raft entries, entries become outcomes.
 *
 * <p>Fed by {@link io.homeostat.ledger.http} and by the node's own duties. Feeds {@link io.homeostat.ledger.state}.
 * Invariants: an outcome is told only after a majority has synced the entry and this node has applied it; only this
 * process proposes entries here, whatever reaches the Raft port; the leader stamps time once per entry.
 */
@NullMarked
package io.homeostat.ledger.raft;

import org.jspecify.annotations.NullMarked;
