package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.VerificationKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Body of leaf 0: who the nodes are, whose keys approve, and what needs approval.
 *
 * @param ledgerName origin of the ledger's checkpoints
 */
public record Genesis(String ledgerName, List<Node> nodes, List<Key> keys, Policy policy) {
    public Genesis {
        nodes = List.copyOf(nodes);
        keys = List.copyOf(keys);
        requireDistinct(nodes.stream().map(Node::id).toList(), "node id");
        requireDistinct(keys.stream().map(Key::keyId).toList(), "key id");
    }

    /** True when the note is a head of this ledger and one of its nodes signed it. */
    public boolean signed(SignedNote head) {
        return Checkpoint.parse(head.text()).origin().equals(ledgerName)
                && nodes.stream()
                        .anyMatch(node ->
                                head.verifiedBy(CheckpointSigner.keyName(ledgerName, node.id()), node.checkpointKey()));
    }

    /** A replica and the raw Ed25519 key that signs its checkpoints. */
    public record Node(String id, String zone, byte[] checkpointKey) {
        public Node {
            checkpointKey = checkpointKey.clone();
        }

        @Override
        public byte[] checkpointKey() {
            return checkpointKey.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Node n
                    && id.equals(n.id)
                    && zone.equals(n.zone)
                    && Arrays.equals(checkpointKey, n.checkpointKey);
        }

        @Override
        public int hashCode() {
            return Objects.hash(id, zone, Arrays.hashCode(checkpointKey));
        }

        @Override
        public String toString() {
            return "Node[" + id + ", zone " + zone + ", key " + Digests.hex(checkpointKey) + "]";
        }
    }

    /** An approver's or a detector's key; several keys may belong to one person. */
    public record Key(String keyId, String person, List<String> roles, VerificationKey key) {
        public Key {
            roles = List.copyOf(roles);
        }
    }

    public Optional<Key> key(String keyId) {
        return keys.stream().filter(k -> k.keyId().equals(keyId)).findFirst();
    }

    public boolean hasNode(String id) {
        return nodes.stream().anyMatch(n -> n.id().equals(id));
    }

    private static void requireDistinct(List<String> values, String what) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            if (!seen.add(value)) {
                throw new IllegalArgumentException("genesis names the " + what + " '" + value + "' twice");
            }
        }
    }
}
