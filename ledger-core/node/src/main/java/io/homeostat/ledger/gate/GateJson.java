package io.homeostat.ledger.gate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.VerificationKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Keys and tiers as JSON, read strictly. Every wrong field is an IllegalArgumentException that names it. Thread-safe. */
public final class GateJson {
    private static final List<String> CLASSES = List.of("any", "customer", "settlement", "external", "fee", "suspense");
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private GateJson() {}

    public static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    public static List<Genesis.Key> keys(JsonNode object) {
        List<Genesis.Key> keys = new ArrayList<>();
        for (JsonNode key : array(object, "keys")) {
            keys.add(key(key));
        }
        return keys;
    }

    public static List<Genesis.Tier> tiers(JsonNode object) {
        List<Genesis.Tier> tiers = new ArrayList<>();
        for (JsonNode tier : array(object, "tiers")) {
            tiers.add(tier(tier));
        }
        return tiers;
    }

    public static Genesis.Key key(JsonNode key) {
        fields(key, "keys", Set.of("keyId", "person", "roles", "algorithm", "publicKey", "rpId", "origin"));
        return new Genesis.Key(text(key, "keyId"), text(key, "person"), texts(key, "roles"), verificationKey(key));
    }

    /** The members algorithm, publicKey and, for WebAuthn, rpId and origin of an object. */
    public static VerificationKey verificationKey(JsonNode key) {
        VerificationKey.Algorithm algorithm = VerificationKey.Algorithm.named(text(key, "algorithm"));
        return new VerificationKey(
                algorithm,
                base64(key, "publicKey"),
                key.has("rpId") ? text(key, "rpId") : "",
                key.has("origin") ? text(key, "origin") : "");
    }

    public static Genesis.Tier tier(JsonNode tier) {
        fields(
                tier,
                "tiers",
                Set.of(
                        "name",
                        "kind",
                        "asset",
                        "accountClass",
                        "fromAmount",
                        "expirySeconds",
                        "screenMillis",
                        "demands",
                        "escalateAfterSeconds",
                        "escalationRoles"));
        List<Demand> demands = new ArrayList<>();
        for (JsonNode demand : array(tier, "demands")) {
            fields(demand, "demands", Set.of("role", "count"));
            demands.add(new Demand(text(demand, "role"), (int) Math.min(integer(demand, "count"), Integer.MAX_VALUE)));
        }
        return new Genesis.Tier(
                text(tier, "name"),
                kind(text(tier, "kind")),
                text(tier, "asset"),
                tier.has("accountClass") ? accountClass(text(tier, "accountClass")) : 0,
                integer(tier, "fromAmount"),
                integer(tier, "expirySeconds"),
                tier.has("screenMillis") ? integer(tier, "screenMillis") : 0,
                demands,
                tier.has("escalateAfterSeconds") ? integer(tier, "escalateAfterSeconds") : 0,
                tier.has("escalationRoles") ? texts(tier, "escalationRoles") : List.of());
    }

    public static void write(ObjectNode out, Genesis.Key key) {
        out.put("keyId", key.keyId()).put("person", key.person());
        key.roles().forEach(out.putArray("roles")::add);
        out.put("algorithm", key.key().algorithm().wireName());
        out.put("publicKey", Base64.getEncoder().encodeToString(key.publicKey()));
        if (!key.key().rpId().isEmpty()) {
            out.put("rpId", key.key().rpId()).put("origin", key.key().origin());
        }
    }

    public static void write(ObjectNode out, Genesis.Tier tier) {
        out.put("name", tier.name())
                .put("kind", tier.kind().name().toLowerCase(Locale.ROOT))
                .put("asset", tier.asset())
                .put("accountClass", CLASSES.get(tier.accountClass()))
                .put("fromAmount", tier.fromAmount())
                .put("expirySeconds", tier.expirySeconds())
                .put("screenMillis", tier.screenMillis());
        ArrayNode demands = out.putArray("demands");
        for (Demand demand : tier.demands()) {
            demands.addObject().put("role", demand.role()).put("count", demand.count());
        }
        out.put("escalateAfterSeconds", tier.escalateAfterSeconds());
        tier.escalationRoles().forEach(out.putArray("escalationRoles")::add);
    }

    public static void fields(JsonNode object, String what, Set<String> names) {
        if (!object.isObject()) {
            throw new IllegalArgumentException(what + " must be a JSON object");
        }
        for (Iterator<String> found = object.fieldNames(); found.hasNext(); ) {
            String name = found.next();
            if (!names.contains(name)) {
                throw new IllegalArgumentException(what + " has the unknown field '" + name + "'; known are "
                        + names.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
    }

    public static JsonNode array(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isArray()) {
            throw new IllegalArgumentException("field '" + name + "' must be an array");
        }
        return value;
    }

    public static List<String> texts(JsonNode object, String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : array(object, name)) {
            if (!text.isTextual()) {
                throw new IllegalArgumentException("field '" + name + "' must hold strings");
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    public static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("field '" + name + "' must be a string");
        }
        return value.textValue();
    }

    public static long integer(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("field '" + name + "' must be a whole number of 64 bits");
        }
        return value.longValue();
    }

    public static byte[] base64(JsonNode object, String name) {
        try {
            return Base64.getDecoder().decode(text(object, name));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("field '" + name + "' must be base64: " + e.getMessage(), e);
        }
    }

    private static int accountClass(String name) {
        int number = CLASSES.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException(
                    "accountClass of a tier must be one of " + String.join(", ", CLASSES) + " but is \"" + name + "\"");
        }
        return number;
    }

    private static Genesis.Kind kind(String name) {
        return Arrays.stream(Genesis.Kind.values())
                .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind of a tier must be \"transfer\", \"recovery\","
                        + " \"policy\", \"keys\" or \"screening\" but is \"" + name + "\""));
    }
}
