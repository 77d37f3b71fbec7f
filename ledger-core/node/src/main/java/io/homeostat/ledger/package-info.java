/**
 * The door of the ledger node: configuration, limits, telemetry, and the life of one replica.
 *
 * <p>Fed by {@link io.homeostat.ledger.http}. Feeds {@link io.homeostat.ledger.raft}, which orders the commands for
 * {@link io.homeostat.ledger.state}. A node answers only while its {@link io.homeostat.ledger.control.NodeGate} is open.
 */
@NullMarked
package io.homeostat.ledger;

import org.jspecify.annotations.NullMarked;
