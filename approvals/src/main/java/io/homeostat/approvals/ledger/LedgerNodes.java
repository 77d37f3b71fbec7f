package io.homeostat.approvals.ledger;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answer of {@code GET /v1/nodes}: who leads, who takes part, and what state each node last attested. */
public record LedgerNodes(@Nullable String leader, List<Node> nodes, long index) {
    public LedgerNodes {
        nodes = List.copyOf(nodes);
    }

    /** Whether all active nodes that attested at the newest common index name the same state digest. */
    public DigestAgreement agreement() {
        long newest = nodes.stream()
                .filter(Node::active)
                .mapToLong(Node::attestedIndex)
                .max()
                .orElse(0);
        if (newest == 0) {
            return DigestAgreement.UNKNOWN;
        }
        Set<String> digests = nodes.stream()
                .filter(n -> n.active()
                        && n.attestedIndex() == newest
                        && !n.stateDigest().isEmpty())
                .map(Node::stateDigest)
                .collect(Collectors.toSet());
        return digests.size() > 1 ? DigestAgreement.DIFFERENT : DigestAgreement.EQUAL;
    }

    /** What the attestations say together. */
    public enum DigestAgreement {
        EQUAL,
        DIFFERENT,
        UNKNOWN
    }

    /** One node as the ledger's own state has it. */
    public record Node(
            String id,
            String zone,
            String url,
            String state,
            boolean member,
            String incidentId,
            long attestedIndex,
            String stateDigest) {
        public Node(
                String id,
                @Nullable String zone,
                @Nullable String url,
                @Nullable String state,
                boolean member,
                @Nullable String incidentId,
                long attestedIndex,
                @Nullable String stateDigest) {
            this.id = id;
            this.zone = zone == null ? "" : zone;
            this.url = url == null ? "" : url;
            this.state = state == null ? "" : state;
            this.member = member;
            this.incidentId = incidentId == null ? "" : incidentId;
            this.attestedIndex = attestedIndex;
            this.stateDigest = stateDigest == null ? "" : stateDigest;
        }

        public boolean active() {
            return state.equals("active");
        }
    }
}
