package io.homeostat.approvals.web;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal that a handler throws: problem details (RFC 9457) for programs, a page for people.
 *
 * <p>{@code slug} ends the type's address; {@code field} and {@code reason} may be empty.
 */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String TYPE = "https://homeostat.io/problems/";

    private final int status;
    private final String slug;
    private final String title;
    private final String detail;
    private final String field;
    private final long retryAfterSeconds;

    Problem(int status, String slug, String title, String detail) {
        this(status, slug, title, detail, "", 0);
    }

    Problem(int status, String slug, String title, String detail, String field, long retryAfterSeconds) {
        super(title + ": " + detail, null, false, false);
        this.status = status;
        this.slug = slug;
        this.title = title;
        this.detail = detail;
        this.field = field;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    static Problem notFound(String what) {
        return new Problem(404, "not-found", "Not found", what);
    }

    static Problem badField(String field, String detail) {
        return new Problem(400, "bad-field", "A field is wrong", detail, field, 0);
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String detail() {
        return detail;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    Map<String, Object> asJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE + slug);
        json.put("title", title);
        json.put("status", status);
        json.put("detail", detail);
        if (!field.isEmpty()) {
            json.put("field", field);
        }
        if (slug.startsWith("refused-")) {
            json.put("reason", slug.substring("refused-".length()).replace('-', '_'));
        }
        return json;
    }
}
