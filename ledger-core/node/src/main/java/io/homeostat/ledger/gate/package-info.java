/**
 * Who must approve what: the genesis with its tiers and keys, the approval cases, and the check of signatures.
 *
 * <p>Fed by {@link io.homeostat.ledger.journal} (the events' vocabulary). Feeds {@link io.homeostat.ledger.state}. Nothing
 * here reads a clock or a file while the ledger runs, and no outcome depends on anything but genesis, events and ledger time.
 */
@NullMarked
package io.homeostat.ledger.gate;

import org.jspecify.annotations.NullMarked;
