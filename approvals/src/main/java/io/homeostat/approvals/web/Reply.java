package io.homeostat.approvals.web;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, independent of the server.
 *
 * @param file sent instead of the body and deleted afterwards, {@code null} for none
 * @param sessionId new value of the session cookie, empty ends the session, {@code null} leaves it
 */
record Reply(
        int status,
        String contentType,
        byte[] body,
        Map<String, String> headers,
        @Nullable Path file,
        @Nullable String sessionId) {
    static Reply html(int status, String html) {
        return new Reply(
                status, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8), Map.of(), null, null);
    }

    static Reply json(int status, byte[] json) {
        return new Reply(status, "application/json", json, Map.of(), null, null);
    }

    static Reply redirect(String to) {
        return new Reply(303, "text/plain; charset=utf-8", new byte[0], Map.of("Location", to), null, null);
    }

    Reply with(String header, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(header, value);
        return new Reply(status, contentType, body, all, file, sessionId);
    }

    Reply withSession(String id) {
        return new Reply(status, contentType, body, headers, file, id);
    }
}
