/**
 * Asks witnesses to cosign the ledger's heads.
 *
 * <p>Fed by the leader's journal. Feeds the checkpoint routes with cosigned heads. A witness that is slow, away or lying costs
 * postings nothing: one thread of its own, one head at a time, nothing queued.
 */
@NullMarked
package io.homeostat.ledger.witness;

import org.jspecify.annotations.NullMarked;
