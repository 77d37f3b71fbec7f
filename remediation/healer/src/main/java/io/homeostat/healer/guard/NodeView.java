package io.homeostat.healer.guard;

/**
 * A node as the guard sees it.
 *
 * @param member part of the Raft configuration
 * @param isolated in the ledger, so that peers and clients leave it
 * @param healthy its process runs, answers, has a live log and an open gate; false also when it could not be seen
 * @param verified a majority attested the same state digest as this node did last
 */
public record NodeView(String id, boolean member, boolean isolated, boolean healthy, boolean verified) {
    /** Counts for the majority. */
    public boolean active() {
        return member && !isolated && healthy;
    }
}
