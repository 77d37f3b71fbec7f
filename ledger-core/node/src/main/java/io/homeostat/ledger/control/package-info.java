/**
 * Control of one node by its sidecar: probe, fence, snapshot, fault hooks, stop; and the gate that enforces it.
 *
 * <p>Fed by the sidecar over HTTP and by {@link io.homeostat.ledger.raft}. Feeds {@link io.homeostat.ledger.http}. The
 * control API answers whatever the gate says; it never writes to the ledger.
 */
@NullMarked
package io.homeostat.ledger.control;

import org.jspecify.annotations.NullMarked;
