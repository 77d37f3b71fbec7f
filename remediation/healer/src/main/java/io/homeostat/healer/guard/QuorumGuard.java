package io.homeostat.healer.guard;

import io.homeostat.events.ActionKind;
import java.util.List;

/**
 * No action may endanger the majority or the last good copy. Pure: the same nodes give the same verdict.
 *
 * <p>The majority is of all configured nodes, also of those out of the Raft configuration at the moment: a cluster of
 * three that runs on two members has no node left to lose. The ledger holds the same rule in code of its own.
 */
public final class QuorumGuard {
    private static final GuardVerdict ALLOWED = new GuardVerdict(GuardVerdict.Reason.ALLOWED, "");

    private QuorumGuard() {}

    public static GuardVerdict check(List<NodeView> nodes, String target, ActionKind kind) {
        NodeView node =
                nodes.stream().filter(n -> n.id().equals(target)).findFirst().orElse(null);
        if (node == null) {
            return new GuardVerdict(
                    GuardVerdict.Reason.NODE_UNKNOWN, "expected one of the cluster's nodes but found " + target);
        }
        if (!takesAway(kind, node)) {
            return ALLOWED;
        }
        List<NodeView> left =
                nodes.stream().filter(n -> !n.id().equals(target) && n.active()).toList();
        int majority = nodes.size() / 2 + 1;
        if (left.size() < majority) {
            return new GuardVerdict(
                    GuardVerdict.Reason.MAJORITY_AT_RISK,
                    kind + " of " + target + " would leave " + left.size() + " healthy active nodes "
                            + left.stream().map(NodeView::id).toList() + " of " + nodes.size() + ", a majority is "
                            + majority);
        }
        boolean otherCopy = left.stream().anyMatch(NodeView::verified);
        if (node.verified() && !otherCopy) {
            return new GuardVerdict(
                    GuardVerdict.Reason.LAST_VERIFIED_COPY,
                    kind + " of " + target + " would take away the last verified copy");
        }
        if (!otherCopy && (kind == ActionKind.RESYNC || kind == ActionKind.REMOVE_MEMBER)) {
            return new GuardVerdict(
                    GuardVerdict.Reason.NO_VERIFIED_SOURCE,
                    kind + " of " + target + " needs a verified copy on another active node and there is none");
        }
        return ALLOWED;
    }

    /** A restart takes nothing away from a node that is down already: it is how a lost majority comes back. */
    private static boolean takesAway(ActionKind kind, NodeView node) {
        return switch (kind) {
            case ISOLATE, FENCE, REMOVE_MEMBER, RESYNC -> true;
            case RESTART -> node.active();
            case TRANSFER_LEADERSHIP, ADD_MEMBER, READMIT -> false;
        };
    }
}
