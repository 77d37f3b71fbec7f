/**
 * Whether this node's clock may stamp: nodes tell each other the time, and a leader whose clock is too far from those of the
 * majority proposes nothing.
 *
 * <p>Fed by the peers' answers. Feeds {@link io.homeostat.ledger.raft} with a refusal. A slow answer makes a reading vague and
 * never false: a clock is only called wrong when no delay can explain what was read.
 */
@NullMarked
package io.homeostat.ledger.clock;

import org.jspecify.annotations.NullMarked;
