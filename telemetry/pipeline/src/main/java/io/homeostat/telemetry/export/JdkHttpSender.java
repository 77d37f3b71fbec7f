package io.homeostat.telemetry.export;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One exporter's sender. Answers that OTLP calls retryable (429, 502, 503, 504) and broken connections are tried again
 * within the exporter's retry policy.
 *
 * <p>Thread-safe. The message is copied before {@code send} returns, because the SDK reuses its buffers. Source: OTLP
 * specification, "OTLP/HTTP Response".
 */
final class JdkHttpSender implements HttpSender {
    private static final Set<Integer> RETRYABLE = Set.of(429, 502, 503, 504);

    private final HttpClient client;
    private final HttpSenderConfig config;

    JdkHttpSender(HttpClient client, HttpSenderConfig config) {
        this.client = client;
        this.config = config;
    }

    @Override
    public void send(
            MessageWriter message,
            Consumer<io.opentelemetry.sdk.common.export.HttpResponse> onResponse,
            Consumer<Throwable> onError) {
        HttpRequest request;
        try {
            request = request(message);
        } catch (IOException e) {
            onError.accept(e);
            return;
        }
        attempt(request, 1).whenComplete((response, failure) -> {
            if (response != null) {
                onResponse.accept(response);
            } else {
                onError.accept(rootOf(Objects.requireNonNull(failure)));
            }
        });
    }

    @Override
    public CompletableResultCode shutdown() {
        // The client is shared by the SDK's exporters and ends with its last reference.
        return CompletableResultCode.ofSuccess();
    }

    private CompletableFuture<Answer> attempt(HttpRequest request, int number) {
        return client.sendAsync(request, discardingBigBodies(config.getMaxResponseBodySize()))
                .orTimeout(config.getTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, failure) -> {
                    boolean again = response == null || RETRYABLE.contains(response.statusCode());
                    RetryPolicy policy = config.getRetryPolicy();
                    if (again && policy != null && number < policy.getMaxAttempts()) {
                        return CompletableFuture.supplyAsync(
                                        () -> attempt(request, number + 1),
                                        CompletableFuture.delayedExecutor(
                                                delayMillis(policy, number), TimeUnit.MILLISECONDS))
                                .thenCompose(next -> next);
                    }
                    return response == null
                            ? CompletableFuture.<Answer>failedFuture(rootOf(Objects.requireNonNull(failure)))
                            : CompletableFuture.completedFuture(new Answer(response.statusCode(), response.body()));
                })
                .thenCompose(result -> result);
    }

    private HttpRequest request(MessageWriter message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(Math.max(32, message.getContentLength()));
        HttpRequest.Builder builder = HttpRequest.newBuilder(config.getEndpoint())
                .timeout(config.getTimeout())
                .header("Content-Type", config.getContentType());
        Compressor compressor = config.getCompressor();
        if (compressor == null) {
            message.writeMessage(body);
        } else {
            builder.header("Content-Encoding", compressor.getEncoding());
            try (OutputStream compressed = compressor.compress(body)) {
                message.writeMessage(compressed);
            }
        }
        config.getHeadersSupplier().get().forEach((name, values) -> values.forEach(v -> builder.header(name, v)));
        return builder.POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
    }

    /** A receiver says at most a few hundred bytes; a longer answer is not read into memory. */
    private static BodyHandler<byte[]> discardingBigBodies(long maxBytes) {
        return info -> info.headers().firstValueAsLong("Content-Length").orElse(0) > maxBytes
                ? BodySubscribers.replacing(new byte[0])
                : BodySubscribers.ofByteArray();
    }

    private static long delayMillis(RetryPolicy policy, int attempt) {
        double millis =
                policy.getInitialBackoff().toMillis() * Math.pow(policy.getBackoffMultiplier(), (double) attempt - 1);
        return (long) Math.min(millis, policy.getMaxBackoff().toMillis());
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private record Answer(int statusCode, byte @Nullable [] body)
            implements io.opentelemetry.sdk.common.export.HttpResponse {
        @Override
        public int getStatusCode() {
            return statusCode;
        }

        @Override
        public String getStatusMessage() {
            return "HTTP " + statusCode;
        }

        @Override
        public byte[] getResponseBody() {
            return body == null ? new byte[0] : body;
        }
    }
}
