package io.homeostat.deploy.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One server, one bearer token. Bodies are JSON; no redirects are followed; every call ends within its timeout.
 *
 * <p>Thread-safe.
 */
public final class Rest {
    public static final ObjectMapper JSON = new ObjectMapper();

    /** For servers that speak plain text. */
    private static final HttpClient PLAIN = MutualTls.client(Optional.empty())
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private final HttpClient client;
    private final String base;
    private final Map<String, String> headers;
    private final Duration timeout;

    private Rest(HttpClient client, String base, Map<String, String> headers, Duration timeout) {
        this.client = client;
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.headers = Map.copyOf(headers);
        this.timeout = timeout;
    }

    /** A server that speaks plain text; one of a cluster is reached with {@code ClusterDirectory.http()}. */
    public static Rest of(String base, @Nullable String token) {
        return of(PLAIN, base, token);
    }

    /** @param client with the identity that the server asks for */
    public static Rest of(HttpClient client, String base, @Nullable String token) {
        return new Rest(
                client,
                base,
                token == null ? Map.of() : Map.of("Authorization", "Bearer " + token),
                Duration.ofSeconds(10));
    }

    public Rest within(Duration other) {
        return new Rest(client, base, headers, other);
    }

    public Rest with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Rest(client, base, more, timeout);
    }

    public Answer get(String path) throws IOException {
        return send(request(path).GET().build());
    }

    public Answer post(String path, Object body) throws IOException {
        byte[] json = JSON.writeValueAsBytes(body);
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build());
    }

    public Answer delete(String path) throws IOException {
        return send(request(path).DELETE().build());
    }

    public Answer put(String path, Object body) throws IOException {
        byte[] json = JSON.writeValueAsBytes(body);
        return send(request(path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(json))
                .build());
    }

    /** Whether {@code GET path} answers 200; a server that does not answer is not ready. */
    public boolean ok(String path) {
        try {
            return get(path).status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(timeout);
        headers.forEach(request::header);
        return request;
    }

    private Answer send(HttpRequest request) throws IOException {
        try {
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(
                    request.method() + " " + request.uri(),
                    response.statusCode(),
                    response.body(),
                    response.headers().map().entrySet().stream()
                            .collect(java.util.stream.Collectors.toMap(
                                    e -> e.getKey().toLowerCase(java.util.Locale.ROOT),
                                    e -> String.join("; ", e.getValue()))));
        } catch (HttpTimeoutException e) {
            throw new IOException(
                    request.method() + " " + request.uri() + " was not answered within " + timeout.toSeconds() + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(request.method() + " " + request.uri() + " was interrupted", e);
        }
    }

    /** What came back. */
    public record Answer(String request, int status, byte[] body, Map<String, String> headers) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public boolean accepted() {
            return status >= 200 && status < 300;
        }

        /** The body as JSON; a missing node when it is none. */
        public JsonNode json() {
            try {
                JsonNode node = JSON.readTree(text());
                return node == null ? MissingNode.getInstance() : node;
            } catch (JsonProcessingException e) {
                return MissingNode.getInstance();
            }
        }

        /** The machine-readable reason of a refusal: {@code reason}, else the slug of the problem's type, else the status. */
        public String reason() {
            JsonNode problem = json();
            String reason = problem.path("reason").asText("");
            if (!reason.isEmpty()) {
                return reason;
            }
            String type = problem.path("type").asText("");
            return type.isEmpty() ? "status " + status : type.substring(type.lastIndexOf('/') + 1);
        }

        /** This answer, when it was accepted; else a fault that says what was asked and what came. */
        public Answer orFail() {
            if (!accepted()) {
                String detail = text();
                throw new IllegalStateException(request + " answered " + status + ": "
                        + (detail.length() > 500 ? detail.substring(0, 500) + ".." : detail));
            }
            return this;
        }
    }
}
