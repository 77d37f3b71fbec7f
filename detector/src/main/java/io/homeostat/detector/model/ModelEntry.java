package io.homeostat.detector.model;

import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One act in the life of a model, one line of the registry.
 *
 * @param index from 0
 * @param previous {@code hash} of the entry before, 64 zeros for the first
 * @param at event time of the act
 * @param state what the model is from then on
 * @param digest hex SHA-256 of the model's protobuf
 * @param author who did it: a person, or {@code detector} for what the job does by itself
 * @param reason why
 * @param card what is known of the model, told when it is registered and empty later: training, configuration, code
 *     version, validation, provenance
 * @param hash hex SHA-256 of the canonical JSON of all fields before
 */
public record ModelEntry(
        long index,
        String previous,
        Instant at,
        State state,
        String modelId,
        String digest,
        String author,
        String reason,
        Map<String, Object> card,
        String hash) {
    /** {@code previous} of the first entry. */
    static final String GENESIS = "0".repeat(64);

    /** What a model may do. */
    public enum State {
        /** Registered; scores nothing. */
        CANDIDATE,
        /** Scores beside the champion; decides nothing. */
        CHALLENGER,
        /** Decides. */
        CHAMPION,
        /** Scores no more; stays for replays. */
        RETIRED
    }

    static ModelEntry after(
            long index,
            String previous,
            Instant at,
            State state,
            String modelId,
            String digest,
            String author,
            String reason,
            Map<String, Object> card) {
        ModelEntry open = new ModelEntry(index, previous, at, state, modelId, digest, author, reason, card, "");
        return new ModelEntry(index, previous, at, state, modelId, digest, author, reason, card, open.hashOfContent());
    }

    String hashOfContent() {
        Map<String, Object> content = new TreeMap<>();
        content.put("index", index);
        content.put("previous", previous);
        content.put("at", at);
        content.put("state", state);
        content.put("modelId", modelId);
        content.put("digest", digest);
        content.put("author", author);
        content.put("reason", reason);
        content.put("card", card);
        return EventCodec.digest(content);
    }
}
