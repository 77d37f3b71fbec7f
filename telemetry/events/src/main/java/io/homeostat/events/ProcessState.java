package io.homeostat.events;

/** A node's process as its sidecar sees it. */
public enum ProcessState {
    STARTING,
    RUNNING,
    /** The process exists and answers no probe. */
    HUNG,
    /** The process ended by itself; a restart is due. */
    CRASHED,
    /** Stopped on order and not to be restarted by a reflex. */
    FENCED,
    /** Stopped because the sidecar stops. */
    STOPPED
}
