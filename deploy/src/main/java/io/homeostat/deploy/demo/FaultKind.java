package io.homeostat.deploy.demo;

/** A real fault of a follower. */
public enum FaultKind {
    /** A balance in the node's live state is changed behind the ledger's back. */
    DRIFT,
    /** The node's process is killed (SIGKILL). */
    KILL,
    /** The node's process is stopped (SIGSTOP): it holds its sockets and answers nothing. */
    PAUSE;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
