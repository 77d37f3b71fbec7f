/**
 * The ledger counted once more: every leaf is replayed in code of its own, and whatever a node derived is compared with it.
 *
 * <p>Fed by a node's folder or its API. Feeds the command {@code homeostat check}. Uses no decider and no state of {@link
 * io.homeostat.ledger.state} to count; that package only gives out what a snapshot says. Nothing is ever written.
 */
@NullMarked
package io.homeostat.ledger.check;

import org.jspecify.annotations.NullMarked;
