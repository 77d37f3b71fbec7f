package io.homeostat.agent.reflex;

/** What the agent does by itself. */
public enum Reflex {
    /** Nothing to do, or nothing that is safe to do without a plan. */
    NONE,
    /** Restart is due, but its delay is not over. */
    WAIT,
    RESTART,
    FENCE,
    /** The attempts are used up; plans and people decide. */
    GIVE_UP
}
