package io.homeostat.detector.control;

import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * A message of {@link io.homeostat.events.Topics#DETECTOR_CONTROL}, flat for Flink: {@code {"kind":..,"content":{..}}}.
 *
 * @param id of the rule or act
 * @param kind {@link #RULE} or {@link #MODEL}
 * @param atMillis when the broker took it
 * @param json canonical JSON of the {@link FeedbackRule} or {@link ModelAct}
 */
public record ControlMessage(String id, String kind, long atMillis, byte[] json) {
    public static final String RULE = "rule";
    public static final String MODEL = "model";
    /** A rule has below 5 kB; more is none of ours. */
    private static final int MAX_BYTES = 64 * 1024;

    public static byte[] encode(FeedbackRule rule) {
        return envelope(RULE, rule);
    }

    public static byte[] encode(ModelAct act) {
        return envelope(MODEL, act);
    }

    /** @throws IllegalArgumentException when it is no message, or its id is not the one of its content */
    public static ControlMessage decode(byte[] bytes, long atMillis) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a control message must have at most " + MAX_BYTES + " bytes but has " + bytes.length);
        }
        Map<String, Object> envelope = EventCodec.readMap(bytes);
        byte[] json = EventCodec.canonicalJson(envelope.getOrDefault("content", Map.of()));
        String kind = String.valueOf(envelope.get("kind"));
        return switch (kind) {
            case RULE -> {
                FeedbackRule rule = EventCodec.read(json, FeedbackRule.class);
                if (!rule.genuine()) {
                    throw new IllegalArgumentException("rule " + rule.id() + " is not what its id says");
                }
                if (rule.tooLong()) {
                    throw new IllegalArgumentException("maintenance must last at most "
                            + FeedbackRule.MAX_MAINTENANCE_MILLIS / 86_400_000L + " days");
                }
                yield new ControlMessage(rule.id(), kind, atMillis, json);
            }
            case MODEL -> {
                ModelAct act = EventCodec.read(json, ModelAct.class);
                yield new ControlMessage(act.id(), kind, atMillis, json);
            }
            default ->
                throw new IllegalArgumentException(
                        "kind of a control message must be rule or model but is '" + kind + "'");
        };
    }

    /** The rule of a message of kind {@link #RULE}. */
    public FeedbackRule rule() {
        return rule(json);
    }

    public static FeedbackRule rule(byte[] json) {
        return EventCodec.read(json, FeedbackRule.class);
    }

    /** The act of a message of kind {@link #MODEL}. */
    public ModelAct act() {
        return act(json);
    }

    public static ModelAct act(byte[] json) {
        return EventCodec.read(json, ModelAct.class);
    }

    @Override
    public String toString() {
        return kind + " " + id + " " + new String(json, StandardCharsets.UTF_8);
    }

    private static byte[] envelope(String kind, Object content) {
        Map<String, Object> envelope = new TreeMap<>();
        envelope.put("kind", kind);
        envelope.put("content", content);
        return EventCodec.canonicalJson(envelope);
    }
}
