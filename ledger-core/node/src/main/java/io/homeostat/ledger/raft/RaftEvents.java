package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Entry;
import java.util.List;

/** What the Raft side tells the node. Calls come from Raft threads: receivers only note or hand over. */
public interface RaftEvents {
    /** After every applied entry, in order. */
    void applied(long raftIndex, Entry entry, List<Command.Outcome> outcomes);

    /** A snapshot replaced the state. When its journal is not whole here, nothing is applied until it is filled. */
    void restored(long raftIndex, boolean journalWhole);

    /** An entry had its outcome, {@code nanos} after it was submitted here. */
    void committed(long nanos);

    /** An invariant of the state broke while an entry was applied: the node must stop. */
    void broken(RuntimeException violation);

    /** A write or sync of the Raft log failed: nothing can be acknowledged here any more. */
    void logFailed(String why);

    /** The Raft server ended without being asked to. */
    void stopped(String why);

    /** The current leader changed; {@code leaderId} is empty when there is none. */
    void leaderChanged(String leaderId);

    /** Something became of the connection that this node holds to a peer. */
    void connection(String peer, PeerConnection what);

    /** Entries were handed to the Raft log and are synced, {@code nanos} later. */
    void appended(long nanos);

    /** One sync of the Raft log. */
    void synced(long nanos);

    /**
     * One snapshot is on disk.
     *
     * @param stallNanos for how long nothing was applied
     * @param nanos from then on until it was durable
     */
    void snapshotTaken(long raftIndex, long stallNanos, long nanos, long bytes);

    /** One could not be written, or was refused because the state is not sound; the log is kept until one succeeds. */
    void snapshotFailed(long raftIndex, Exception cause);
}
