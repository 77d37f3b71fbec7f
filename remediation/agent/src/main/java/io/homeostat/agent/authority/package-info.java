/**
 * Whether an order may be carried out: known parameters, and signatures where the policy asks for them.
 *
 * <p>Fed by {@link io.homeostat.agent.control}. Feeds {@link io.homeostat.agent.action}. The approver policy is the first one that the node
 * gave and never changes after, because the genesis of a ledger never changes; when in doubt the answer is no.
 */
@NullMarked
package io.homeostat.agent.authority;

import org.jspecify.annotations.NullMarked;
