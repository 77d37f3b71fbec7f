package io.homeostat.ledger.http;

import io.homeostat.ledger.state.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Problem details of RFC 9457, thrown by whoever finds the problem and written by the API's one writer.
 *
 * <p>Carries no stack trace: it is an answer, not a fault.
 */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A stop is ordered for minutes; asking more often than this tells nothing new. */
    private static final int MAINTENANCE_RETRY_SECONDS = 5;

    private final String slug;
    private final String title;
    private final int status;
    private final @Nullable String field;
    private final @Nullable String limit;
    private final @Nullable String reason;
    private final int retryAfterSeconds;

    private Problem(
            String slug,
            String title,
            int status,
            String detail,
            @Nullable String field,
            @Nullable String limit,
            @Nullable String reason,
            int retryAfterSeconds) {
        super(detail, null, false, false);
        this.slug = slug;
        this.title = title;
        this.status = status;
        this.field = field;
        this.limit = limit;
        this.reason = reason;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** A field is missing, of the wrong type or out of its range. */
    public static Problem invalidField(String field, String limit, String detail) {
        return new Problem("invalid_field", "A field is not valid", 400, detail, field, limit, null, 0);
    }

    static Problem malformed(String detail) {
        return new Problem("malformed", "The body is not valid JSON", 400, detail, null, null, null, 0);
    }

    static Problem unauthenticated(String detail) {
        return new Problem(
                "unauthenticated", "A known bearer token is needed", 401, detail, "Authorization", null, null, 0);
    }

    static Problem forbidden(String detail) {
        return new Problem(
                "forbidden", "The token does not carry the role", 403, detail, null, null, "role_missing", 0);
    }

    static Problem notFound(String slug, String detail) {
        return new Problem(slug, "There is no such thing", 404, detail, null, null, slug, 0);
    }

    static Problem methodNotAllowed(String detail) {
        return new Problem("method_not_allowed", "The route has no such method", 405, detail, null, null, null, 0);
    }

    static Problem conflict(String reason, String detail) {
        return new Problem(reason, "The ledger is in another state", 409, detail, null, null, reason, 0);
    }

    static Problem tooLarge(String field, String limit, String detail) {
        return new Problem("too_large", "The request is too large", 413, detail, field, limit, null, 0);
    }

    static Problem unsupportedMediaType(String detail) {
        return new Problem(
                "unsupported_media_type", "The content type is not served", 415, detail, "Content-Type", null, null, 0);
    }

    static Problem tooManyRequests(String detail, String limit) {
        return new Problem("too_many_requests", "Slow down", 429, detail, null, limit, null, 1);
    }

    static Problem overloaded(String detail, String limit) {
        return new Problem("overloaded", "The node is at its limit", 503, detail, null, limit, null, 1);
    }

    static Problem gateClosed(String detail) {
        return new Problem(
                "gate_closed", "This node does not answer clients", 503, detail, null, null, "gate_closed", 1);
    }

    static Problem unavailable(String detail) {
        return new Problem("unavailable", "No leader or no quorum", 503, detail, null, null, "unavailable", 1);
    }

    /** The disk of the leader is all but full; reads go on. */
    static Problem storageFull(String detail) {
        return new Problem(
                "storage_full", "The disk of the leader is full", 503, detail, null, null, "storage_full", 5);
    }

    /** The leader's clock is too far from the majority's; reads go on. */
    static Problem clockSkew(String detail) {
        return new Problem("clock_skew", "The clocks of the nodes disagree", 503, detail, null, null, "clock_skew", 5);
    }

    static Problem unknownOutcome(String detail) {
        return new Problem("unknown", "The outcome is not known", 504, detail, null, null, "unknown", 0);
    }

    static Problem internal(String detail) {
        return new Problem("internal", "The node failed", 500, detail, null, null, null, 0);
    }

    static Problem maintenance(String detail) {
        return new Problem(
                "maintenance", "Writes are stopped", 503, detail, null, null, "maintenance", MAINTENANCE_RETRY_SECONDS);
    }

    /** What the ledger said no to, under the status that fits the reason. */
    static Problem rejected(int status, Reason reason, String detail) {
        return new Problem(
                reason.wireName(), "The ledger refused the command", status, detail, null, null, reason.wireName(), 0);
    }

    public int status() {
        return status;
    }

    public String slug() {
        return slug;
    }

    public @Nullable String field() {
        return field;
    }

    public @Nullable String reason() {
        return reason;
    }

    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    String detail() {
        String message = getMessage();
        return message == null ? title : message;
    }

    Answer answer() {
        byte[] body = Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("type", "https://homeostat.io/problems/" + slug);
            json.writeStringField("title", title);
            json.writeNumberField("status", status);
            json.writeStringField("detail", detail());
            if (field != null) {
                json.writeStringField("field", field);
            }
            if (limit != null) {
                json.writeStringField("limit", limit);
            }
            if (reason != null) {
                json.writeStringField("reason", reason);
            }
            json.writeEndObject();
        });
        Answer answer = new Answer(status, "application/problem+json", body);
        if (retryAfterSeconds > 0) {
            answer = answer.with("Retry-After", Integer.toString(retryAfterSeconds));
        }
        return status == 401 ? answer.with("WWW-Authenticate", "Bearer") : answer;
    }
}
