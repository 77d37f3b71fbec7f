package io.homeostat.healer.guard;

import java.util.List;
import java.util.Set;

/**
 * The cluster at one moment, by the ledger and by the sidecars.
 *
 * @param leader node id, empty when unknown
 * @param commitIndex highest Raft commit index that a healthy other node reported, 0 when none did
 * @param newestAttested highest attested Raft index, 0 when there is none
 * @param ledgerAnswered false when membership and isolation are by the sidecars' word only
 * @param unseen nodes whose sidecar did not answer
 */
public record ClusterView(
        List<NodeView> nodes,
        String leader,
        long commitIndex,
        long newestAttested,
        boolean ledgerAnswered,
        Set<String> unseen) {
    public ClusterView {
        nodes = List.copyOf(nodes);
        unseen = Set.copyOf(unseen);
    }

    /** Every other active node holds the majority's digest, and together they are a majority. */
    public boolean othersVerifiedEqual(String node) {
        List<NodeView> others =
                nodes.stream().filter(n -> !n.id().equals(node) && n.active()).toList();
        return others.size() > nodes.size() / 2 && others.stream().allMatch(NodeView::verified);
    }

    public boolean othersSeen(String node) {
        return unseen.isEmpty() || unseen.equals(Set.of(node));
    }
}
