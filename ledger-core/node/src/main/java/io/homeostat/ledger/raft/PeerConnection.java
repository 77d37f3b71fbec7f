package io.homeostat.ledger.raft;

import java.util.Locale;

/** What becomes of the connection that a follower holds to its leader. */
public enum PeerConnection {
    OPENED,
    /** By the other end, by a reset, or because it can not be reached. */
    CLOSED,
    /** Nobody listens there. */
    REFUSED,
    /** Tried again to the same leader in the same term. */
    RETRIED;

    /** As telemetry names it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
