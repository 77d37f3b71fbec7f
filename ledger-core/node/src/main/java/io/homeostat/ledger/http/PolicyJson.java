package io.homeostat.ledger.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateBook;
import io.homeostat.ledger.gate.GateJson;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.gate.KeyRegister;
import io.homeostat.ledger.state.PolicyView;
import io.homeostat.merkle.Digests;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/** Policy and keys in force as JSON, and proposals to change them. Stateless. */
final class PolicyJson {
    private PolicyJson() {}

    /** @param body canonical */
    record Proposal(String caseId, long baseVersion, byte[] body) {}

    /**
     * The members of {@code genesis.json} as they are now, and in addition version, index, caseId, digest, history and
     * retiredKeys.
     */
    static String of(PolicyView view) {
        Genesis genesis = view.genesis();
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
        ArrayNode retired = JsonNodeFactory.instance.arrayNode();
        for (KeyRegister.Entry entry : view.keys()) {
            boolean active = entry.status() == KeyRegister.Status.ACTIVE;
            ObjectNode key = active ? keys.addObject() : retired.addObject();
            GateJson.write(key, entry.key());
            if (!active) {
                key.put("status", entry.status().name().toLowerCase(Locale.ROOT))
                        .put("index", entry.sinceSequence());
            }
        }
        ArrayNode tiers = root.putArray("tiers");
        view.policy().tiers().forEach(tier -> GateJson.write(tiers.addObject(), tier));
        root.put("version", view.policy().version());
        ArrayNode history = JsonNodeFactory.instance.arrayNode();
        for (GateBook.Version version : view.history()) {
            ObjectNode line = history.addObject()
                    .put("version", version.version())
                    .put("index", version.sequence())
                    .put("timeMicros", version.timeMicros())
                    .put("digest", Digests.hex(version.digest()));
            if (!version.caseId().isEmpty()) {
                line.put("caseId", version.caseId());
            }
            root.put("index", version.sequence());
        }
        root.set("history", history);
        root.set("retiredKeys", retired);
        return root.toPrettyString();
    }

    /** {@code {"caseId", "baseVersion", "tiers": [..]}}: the complete new policy. */
    static Proposal policyChange(String json) {
        JsonNode root = GateJson.parse(json);
        GateJson.fields(root, "policy change", Set.of("caseId", "baseVersion", "tiers"));
        var tiers = GateJson.tiers(root);
        ApprovalPolicy.requireSound(tiers);
        long base = GateJson.integer(root, "baseVersion");
        if (base < 1) {
            throw new IllegalArgumentException("field 'baseVersion' must be 1 or more but is " + base);
        }
        return new Proposal(caseId(root, "policy:"), base, ApprovalPolicy.body(tiers));
    }

    /** {@code {"caseId", "change": "register|rotate|revoke|roles", ..}} with the members that the change needs. */
    static Proposal keyChange(String json) {
        JsonNode root = GateJson.parse(json);
        GateJson.fields(
                root,
                "key change",
                Set.of(
                        "caseId",
                        "change",
                        "key",
                        "keyId",
                        "newKeyId",
                        "algorithm",
                        "publicKey",
                        "rpId",
                        "origin",
                        "person",
                        "roles"));
        String kind = GateJson.text(root, "change");
        KeyChange change = switch (kind) {
            case "register" -> {
                only(root, "key");
                yield new KeyChange.Register(GateJson.key(root.path("key")));
            }
            case "rotate" -> {
                only(root, "keyId", "newKeyId", "algorithm", "publicKey", "rpId", "origin");
                yield new KeyChange.Rotate(
                        GateJson.text(root, "keyId"), GateJson.text(root, "newKeyId"), GateJson.verificationKey(root));
            }
            case "revoke" -> {
                only(root, "keyId");
                yield new KeyChange.Revoke(GateJson.text(root, "keyId"));
            }
            case "roles" -> {
                only(root, "person", "roles");
                yield new KeyChange.Roles(GateJson.text(root, "person"), GateJson.texts(root, "roles"));
            }
            default ->
                throw new IllegalArgumentException(
                        "field 'change' must be register, rotate, revoke or roles but is '" + kind + "'");
        };
        return new Proposal(caseId(root, "keys:"), 0, change.body());
    }

    private static void only(JsonNode root, String... members) {
        Set<String> known = new java.util.TreeSet<>(Set.of(members));
        known.add("caseId");
        known.add("change");
        GateJson.fields(root, "this key change", known);
    }

    private static String caseId(JsonNode root, String prefix) {
        String caseId = GateJson.text(root, "caseId");
        if (!caseId.startsWith(prefix)) {
            throw new IllegalArgumentException("field 'caseId' must begin with '" + prefix + "'");
        }
        return caseId;
    }
}
