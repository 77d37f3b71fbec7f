/**
 * Whether an order may be carried out: known parameters, and signatures where the policy asks for them.
 *
 * <p>Fed by {@link io.homeostat.agent.control}. Feeds {@link io.homeostat.agent.action}. The approver policy is the ledger's own,
 * followed from its genesis and proved leaf by leaf, never a node's word for it; when in doubt the answer is no.
 */
@NullMarked
package io.homeostat.agent.authority;

import org.jspecify.annotations.NullMarked;
