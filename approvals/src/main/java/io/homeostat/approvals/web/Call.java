package io.homeostat.approvals.web;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request after the guards: what a handler may know of it.
 *
 * @param path parameters of the path by name
 * @param form fields of a form, empty for other bodies
 * @param origin of this server as the caller names it, {@code https://host[:port]}
 * @param caller who sent it, {@code null} on public routes without a session
 */
record Call(
        Map<String, String> path,
        Map<String, String> query,
        Map<String, String> form,
        Map<String, String> cookies,
        byte[] body,
        String address,
        String origin,
        @Nullable Caller caller) {
    String path(String name) {
        return path.getOrDefault(name, "");
    }

    String query(String name) {
        return query.getOrDefault(name, "");
    }

    String form(String name) {
        return form.getOrDefault(name, "");
    }

    /** The caller on a route that has one. */
    Caller who() {
        if (caller == null) {
            throw new IllegalStateException("a guarded route has a caller");
        }
        return caller;
    }
}
