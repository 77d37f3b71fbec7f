/**
 * What waits for people and what is going on: open cases, incidents, and the nodes' state, each as of when it was read.
 *
 * <p>Fed by {@link io.homeostat.approvals.ledger} and {@link io.homeostat.approvals.trail}. Feeds {@link
 * io.homeostat.approvals.web} and {@link io.homeostat.approvals.desk}. The ledger's word about a case always wins; what is
 * shown says how old it is.
 */
@NullMarked
package io.homeostat.approvals.inbox;

import org.jspecify.annotations.NullMarked;
