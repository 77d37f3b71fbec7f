package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.Command;
import java.util.List;

/**
 * What came of a request's commands.
 *
 * @param raftIndex of the entry that carried them
 * @param outcomes one per command, in order
 * @param heldBy ids of the nodes known to have synced the entry when it was applied, the leader included
 * @param timing of the request
 */
public record Committed(long raftIndex, List<Command.Outcome> outcomes, List<String> heldBy, Timing timing) {
    /** Of unknown timing. */
    public Committed(long raftIndex, List<Command.Outcome> outcomes, List<String> heldBy) {
        this(raftIndex, outcomes, heldBy, new Timing(0, 0, 0, 0));
    }
}
