package io.homeostat.events;

/**
 * What the node's control API last answered: the body of {@code GET /control/status} is exactly this record as JSON.
 *
 * @param role {@code leader}, {@code follower}, {@code candidate}, {@code none}
 * @param commitIndex Raft log index known committed
 * @param appliedIndex Raft log index applied to the state
 * @param digestIndex Raft log index of the newest state digest, 0 when there is none
 * @param stateDigest lower-case hex, empty when there is none
 * @param raftLogAlive false after a failed write or fsync of the Raft log
 * @param gate {@code open}, {@code fenced}, {@code diverged}, {@code starting}
 * @param gateReason why the gate is not open, empty when it is
 * @param ready true after a committed no-op of the current term was applied
 */
public record NodeProbe(
        String nodeId,
        long pid,
        String role,
        String leaderId,
        long term,
        long commitIndex,
        long appliedIndex,
        long digestIndex,
        String stateDigest,
        boolean raftLogAlive,
        boolean member,
        boolean ready,
        String gate,
        String gateReason,
        boolean faultHooks,
        long journalSize) {}
