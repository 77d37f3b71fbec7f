package io.homeostat.events;

/** States of remediation's circuit breaker of one node. */
public enum BreakerState {
    /** The node takes part. */
    CLOSED,
    /** The node is isolated. */
    OPEN,
    /** The node takes part on trial until its recovery is verified. */
    HALF_OPEN,
    /** Observe only: the anomaly is recorded and explained, and nothing is done to the node. */
    SHADOW
}
