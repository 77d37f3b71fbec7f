/**
 * What no recovery may do, however sick a node looks.
 *
 * <p>Fed by {@link io.homeostat.healer.act.LedgerApi} and {@link io.homeostat.healer.act.SidecarApi}. Feeds
 * {@link io.homeostat.healer.plan.RecoveryPlanner}. The ledger checks the same rule in code of its own; a node that can not be
 * seen counts as lost.
 */
@NullMarked
package io.homeostat.healer.guard;

import org.jspecify.annotations.NullMarked;
