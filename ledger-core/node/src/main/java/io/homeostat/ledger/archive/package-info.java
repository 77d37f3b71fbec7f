/**
 * Rows of settled transfers that left memory: an index on disk, by transfer id.
 *
 * <p>Fed by {@link io.homeostat.ledger.state}. Feeds the same, when an old id comes again. The index is no truth of its own: it
 * goes with a snapshot, of which a copy of it is a part, and may at any time hold more than that snapshot; the reader knows by
 * the row's number what it may believe.
 */
@NullMarked
package io.homeostat.ledger.archive;

import org.jspecify.annotations.NullMarked;
