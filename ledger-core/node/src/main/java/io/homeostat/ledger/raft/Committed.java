package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.Command;
import java.util.List;

/**
 * What came of a request's commands.
 *
 * @param raftIndex of the entry that carried them
 * @param outcomes one per command, in order
 * @param heldBy ids of the nodes known to have synced the entry when it was applied, the leader included
 */
public record Committed(long raftIndex, List<Command.Outcome> outcomes, List<String> heldBy) {}
