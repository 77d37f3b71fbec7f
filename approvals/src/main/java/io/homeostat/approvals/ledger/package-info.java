/**
 * The ledger as approvals sees it: cases, nodes, policy, journal and anchors over its HTTP API.
 *
 * <p>Fed by the nodes' public API (docs/interfaces.md). Feeds {@link io.homeostat.approvals.inbox}, {@link
 * io.homeostat.approvals.desk}, {@link io.homeostat.approvals.trail} and {@link io.homeostat.approvals.bundle}. Reads go
 * to the first node that answers; nothing here can approve: the ledger checks every signature itself.
 */
@NullMarked
package io.homeostat.approvals.ledger;

import org.jspecify.annotations.NullMarked;
