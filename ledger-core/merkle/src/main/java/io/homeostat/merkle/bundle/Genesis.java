package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Digests;
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
public record Genesis(String ledgerName, List<Node> nodes, List<Key> keys, List<Tier> tiers) {
    public Genesis {
        nodes = List.copyOf(nodes);
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
        requireDistinct(nodes.stream().map(Node::id).toList(), "node id");
        requireDistinct(keys.stream().map(Key::keyId).toList(), "key id");
        requireDistinct(tiers.stream().map(Tier::name).toList(), "tier name");
        requireDistinct(
                tiers.stream()
                        .filter(t -> t.kind() == CaseKind.TRANSFER)
                        .map(t -> t.asset() + " from " + t.fromAmount())
                        .toList(),
                "transfer tier");
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

    /** An approver's key; several keys may belong to one person. */
    public record Key(String keyId, String person, List<String> roles, byte[] publicKey) {
        public Key {
            roles = List.copyOf(roles);
            publicKey = publicKey.clone();
        }

        @Override
        public byte[] publicKey() {
            return publicKey.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key k
                    && keyId.equals(k.keyId)
                    && person.equals(k.person)
                    && roles.equals(k.roles)
                    && Arrays.equals(publicKey, k.publicKey);
        }

        @Override
        public int hashCode() {
            return Objects.hash(keyId, person, roles, Arrays.hashCode(publicKey));
        }

        @Override
        public String toString() {
            return "Key[" + keyId + ", person " + person + ", roles " + roles + ", key " + Digests.hex(publicKey) + "]";
        }
    }

    /**
     * What needs approval, and whose.
     *
     * @param asset empty for recovery tiers
     * @param fromAmount minor units; a transfer of this amount or more falls in the tier
     * @param expirySeconds life of a case
     */
    public record Tier(
            String name, CaseKind kind, String asset, long fromAmount, long expirySeconds, List<Demand> demands) {
        public Tier {
            demands = List.copyOf(demands);
        }
    }

    /** The tier of {@code asset} with the highest {@code fromAmount <= amount}; empty when the transfer is not gated. */
    public Optional<Tier> tierOf(String asset, long amount) {
        Tier best = null;
        for (Tier tier : tiers) {
            if (tier.kind() == CaseKind.TRANSFER
                    && tier.asset().equals(asset)
                    && tier.fromAmount() <= amount
                    && (best == null || tier.fromAmount() > best.fromAmount())) {
                best = tier;
            }
        }
        return Optional.ofNullable(best);
    }

    public List<Tier> recoveryTiers() {
        return tiers.stream().filter(t -> t.kind() == CaseKind.RECOVERY).toList();
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
