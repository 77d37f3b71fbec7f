package io.homeostat.ledger.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * The genesis as JSON: the file {@code genesis.json} of a cluster and the answer of {@code GET /v1/policy}.
 *
 * <pre>
 * {"ledger": "demo",
 *  "nodes": [{"id": "n1", "zone": "a", "checkpointKey": base64 of 32 bytes}],
 *  "keys":  [{"keyId": "k1", "person": "ada", "roles": ["treasury"], "algorithm": "Ed25519", "publicKey": base64},
 *            {.., "algorithm": "WebAuthn", "publicKey": base64 of 65 bytes, "rpId": "bank.example", "origin": "https://bank.example"}],
 *  "tiers": [{"name": "high", "kind": "transfer", "asset": "EUR", "fromAmount": 1000000, "expirySeconds": 3600,
 *             "demands": [{"role": "treasury", "count": 1}], "accountClass": "customer", "escalateAfterSeconds": 1800,
 *             "escalationRoles": ["board"]},
 *            {"name": "watch", "kind": "screening", .., "screenMillis": 2000},
 *            {"name": "wipe", "kind": "recovery", "asset": "", "fromAmount": 0, "expirySeconds": 900, "demands": [..]},
 *            {"name": "rules", "kind": "policy", ..}, {"name": "keys", "kind": "keys", ..}]}
 * </pre>
 *
 * Reading is strict: every field is there, none is unknown, none stands twice. Left out may be {@code accountClass} (any),
 * {@code screenMillis}, {@code escalateAfterSeconds} (0) and {@code escalationRoles} (none). Thread-safe.
 */
public final class GenesisFile {
    /** A genesis of thousands of keys has less; a larger file is a mistake. */
    private static final long MAX_BYTES = 4L << 20;

    private GenesisFile() {}

    /** @throws IllegalArgumentException naming file and field when it is not a genesis */
    public static Genesis read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IllegalArgumentException(
                        file + " has " + size + " bytes, a genesis has at most " + MAX_BYTES);
            }
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the genesis " + file, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("genesis " + file + ": " + e.getMessage(), e);
        }
    }

    public static void write(Path file, Genesis genesis) {
        try {
            Files.writeString(file, toJson(genesis));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the genesis " + file, e);
        }
    }

    public static Genesis parse(String json) {
        JsonNode root = GateJson.parse(json);
        GateJson.fields(root, "genesis", Set.of("ledger", "nodes", "keys", "tiers"));
        List<Genesis.Node> nodes = new ArrayList<>();
        for (JsonNode node : GateJson.array(root, "nodes")) {
            GateJson.fields(node, "nodes", Set.of("id", "zone", "checkpointKey"));
            nodes.add(new Genesis.Node(
                    GateJson.text(node, "id"), GateJson.text(node, "zone"), GateJson.base64(node, "checkpointKey")));
        }
        return new Genesis(GateJson.text(root, "ledger"), nodes, GateJson.keys(root), GateJson.tiers(root));
    }

    public static String toJson(Genesis genesis) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("ledger", genesis.ledger());
        ArrayNode nodes = root.putArray("nodes");
        for (Genesis.Node node : genesis.nodes()) {
            nodes.addObject()
                    .put("id", node.id())
                    .put("zone", node.zone())
                    .put("checkpointKey", Base64.getEncoder().encodeToString(node.checkpointKey()));
        }
        ArrayNode keys = root.putArray("keys");
        genesis.keys().forEach(key -> GateJson.write(keys.addObject(), key));
        ArrayNode tiers = root.putArray("tiers");
        genesis.tiers().forEach(tier -> GateJson.write(tiers.addObject(), tier));
        return root.toPrettyString();
    }
}
