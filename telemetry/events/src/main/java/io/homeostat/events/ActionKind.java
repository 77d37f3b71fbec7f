package io.homeostat.events;

/** Typed recovery actions; there is no shell. Every action is idempotent by its action id. */
public enum ActionKind {
    /** Move Raft leadership away from the node (done through the ledger's API). */
    TRANSFER_LEADERSHIP,
    /** Record the node as isolated in the ledger, so that peers and clients leave it (done through the ledger's API). */
    ISOLATE,
    /** Stop the node's process and hold it down (done by its sidecar). */
    FENCE,
    /** Stop the node's process if it runs, and start it on its own data (done by its sidecar). */
    RESTART,
    /** Take the node out of the Raft configuration (done through the ledger's API). */
    REMOVE_MEMBER,
    /** Stop the process, move its data aside, start it empty to be filled from verified peers (done by its sidecar). */
    RESYNC,
    /** Take the node back into the Raft configuration (done through the ledger's API). */
    ADD_MEMBER,
    /** End the isolation in the ledger after verification (done through the ledger's API). */
    READMIT
}
