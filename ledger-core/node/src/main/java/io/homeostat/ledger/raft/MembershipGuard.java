package io.homeostat.ledger.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which change of the Raft configuration may be made. Pure: it reads what it is given and changes nothing.
 *
 * <p>The rules protect the majority and the copies that it stands on: never fewer members than a majority of the genesis
 * nodes, never a removal after which those members that are known to live are no majority, never the leader itself.
 */
final class MembershipGuard {
    private MembershipGuard() {}

    /**
     * The members after the change.
     *
     * @param genesis ids of all nodes of the genesis
     * @param members ids of the current configuration
     * @param live ids that answered the leader lately, the leader included
     * @throws NotCommitted of kind REFUSED when a rule forbids it
     */
    static List<String> decide(
            Set<String> genesis, List<String> members, Set<String> live, String leader, String node, boolean member) {
        if (!genesis.contains(node)) {
            throw refused("node_unknown", "node '" + node + "' is not in the genesis " + genesis);
        }
        if (members.contains(node) == member) {
            return members;
        }
        List<String> next = new ArrayList<>(members);
        if (member) {
            next.add(node);
            return next;
        }
        if (node.equals(leader)) {
            throw refused("node_leads", "node '" + node + "' leads; move leadership away before it is removed");
        }
        next.remove(node);
        int least = genesis.size() / 2 + 1;
        if (next.size() < least) {
            throw refused(
                    "quorum_at_risk",
                    "removing '" + node + "' would leave " + next.size() + " members " + next + " but at least " + least
                            + " of the " + genesis.size() + " genesis nodes must stay; add a node first");
        }
        long alive = next.stream().filter(live::contains).count();
        if (alive < next.size() / 2 + 1) {
            throw refused(
                    "quorum_at_risk",
                    "removing '" + node + "' would leave members " + next + " of which only " + alive
                            + " answer; a majority must live");
        }
        return next;
    }

    private static NotCommitted refused(String reason, String detail) {
        return new NotCommitted(NotCommitted.Kind.REFUSED, reason, detail);
    }
}
