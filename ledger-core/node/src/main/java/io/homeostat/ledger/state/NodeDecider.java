package io.homeostat.ledger.state;

import io.homeostat.ledger.attest.AttestationTally.Round;
import io.homeostat.ledger.journal.LedgerEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Isolation, admission, attestations and anchors. Reads the state and changes nothing. The checks stand in the order of
 * {@link Reason}, one condition each.
 */
final class NodeDecider {
    private NodeDecider() {}

    static Decision decide(LedgerState state, Command.IsolateNode c) {
        int node = state.nodes.number(c.node());
        if (node == NodeRegister.NONE) {
            return Decision.reject(Reason.NODE_UNKNOWN);
        }
        NodeRegister.Entry entry = state.nodes.entry(node);
        if (entry.isolated) {
            return entry.incidentId.equals(c.incidentId())
                    ? Decision.duplicate("isolated", null)
                    : Decision.reject(Reason.NODE_ALREADY_ISOLATED, "isolated");
        }
        if (!state.nodes.quorumLeftWithout(node)) {
            return Decision.reject(Reason.QUORUM_AT_RISK, "active");
        }
        return Decision.accept("isolated", new LedgerEvent.NodeIsolated(c.node(), c.incidentId(), c.reason()));
    }

    static Decision decide(LedgerState state, Command.AdmitNode c) {
        int node = state.nodes.number(c.node());
        if (node == NodeRegister.NONE) {
            return Decision.reject(Reason.NODE_UNKNOWN);
        }
        NodeRegister.Entry entry = state.nodes.entry(node);
        if (!entry.isolated && !entry.diverged) {
            return Decision.reject(Reason.NODE_NOT_ISOLATED, "active");
        }
        return Decision.accept("active", new LedgerEvent.NodeAdmitted(c.node(), c.incidentId()));
    }

    static Decision decide(LedgerState state, Command.Attest c) {
        int node = state.nodes.number(c.node());
        if (node == NodeRegister.NONE) {
            return Decision.reject(Reason.NODE_UNKNOWN);
        }
        Round round = state.tally.round(c.raftIndex());
        NodeRegister.Entry entry = state.nodes.entry(node);
        if (round == null || c.raftIndex() <= entry.attestedIndex) {
            return Decision.reject(Reason.ATTESTATION_STALE);
        }
        List<LedgerEvent> events = new ArrayList<>(2);
        events.add(new LedgerEvent.Attested(c.node(), c.raftIndex(), c.digest()));
        // A diverged node is on trial until it is admitted: what it attests is on the record, so that its recovery can
        // be
        // verified before, and helps no majority.
        if (entry.diverged) {
            return Decision.accept("attested", null, events);
        }
        byte[] expected = state.tally.majorityWith(round, node, c.digest(), state.nodes::trusted);
        for (int i = 0; expected != null && i < state.nodes.count(); i++) {
            byte[] found = i == node ? c.digest() : round.digest(i);
            if (found != null && !Arrays.equals(found, expected) && state.nodes.trusted(i)) {
                String id = state.genesis.nodes().get(i).id();
                events.add(new LedgerEvent.NodeDiverged(id, c.raftIndex(), expected, found));
            }
        }
        return Decision.accept("attested", null, events);
    }

    static Decision decide(LedgerState state, Command.AnchorTrail c) {
        if (!c.origin().equals(state.genesis.ledger() + "/trail")) {
            return Decision.reject(Reason.ANCHOR_ORIGIN_UNKNOWN);
        }
        LedgerState.Anchor last = state.anchor;
        if (last != null && c.treeSize() <= last.treeSize()) {
            boolean same = c.treeSize() == last.treeSize() && Arrays.equals(c.root(), last.root());
            return same ? Decision.duplicate("anchored", null) : Decision.reject(Reason.ANCHOR_GOES_BACK);
        }
        return Decision.accept("anchored", new LedgerEvent.TrailAnchored(c.origin(), c.treeSize(), c.root()));
    }
}
