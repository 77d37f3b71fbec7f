/**
 * The journal: one leaf per event, in order, in a Merkle tree on disk.
 *
 * <p>Fed by {@link io.homeostat.ledger.state}. Feeds auditors through the journal route, proofs and checkpoints. A leaf's
 * bytes follow from its event alone; sequences have no gap; time never goes back.
 */
@NullMarked
package io.homeostat.ledger.journal;

import org.jspecify.annotations.NullMarked;
