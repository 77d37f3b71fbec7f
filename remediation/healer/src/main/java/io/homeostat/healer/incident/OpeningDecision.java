package io.homeostat.healer.incident;

/** What becomes of an anomaly. */
public sealed interface OpeningDecision {
    /** A new incident. */
    record Opened(String incidentId) implements OpeningDecision {}

    /** Joins the node's open incident; {@code worsens} when that one was only observed and this asks for action. */
    record Joined(String incidentId, boolean worsens) implements OpeningDecision {}

    /** Nothing happens. */
    record Ignored(Reason reason) implements OpeningDecision {}

    /** Order is precedence. */
    enum Reason {
        NODE_UNKNOWN,
        /** Older than the limit. */
        STALE,
        /** From before the end of the node's last incident: it told of what has been healed since. */
        BEFORE_LAST_CLOSURE
    }
}
