package io.homeostat.ledger.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One HTTP answer, ready to be written. {@code headers} are name, value, name, value. */
public record Answer(int status, String contentType, byte[] body, List<String> headers) {
    public Answer {
        headers = List.copyOf(headers);
    }

    public Answer(int status, String contentType, byte[] body) {
        this(status, contentType, body, List.of());
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
        return new Answer(status, contentType, body, all);
    }
}
