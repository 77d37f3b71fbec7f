package io.homeostat.ledger.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control listener, for the sidecar alone: probe, fence, snapshot, stop, and the fault hooks when they are on. Answers
 * in any state of the gate, because it is needed most when nothing else answers.
 *
 * <p>Thread-safe; every route is quick or asynchronous.
 */
public final class ControlApi {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    /** Every route; what is not here is not served. */
    public static final List<String> ROUTES = List.of(
            "GET /control/status",
            "POST /control/fence",
            "POST /control/unfence",
            "POST /control/snapshot",
            "POST /control/faults/drift",
            "POST /control/faults/clock",
            "POST /control/stop");

    private static final int MAX_BODY_BYTES = 4096;
    private static final int MAX_REASON = 256;
    /** A day: what a clock that was set by hand is wrong by. */
    private static final long MOST_OFFSET_MILLIS = 86_400_000L;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private final Controlled node;
    private final Predicate<@Nullable String> authorized;

    /** What the sidecar may do with the node. */
    public interface Controlled {
        /** The fields of the probe, in order; what {@code GET /control/status} answers. */
        Probe probe();

        void fence(String reason);

        void unfence();

        CompletableFuture<Long> snapshot();

        /** False when the fault hooks are off or the account is unknown. */
        boolean drift(String account, long delta);

        /** False when the fault hooks are off. */
        boolean setClockWrong(Duration offset);

        boolean faultHooks();

        /** Stops the node soon, after the answer was sent. */
        void stop();
    }

    /** Same fields as the shared kernel's NodeProbe, which the ledger must not import. */
    public record Probe(
            String nodeId,
            long pid,
            String role,
            String leaderId,
            long term,
            long commitIndex,
            long appliedIndex,
            long digestIndex,
            String stateDigest,
            boolean raftLogAlive,
            boolean member,
            boolean ready,
            String gate,
            String gateReason,
            boolean faultHooks,
            long journalSize) {}

    /** @param authorized decides by the Authorization header */
    public ControlApi(Controlled node, Predicate<@Nullable String> authorized) {
        this.node = node;
        this.authorized = authorized;
    }

    /** Handles one request; to be called in its event loop. */
    public void handle(HttpServerRequest request) {
        if (!authorized.test(request.getHeader("Authorization"))) {
            end(request, refusal(401, "unauthenticated", "the control API needs the node's control token", null));
            return;
        }
        Buffer body = Buffer.buffer();
        boolean[] over = {false};
        request.handler(chunk -> {
            if (body.length() + chunk.length() <= MAX_BODY_BYTES) {
                body.appendBuffer(chunk);
            } else {
                over[0] = true;
            }
        });
        request.endHandler(done -> {
            if (over[0]) {
                end(request, refusal(413, "too_large", "a body has at most " + MAX_BODY_BYTES + " bytes", "body"));
            } else {
                route(request, body.getBytes());
            }
        });
    }

    private record Reply(int status, byte[] body) {}

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Reply reply;

        Refused(Reply reply) {
            super(null, null, false, false);
            this.reply = reply;
        }
    }

    private void route(HttpServerRequest request, byte[] body) {
        String route = request.method() + " " + request.path();
        try {
            if (!ROUTES.contains(route)) {
                String detail = "there is no control route '" + known(request) + "'";
                throw new Refused(refusal(404, "route_not_found", detail, null));
            }
            switch (route) {
                case "GET /control/status" -> end(request, json(200, node.probe()));
                case "POST /control/fence" -> {
                    node.fence(text(object(body, Set.of("reason")), "reason"));
                    end(request, json(200, node.probe()));
                }
                case "POST /control/unfence" -> {
                    node.unfence();
                    end(request, json(200, node.probe()));
                }
                case "POST /control/snapshot" -> snapshot(request);
                case "POST /control/faults/drift" -> end(request, drift(body));
                case "POST /control/faults/clock" -> end(request, clock(body));
                case "POST /control/stop" -> {
                    end(request, json(202, MAPPER.createObjectNode().put("stopping", true)));
                    node.stop();
                }
                default -> throw new IllegalStateException("a route of the list is served but " + route + " is not");
            }
        } catch (Refused refused) {
            end(request, refused.reply);
        }
    }

    private void snapshot(HttpServerRequest request) {
        Context loop = Vertx.currentContext();
        node.snapshot().whenComplete((index, failure) -> {
            Reply reply = failure == null
                    ? json(200, MAPPER.createObjectNode().put("index", index))
                    : refusal(503, "snapshot_failed", String.valueOf(failure.getMessage()), null);
            loop.runOnContext(now -> end(request, reply));
        });
    }

    private Reply drift(byte[] body) {
        if (!node.faultHooks()) {
            return refusal(404, "route_not_found", "fault hooks are off on this node", null);
        }
        ObjectNode wish = object(body, Set.of("account", "delta"));
        String account = text(wish, "account");
        JsonNode delta = wish.path("delta");
        if (!delta.isIntegralNumber() || !delta.canConvertToLong() || delta.longValue() == 0) {
            return refusal(400, "invalid_field", "'delta' must be a whole number of 64 bits and not 0", "delta");
        }
        if (!node.drift(account, delta.longValue())) {
            return refusal(404, "account_not_found", "there is no such account", "account");
        }
        LOG.atWarn().log("fault.drift: a balance of this node was changed by a fault hook");
        return json(200, MAPPER.createObjectNode().put("drifted", true));
    }

    private Reply clock(byte[] body) {
        if (!node.faultHooks()) {
            return refusal(404, "route_not_found", "fault hooks are off on this node", null);
        }
        JsonNode offset = object(body, Set.of("offsetMillis")).path("offsetMillis");
        if (!offset.isIntegralNumber()
                || !offset.canConvertToLong()
                || Math.abs(offset.longValue()) > MOST_OFFSET_MILLIS) {
            return refusal(
                    400,
                    "invalid_field",
                    "'offsetMillis' must be a whole number between -" + MOST_OFFSET_MILLIS + " and "
                            + MOST_OFFSET_MILLIS,
                    "offsetMillis");
        }
        node.setClockWrong(Duration.ofMillis(offset.longValue()));
        LOG.atWarn().addKeyValue("offsetMillis", offset.longValue()).log("fault.clock: a fault hook set the clock");
        return json(200, MAPPER.createObjectNode().put("offsetMillis", offset.longValue()));
    }

    private static ObjectNode object(byte[] body, Set<String> fields) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new Refused(refusal(400, "malformed", "the body is not JSON: " + e.getOriginalMessage(), null));
        } catch (IOException e) {
            throw new Refused(refusal(400, "malformed", "the body can not be read", null));
        }
        if (!(tree instanceof ObjectNode object)) {
            throw new Refused(refusal(400, "malformed", "the body must be a JSON object", null));
        }
        object.fieldNames().forEachRemaining(name -> {
            if (!fields.contains(name)) {
                throw new Refused(refusal(400, "invalid_field", "the field '" + name + "' is not known here", name));
            }
        });
        return object;
    }

    private static String text(ObjectNode object, String field) {
        JsonNode value = object.path(field);
        if (!value.isTextual()
                || value.textValue().isBlank()
                || value.textValue().length() > MAX_REASON) {
            throw new Refused(refusal(
                    400,
                    "invalid_field",
                    "'" + field + "' must be a text of 1 to " + MAX_REASON + " characters",
                    field));
        }
        return value.textValue();
    }

    private static Reply json(int status, Object value) {
        try {
            return new Reply(status, MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("answers of the control API always encode", e);
        }
    }

    private static Reply refusal(int status, String slug, String detail, @Nullable String field) {
        ObjectNode problem = MAPPER.createObjectNode()
                .put("type", "https://homeostat.io/problems/" + slug)
                .put("title", slug.replace('_', ' '))
                .put("status", status)
                .put("detail", detail);
        if (field != null) {
            problem.put("field", field);
        }
        return json(status, problem);
    }

    private static String known(HttpServerRequest request) {
        return HttpMethod.GET.equals(request.method()) ? "GET" : "this one";
    }

    private static void end(HttpServerRequest request, Reply reply) {
        if (!request.response().closed()) {
            request.response()
                    .setStatusCode(reply.status())
                    .putHeader("Content-Type", reply.status() >= 400 ? "application/problem+json" : "application/json")
                    .end(Buffer.buffer(reply.body()));
        }
    }
}
