package io.homeostat.ledger.raft;

import java.util.List;

/**
 * One look at this node's Raft.
 *
 * @param role {@code leader}, {@code follower}, {@code candidate}, {@code listener} or {@code none}
 * @param leaderId empty when no leader is known
 * @param commitIndex of the Raft log, as far as this node knows
 * @param leaderCommitIndex the highest commit index that any member told, for the lag
 * @param members ids of the current configuration that vote
 * @param listeners ids of the current configuration that are filled and have no vote yet
 * @param liveMembers on the leader those that answered lately, the leader included; elsewhere empty
 * @param caughtUp an entry of the current term was applied here and a leader is known
 * @param running the Raft server takes part
 */
public record RaftStatus(
        String role,
        String leaderId,
        long term,
        long commitIndex,
        long leaderCommitIndex,
        long appliedIndex,
        List<String> members,
        List<String> listeners,
        List<String> liveMembers,
        boolean caughtUp,
        boolean running) {
    static final RaftStatus STOPPED =
            new RaftStatus("none", "", 0, -1, -1, -1, List.of(), List.of(), List.of(), false, false);

    public RaftStatus {
        members = List.copyOf(members);
        listeners = List.copyOf(listeners);
        liveMembers = List.copyOf(liveMembers);
    }

    public boolean leader() {
        return role.equals("leader");
    }

    /** Members that may be lost before writes stop; meaningful on the leader. */
    public int quorumMargin() {
        return liveMembers.size() - (members.size() / 2 + 1);
    }
}
