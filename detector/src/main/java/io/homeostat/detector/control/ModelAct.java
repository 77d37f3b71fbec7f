package io.homeostat.detector.control;

import io.homeostat.detector.model.ModelEntry;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * A person makes a model champion, challenger or retired.
 *
 * @param id {@code act-} and the digest of the other fields
 * @param at when it was given
 */
public record ModelAct(String id, String modelId, ModelEntry.State state, String author, String reason, Instant at) {
    public ModelAct {
        if (author.isBlank()) {
            throw new IllegalArgumentException("author must not be empty: a promotion is somebody's");
        }
        if (state == ModelEntry.State.CANDIDATE) {
            throw new IllegalArgumentException("a model becomes CHALLENGER, CHAMPION or RETIRED but not CANDIDATE");
        }
    }

    /** What stands in the registry when it was done: by its id an act is done once. */
    public String reasonWithId() {
        return reason + " (" + id + ")";
    }

    public static ModelAct of(String modelId, ModelEntry.State state, String author, String reason, Instant at) {
        Map<String, Object> content = new TreeMap<>();
        content.put("modelId", modelId);
        content.put("state", state);
        content.put("author", author);
        content.put("reason", reason);
        content.put("at", at);
        String id = "act-" + EventCodec.digest(content).substring(0, 16);
        return new ModelAct(id, modelId, state, author, reason, at);
    }
}
