package io.homeostat.ledger.http;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One line of the API: method, path template, role, and where it is answered.
 *
 * @param template path with variables: {@code {name}} is one segment, and {@code {+name}} at the end is all that follow (RFC
 *     6570, section 3.2.3)
 * @param load when it is given up under overload
 * @param role that the token must carry, {@link #ANY} for every known token, {@link #NONE} for no token
 */
record Route(
        HttpMethod method,
        String template,
        String role,
        Place place,
        Handler handler,
        String[] segments,
        LoadClass load) {
    static final String ANY = "*";
    static final String NONE = "";

    Route(HttpMethod method, String template, String role, Place place, Handler handler) {
        this(
                method,
                template,
                role,
                place,
                handler,
                template.split("/", -1),
                LoadClass.of(method, template, role, place));
    }

    /** Where a request is answered, and what must hold before. */
    enum Place {
        /** Here, whatever the gate says. */
        ALWAYS,
        /** Here from what this node has applied; the gate must be open. */
        LOCAL,
        /** Here after a read barrier; the gate must be open. */
        LINEARIZABLE,
        /** By the leader, to which a follower forwards; the gates of both must be open. */
        LEADER,
        /** By the leader, also while a gate is closed: what nodes tell each other. */
        LEADER_ALWAYS
    }

    @FunctionalInterface
    interface Handler {
        CompletionStage<Answer> handle(Exchange exchange);
    }

    boolean takesBody() {
        return method == HttpMethod.POST || method == HttpMethod.PUT;
    }

    /** Content type of bodies beside JSON; empty when JSON is all. */
    String binaryType() {
        return switch (template) {
            case TransferRoutes.BATCH -> TransferBatchProto.CONTENT_TYPE;
            case RelayRoutes.PATH -> RelayFrame.CONTENT_TYPE;
            default -> "";
        };
    }

    boolean gated() {
        return place != Place.ALWAYS && place != Place.LEADER_ALWAYS;
    }

    boolean atLeader() {
        return place == Place.LEADER || place == Place.LEADER_ALWAYS;
    }

    /** Values of the template's variables when the path fits, else {@code null}. */
    @Nullable
    List<String> match(String[] path) {
        boolean open = segments[segments.length - 1].startsWith("{+");
        if (open ? path.length < segments.length : path.length != segments.length) {
            return null;
        }
        List<String> variables = List.of();
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].startsWith("{+")) {
                return rest(path, i, variables);
            }
            if (segments[i].startsWith("{")) {
                if (variables.isEmpty()) {
                    variables = new ArrayList<>(2);
                }
                variables.add(path[i]);
            } else if (!segments[i].equals(path[i])) {
                return null;
            }
        }
        return variables;
    }

    private static @Nullable List<String> rest(String[] path, int from, List<String> before) {
        List<String> variables = new ArrayList<>(before);
        List<String> rest = List.of(path).subList(from, path.length);
        // A slash within a segment came encoded: it is no separator, so this is another path.
        if (rest.stream().anyMatch(segment -> segment.indexOf('/') >= 0)) {
            return null;
        }
        variables.add(String.join("/", rest));
        return variables;
    }
}
