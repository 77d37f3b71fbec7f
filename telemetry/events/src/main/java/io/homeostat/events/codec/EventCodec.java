package io.homeostat.events.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homeostat.events.IncidentEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * JSON of the records in {@link io.homeostat.events}: CloudEvents 1.0 structured mode for {@link IncidentEvent}, and
 * canonical JSON (keys sorted, no white space, instants in ISO-8601) for digests.
 *
 * <p>Thread-safe. Malformed input is an {@link IllegalArgumentException} that names what was expected.
 */
public final class EventCodec {
    private static final String TYPE_PREFIX = "io.homeostat.";
    // The writer of doubles is Jackson's own: Double.toString changed in Java 19, and a digest must not depend on the
    // JDK.
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .addModule(new JavaTimeModule())
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Map<String, Class<? extends IncidentEvent>> KINDS = Stream.of(
                    IncidentEvent.class.getPermittedSubclasses())
            .map(c -> c.<IncidentEvent>asSubclass(IncidentEvent.class))
            .collect(Collectors.toUnmodifiableMap(Class::getSimpleName, Function.identity()));

    private EventCodec() {}

    /** One CloudEvents JSON object; {@code source} names the producer, for example {@code /healer}. */
    public static byte[] toCloudEvent(IncidentEvent event, String source) {
        ObjectNode envelope = MAPPER.createObjectNode();
        envelope.put("specversion", "1.0");
        envelope.put("id", event.eventId());
        envelope.put("source", source);
        envelope.put("type", TYPE_PREFIX + event.kind());
        envelope.put("subject", event.storyId());
        envelope.put("time", event.at().toString());
        envelope.put("datacontenttype", "application/json");
        envelope.set("data", MAPPER.valueToTree(event));
        return write(envelope);
    }

    public static IncidentEvent fromCloudEvent(byte[] json) {
        JsonNode envelope = tree(json);
        String type = envelope.path("type").asText("");
        Class<? extends IncidentEvent> kind =
                type.startsWith(TYPE_PREFIX) ? KINDS.get(type.substring(TYPE_PREFIX.length())) : null;
        if (kind == null) {
            throw new IllegalArgumentException("CloudEvents type must be one of io.homeostat."
                    + new TreeMap<>(KINDS).keySet() + " but is '" + type + "'");
        }
        JsonNode data = envelope.path("data");
        // What every event has, and what its consumers go by; a field that a producer added later may be absent.
        for (String field : List.of("eventId", "at", "node")) {
            if (!data.path(field).isTextual()) {
                throw new IllegalArgumentException(
                        "data of " + type + " must be an object with the text '" + field + "'");
            }
        }
        try {
            IncidentEvent event = MAPPER.treeToValue(data, kind);
            if (event.storyId() == null) {
                throw new IllegalArgumentException("data of " + type + " names no anomaly, incident or story");
            }
            return event;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("data of " + type + " is malformed: " + e.getOriginalMessage(), e);
        }
    }

    /** Canonical JSON of any record of the kernel: the bytes that digests and Merkle leaves are made of. */
    public static byte[] canonicalJson(Object value) {
        JsonNode tree = MAPPER.valueToTree(value);
        return write(tree);
    }

    public static <T> T read(byte[] json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (IOException e) {
            throw new IllegalArgumentException("expected JSON of " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** Any JSON object as sorted nested maps; for callers that forward fields which they do not know. */
    public static Map<String, Object> readMap(byte[] json) {
        try {
            return MAPPER.readValue(json, new TypeReference<TreeMap<String, Object>>() {});
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a JSON object: " + e.getMessage(), e);
        }
    }

    /** Lower-case hex SHA-256. */
    public static String sha256Hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@link #sha256Hex(byte[])} of {@link #canonicalJson(Object)}. */
    public static String digest(Object value) {
        return sha256Hex(canonicalJson(value));
    }

    /** {@link #sha256Hex(byte[])} of the text's UTF-8. */
    public static String digestOfText(String text) {
        return sha256Hex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode tree(byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a CloudEvents JSON object: " + e.getMessage(), e);
        }
    }

    private static byte[] write(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of the kernel always encode", e);
        }
    }
}
