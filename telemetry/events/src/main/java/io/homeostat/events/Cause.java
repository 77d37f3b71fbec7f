package io.homeostat.events;

/** What an anomaly points to, most specific first: the planner picks its actions by this. */
public enum Cause {
    /** The node's state digest differs from the majority's: its state can not be trusted. */
    DIVERGENCE,
    /** The Raft log failed (for example a failed fsync) while the process stays up. */
    DEAD_LOG,
    /** The process ended without being asked to. */
    CRASH,
    /** The process exists but answers no probe and sends no telemetry. */
    SILENCE,
    /** The node answers, but later than its own baseline and its peers. */
    SLOWNESS,
    /** Features deviate from baseline or peers and no more specific cause fits. */
    DEVIATION
}
