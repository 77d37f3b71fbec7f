package io.homeostat.ledger.gate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The genesis as JSON: the file {@code genesis.json} of a cluster and the answer of {@code GET /v1/policy}.
 *
 * <pre>
 * {"ledger": "demo",
 *  "nodes": [{"id": "n1", "zone": "a", "checkpointKey": base64 of 32 bytes}],
 *  "keys":  [{"keyId": "k1", "person": "ada", "roles": ["treasury"], "algorithm": "Ed25519", "publicKey": base64}],
 *  "tiers": [{"name": "high", "kind": "transfer", "asset": "EUR", "fromAmount": 1000000, "expirySeconds": 3600,
 *             "demands": [{"role": "treasury", "count": 1}]},
 *            {"name": "wipe", "kind": "recovery", "asset": "", "fromAmount": 0, "expirySeconds": 900, "demands": [..]}]}
 * </pre>
 *
 * Reading is strict: every field is there, none is unknown, none stands twice. Thread-safe.
 */
public final class GenesisFile {
    /** A genesis of thousands of keys has less; a larger file is a mistake. */
    private static final long MAX_BYTES = 4L << 20;

    private static final String ALGORITHM = "Ed25519";
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
        }
        fields(root, "genesis", Set.of("ledger", "nodes", "keys", "tiers"));
        List<Genesis.Node> nodes = new ArrayList<>();
        for (JsonNode node : array(root, "nodes")) {
            fields(node, "nodes", Set.of("id", "zone", "checkpointKey"));
            nodes.add(new Genesis.Node(text(node, "id"), text(node, "zone"), base64(node, "checkpointKey")));
        }
        List<Genesis.Key> keys = new ArrayList<>();
        for (JsonNode key : array(root, "keys")) {
            keys.add(key(key));
        }
        List<Genesis.Tier> tiers = new ArrayList<>();
        for (JsonNode tier : array(root, "tiers")) {
            tiers.add(tier(tier));
        }
        return new Genesis(text(root, "ledger"), nodes, keys, tiers);
    }

    public static String toJson(Genesis genesis) {
        ObjectNode root = JSON.createObjectNode();
        root.put("ledger", genesis.ledger());
        ArrayNode nodes = root.putArray("nodes");
        for (Genesis.Node node : genesis.nodes()) {
            nodes.addObject()
                    .put("id", node.id())
                    .put("zone", node.zone())
                    .put("checkpointKey", Base64.getEncoder().encodeToString(node.checkpointKey()));
        }
        ArrayNode keys = root.putArray("keys");
        for (Genesis.Key key : genesis.keys()) {
            ObjectNode out = keys.addObject().put("keyId", key.keyId()).put("person", key.person());
            key.roles().forEach(out.putArray("roles")::add);
            out.put("algorithm", ALGORITHM);
            out.put("publicKey", Base64.getEncoder().encodeToString(key.publicKey()));
        }
        ArrayNode tiers = root.putArray("tiers");
        for (Genesis.Tier tier : genesis.tiers()) {
            ObjectNode out = tiers.addObject()
                    .put("name", tier.name())
                    .put("kind", tier.kind().name().toLowerCase(Locale.ROOT))
                    .put("asset", tier.asset())
                    .put("fromAmount", tier.fromAmount())
                    .put("expirySeconds", tier.expirySeconds());
            ArrayNode demands = out.putArray("demands");
            for (Demand demand : tier.demands()) {
                demands.addObject().put("role", demand.role()).put("count", demand.count());
            }
        }
        return root.toPrettyString();
    }

    private static Genesis.Key key(JsonNode key) {
        fields(key, "keys", Set.of("keyId", "person", "roles", "algorithm", "publicKey"));
        String keyId = text(key, "keyId");
        if (!text(key, "algorithm").equals(ALGORITHM)) {
            throw new IllegalArgumentException("algorithm of key '" + keyId + "' must be \"" + ALGORITHM
                    + "\" but is \"" + text(key, "algorithm") + "\"");
        }
        List<String> roles = new ArrayList<>();
        for (JsonNode role : array(key, "roles")) {
            if (!role.isTextual()) {
                throw new IllegalArgumentException("roles of key '" + keyId + "' must be strings");
            }
            roles.add(role.textValue());
        }
        return new Genesis.Key(keyId, text(key, "person"), roles, base64(key, "publicKey"));
    }

    private static Genesis.Tier tier(JsonNode tier) {
        fields(tier, "tiers", Set.of("name", "kind", "asset", "fromAmount", "expirySeconds", "demands"));
        Genesis.Kind kind = switch (text(tier, "kind")) {
            case "transfer" -> Genesis.Kind.TRANSFER;
            case "recovery" -> Genesis.Kind.RECOVERY;
            default ->
                throw new IllegalArgumentException(
                        "kind of a tier must be \"transfer\" or \"recovery\" but is \"" + text(tier, "kind") + "\"");
        };
        List<Demand> demands = new ArrayList<>();
        for (JsonNode demand : array(tier, "demands")) {
            fields(demand, "demands", Set.of("role", "count"));
            demands.add(new Demand(text(demand, "role"), (int) Math.min(integer(demand, "count"), Integer.MAX_VALUE)));
        }
        return new Genesis.Tier(
                text(tier, "name"),
                kind,
                text(tier, "asset"),
                integer(tier, "fromAmount"),
                integer(tier, "expirySeconds"),
                demands);
    }

    private static void fields(JsonNode object, String what, Set<String> names) {
        if (!object.isObject()) {
            throw new IllegalArgumentException(what + " must be a JSON object");
        }
        for (Iterator<String> found = object.fieldNames(); found.hasNext(); ) {
            String name = found.next();
            if (!names.contains(name)) {
                throw new IllegalArgumentException(what + " has the unknown field '" + name + "'; known are " + names);
            }
        }
    }

    private static JsonNode array(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isArray()) {
            throw new IllegalArgumentException("field '" + name + "' must be an array");
        }
        return value;
    }

    private static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("field '" + name + "' must be a string");
        }
        return value.textValue();
    }

    private static long integer(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("field '" + name + "' must be a whole number of 64 bits");
        }
        return value.longValue();
    }

    private static byte[] base64(JsonNode object, String name) {
        try {
            return Base64.getDecoder().decode(text(object, name));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("field '" + name + "' must be base64: " + e.getMessage(), e);
        }
    }
}
