package io.homeostat.agent.authority;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.bundle.Genesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/**
 * {@code genesis.json} of the ledger that this sidecar belongs to: what is followed must begin with it. Without the file the
 * first genesis that the node shows is taken and kept.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record PinnedGenesis(String ledger, List<Node> nodes, List<Key> keys, List<Tier> tiers) {
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Node(String id, String checkpointKey) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Key(String keyId, String person, List<String> roles, String publicKey) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Tier(String name, String kind, long fromAmount, long expirySeconds, List<Demand> demands) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Demand(String role, int count) {}

    static PinnedGenesis read(Path file) {
        try {
            return EventCodec.read(Files.readAllBytes(file), PinnedGenesis.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the genesis " + file + " can not be read", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the genesis " + file + " is damaged: lay the cluster's genesis.json there", e);
        }
    }

    /** @throws IllegalArgumentException when the ledger began otherwise */
    void requireIs(Genesis shown) {
        boolean same = ledger.equals(shown.ledgerName())
                && nodes.equals(shown.nodes().stream()
                        .map(n -> new Node(n.id(), base64(n.checkpointKey())))
                        .toList())
                && keys.equals(shown.keys().stream()
                        .map(k -> new Key(
                                k.keyId(), k.person(), k.roles(), base64(k.key().publicKey())))
                        .toList())
                && tiers.equals(shown.policy().tiers().stream()
                        .map(t -> new Tier(
                                t.name(),
                                t.kind().name().toLowerCase(java.util.Locale.ROOT),
                                t.fromAmount(),
                                t.expirySeconds(),
                                t.demands().stream()
                                        .map(d -> new Demand(d.role(), d.count()))
                                        .toList()))
                        .toList());
        if (!same) {
            throw new IllegalArgumentException(
                    "the node's journal begins with another genesis than this sidecar's genesis.json");
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
