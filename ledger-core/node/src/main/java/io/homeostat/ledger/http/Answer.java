package io.homeostat.ledger.http;

import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP answer, ready to be written.
 *
 * @param headers name, value, name, value
 * @param stream writes a body that goes on, in the response's event loop; null for an answer that is whole
 */
public record Answer(
        int status,
        String contentType,
        byte[] body,
        List<String> headers,
        @Nullable Consumer<HttpServerResponse> stream) {
    public Answer {
        headers = List.copyOf(headers);
    }

    public Answer(int status, String contentType, byte[] body) {
        this(status, contentType, body, List.of(), null);
    }

    public Answer(int status, String contentType, byte[] body, List<String> headers) {
        this(status, contentType, body, headers, null);
    }

    static Answer streamed(String contentType, Consumer<HttpServerResponse> stream) {
        return new Answer(200, contentType, new byte[0], List.of(), stream);
    }

    public static Answer json(int status, Json.Body body) {
        return new Answer(status, "application/json", Json.write(body));
    }

    static Answer text(int status, String text) {
        return new Answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    Answer with(String name, String value) {
        List<String> all = new ArrayList<>(headers);
        all.add(name);
        all.add(value);
        return new Answer(status, contentType, body, all, stream);
    }
}
