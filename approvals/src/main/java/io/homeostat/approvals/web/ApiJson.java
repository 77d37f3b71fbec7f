package io.homeostat.approvals.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homeostat.approvals.desk.SignedDecision;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incident;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailEntry;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The JSON of the routes under {@code /api}. Stateless and thread-safe. */
final class ApiJson {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ApiJson() {}

    static byte[] inbox(Inbox.View view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("open", view.open().stream().map(ApiJson::caseItem).toList());
        json.put("decided", view.decided().stream().map(ApiJson::caseItem).toList());
        json.put(
                "incidents",
                view.incidents().stream().map(ApiJson::incidentItem).toList());
        json.put("readAt", view.readAt());
        json.put("fault", view.fault());
        return write(json);
    }

    static byte[] oneCase(Inbox.Item item, List<IncidentEvent> story) {
        Map<String, Object> json = caseItem(item);
        json.put("events", story.stream().map(ApiJson::event).toList());
        return write(json);
    }

    static byte[] incidents(List<Incident> incidents) {
        return write(Map.of(
                "incidents", incidents.stream().map(ApiJson::incidentItem).toList()));
    }

    static byte[] incident(Incident incident) {
        Map<String, Object> json = incidentItem(incident);
        json.put("plan", incident.plan());
        json.put("planDigest", incident.planDigest());
        json.put("actions", incident.actions());
        json.put("phases", incident.phases());
        json.put("explanation", incident.explanation());
        json.put("events", incident.timeline().stream().map(ApiJson::event).toList());
        return write(json);
    }

    static byte[] trail(ReasoningTrail trail, List<TrailEntry> page) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("size", trail.size());
        json.put("root", trail.head().rootHex());
        json.put(
                "leaves",
                page.stream()
                        .map(entry -> {
                            Map<String, Object> leaf = new LinkedHashMap<>();
                            leaf.put("sequence", entry.sequence());
                            leaf.put("eventId", entry.eventId());
                            leaf.put("at", entry.at());
                            leaf.put("kind", entry.kind());
                            leaf.put("storyId", entry.storyId());
                            leaf.put("node", entry.node());
                            leaf.put("digest", entry.leafDigest());
                            OptionalLong anchored = trail.anchoredAt(entry.sequence());
                            leaf.put("anchoredAt", anchored.isPresent() ? anchored.getAsLong() : null);
                            leaf.put("event", EventCodec.readMap(trail.leaf(entry.sequence())));
                            return leaf;
                        })
                        .toList());
        return write(json);
    }

    static SignedDecision decision(byte[] body) {
        try {
            SignedDecision decision = JSON.readValue(body, SignedDecision.class);
            if (decision.keyId() == null
                    || decision.decision() == null
                    || decision.reason() == null
                    || decision.payloadDigest() == null
                    || decision.signature() == null) {
                throw Problem.badField(
                        "body",
                        "keyId, decision, reason, payloadDigest, expiresAtMicros and signature must all be present");
            }
            return decision;
        } catch (IOException e) {
            throw Problem.badField(
                    "body",
                    "expected a JSON object with keyId, decision, reason, payloadDigest, expiresAtMicros, signature");
        }
    }

    static PasskeyMessage passkey(byte[] body) {
        try {
            PasskeyMessage message = JSON.readValue(body, PasskeyMessage.class);
            if (message == null || message.clientDataJson() == null || message.authenticatorData() == null) {
                throw Problem.badField("body", "clientDataJSON and authenticatorData must both be present");
            }
            return message;
        } catch (IOException e) {
            throw Problem.badField(
                    "body", "expected a JSON object with clientDataJSON and authenticatorData in base64");
        }
    }

    static byte[] write(Object json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("answers always encode", e);
        }
    }

    static Map<String, Object> caseItem(Inbox.Item item) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("case", item.held());
        json.put("tier", item.tier());
        json.put("storyId", item.storyId());
        json.put("node", item.node());
        json.put("decidedAt", item.decidedAt());
        return json;
    }

    private static Map<String, Object> incidentItem(Incident incident) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("incidentId", incident.incidentId());
        json.put("node", incident.node());
        json.put("cause", incident.cause());
        json.put("severity", incident.severity());
        json.put("state", incident.state());
        json.put("breaker", incident.breaker());
        json.put("openedAt", incident.openedAt());
        json.put("closedAt", incident.closedAt());
        json.put("outcome", incident.outcome());
        json.put("caseId", incident.caseId());
        json.put("recoverMillis", incident.phases().recover());
        return json;
    }

    private static Map<String, Object> event(IncidentEvent event) {
        Map<String, Object> json = EventCodec.readMap(EventCodec.canonicalJson(event));
        json.put("kind", event.kind());
        return json;
    }
}
