package io.homeostat.agent.control;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** RFC 9457 problem details, as {@code docs/interfaces.md} writes them. */
record Problem(
        int status,
        String slug,
        String title,
        String detail,
        @Nullable String field) {
    static Problem of(int status, String slug, String title, String detail) {
        return new Problem(status, slug, title, detail, null);
    }

    static Problem invalid(String field, String detail) {
        return new Problem(400, "invalid", "Invalid request", field + ": " + detail, field);
    }

    JsonObject json() {
        JsonObject json = new JsonObject()
                .put("type", "https://homeostat.io/problems/" + slug)
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
        return field == null ? json : json.put("field", field);
    }
}
