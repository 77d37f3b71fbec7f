package io.homeostat.healer.act;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answer of {@code GET /v1/nodes}; {@code index} is the journal index of the state it was read from. */
public record LedgerNodes(@Nullable String leader, List<Node> nodes, long index) {
    public LedgerNodes {
        nodes = List.copyOf(nodes);
    }

    public Optional<Node> node(String id) {
        return nodes.stream().filter(n -> n.id().equals(id)).findFirst();
    }

    /**
     * @param state {@code active} or {@code isolated}
     * @param incidentId of the isolation, absent when active
     */
    public record Node(
            String id,
            @Nullable String state,
            boolean member,
            @Nullable String incidentId) {
        public boolean isolated() {
            return "isolated".equals(state);
        }
    }
}
