package io.homeostat.events;

/** How an action stands or ended. */
public enum ActionOutcome {
    RUNNING,
    SUCCEEDED,
    /** Tried and not achieved; the detail says why. */
    FAILED,
    /** Not tried: a precondition, the quorum guard or a missing approval forbids it. */
    REFUSED
}
