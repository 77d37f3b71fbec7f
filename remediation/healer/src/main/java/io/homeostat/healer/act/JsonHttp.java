package io.homeostat.healer.act;

import io.homeostat.events.codec.EventCodec;
import io.homeostat.transport.CappedBody;
import io.homeostat.transport.MutualTls;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** JSON over HTTP/1.1 with a bearer token; every exchange is bounded in time and answer size. Thread-safe. */
public final class JsonHttp {
    private final HttpClient client;
    private final BearerToken token;
    private final int maxAnswerBytes;

    public JsonHttp(BearerToken token, ActLimits limits, Executor executor) {
        this(token, limits, executor, Optional.empty());
    }

    public JsonHttp(BearerToken token, ActLimits limits, Executor executor, Optional<MutualTls> tls) {
        this.token = token;
        this.maxAnswerBytes = limits.maxAnswerBytes();
        this.client = MutualTls.client(tls)
                .connectTimeout(limits.connectTimeout())
                .executor(executor)
                .build();
    }

    /**
     * Fails with {@link ActFault} (RETRYABLE) when there was no answer in time. The time covers the body as well: the
     * client's own timeout ends with the headers, and a stopped process can hang after them.
     */
    CompletableFuture<Answer> send(String method, URI uri, @Nullable Object body, Duration timeout) {
        return sendOnce(method, uri, body, timeout).thenCompose(answer -> {
            if (answer.status() == 401 && token.reload()) {
                return sendOnce(method, uri, body, timeout);
            }
            return CompletableFuture.completedFuture(answer);
        });
    }

    Answer sendAndWait(String method, URI uri, @Nullable Object body, Duration timeout) {
        try {
            return send(method, uri, body, timeout).join();
        } catch (CompletionException e) {
            throw fault(uri, e);
        }
    }

    static ActFault fault(URI uri, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof ActFault fault) {
            return fault;
        }
        String words = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ActFault(ActFault.Kind.RETRYABLE, "no answer from " + uri + ": " + words, cause);
    }

    private CompletableFuture<Answer> sendOnce(String method, URI uri, @Nullable Object body, Duration timeout) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Authorization", token.header())
                .header("Accept", "application/json");
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, BodyPublishers.ofByteArray(EventCodec.canonicalJson(body)));
        }
        CompletableFuture<HttpResponse<byte[]>> exchange =
                client.sendAsync(request.build(), info -> new CappedBody(maxAnswerBytes));
        CompletableFuture<HttpResponse<byte[]>> bounded =
                exchange.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        return bounded.handle((response, failure) -> {
            if (failure != null) {
                exchange.cancel(true);
                throw fault(uri, failure);
            }
            return new Answer(uri, response.statusCode(), response.body());
        });
    }

    /** Status and body of one exchange. */
    record Answer(URI uri, int status, byte[] body) {
        private static final int MAX_WORDS = 300;

        boolean ok() {
            return status >= 200 && status < 300;
        }

        /** The node can not serve now; another one may. */
        boolean unavailable() {
            return status == 503 || status == 504 || status == 502 || status == 429;
        }

        <T> T as(Class<T> type) {
            if (!ok()) {
                throw unexpected();
            }
            try {
                return EventCodec.read(body, type);
            } catch (IllegalArgumentException e) {
                throw new ActFault(
                        ActFault.Kind.PERMANENT, "answer of " + uri + " is not in the contract: " + e.getMessage(), e);
            }
        }

        /** The problem's {@code reason}, or the slug of its {@code type}, as a wire name. */
        String reason() {
            Problem problem = problem();
            String found = problem.reason();
            if (found == null || found.isEmpty()) {
                String type = problem.type() == null ? "" : problem.type();
                found = type.substring(type.lastIndexOf('/') + 1);
            }
            String name = found.replace('-', '_').toLowerCase(Locale.ROOT);
            return name.matches("[a-z0-9_]{1,64}") ? name : "status_" + status;
        }

        /** Bounded and without control characters: what the other side says ends in events and logs. */
        String words() {
            Problem problem = problem();
            String text = problem.detail() != null ? problem.detail() : problem.title();
            if (text == null) {
                return "status " + status;
            }
            String clean = text.replaceAll("\\p{Cntrl}", " ");
            return clean.length() > MAX_WORDS ? clean.substring(0, MAX_WORDS) + "..." : clean;
        }

        ActFault unexpected() {
            ActFault.Kind kind = unavailable() || status >= 500 ? ActFault.Kind.RETRYABLE : ActFault.Kind.PERMANENT;
            return new ActFault(
                    kind,
                    "expected success from " + uri + " but found status " + status + " (" + reason() + "): " + words());
        }

        private Problem problem() {
            try {
                return EventCodec.read(body, Problem.class);
            } catch (IllegalArgumentException e) {
                return new Problem(null, null, null, null);
            }
        }
    }

    private record Problem(
            @Nullable String type,
            @Nullable String title,
            @Nullable String detail,
            @Nullable String reason) {}
}
