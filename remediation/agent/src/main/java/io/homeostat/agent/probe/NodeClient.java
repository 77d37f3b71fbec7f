package io.homeostat.agent.probe;

import io.homeostat.events.NodeProbe;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.transport.CappedBody;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The questions that the agent asks its node. Every call ends within its timeout, also when the node stops in the middle
 * of an answer. Thread-safe.
 *
 * <p>Token files are read for each call: a rotated token needs no restart, and none stays in memory.
 */
public final class NodeClient {
    /** A page of the journal is larger than a probe and not urgent. */
    private static final Duration JOURNAL_TIMEOUT = Duration.ofSeconds(10);

    /** What a node gives at once, 4 MiB, and the last leaf beyond it. */
    private static final int PAGE_BYTES = 5 << 20;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private final HttpClient client;
    private final URI control;
    private final Path controlTokenFile;
    private final URI api;
    private final Path readerTokenFile;
    private final int answerBytes;

    public NodeClient(
            URI control,
            Path controlTokenFile,
            URI api,
            Path readerTokenFile,
            int answerBytes,
            Executor executor,
            Optional<MutualTls> tls) {
        this.control = control;
        this.controlTokenFile = controlTokenFile;
        this.api = api;
        this.readerTokenFile = readerTokenFile;
        this.answerBytes = answerBytes;
        this.client = MutualTls.client(tls)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(executor)
                .build();
    }

    /** {@code GET /control/status}; fails on every answer but a well-formed 200. */
    public CompletableFuture<NodeProbe> probe(Duration timeout) {
        return get(control, "/control/status", controlTokenFile, timeout)
                .thenApply(body -> EventCodec.read(body, NodeProbe.class));
    }

    /** {@code GET /v1/checkpoint}: the signed note. */
    public CompletableFuture<byte[]> checkpoint() {
        return get(api, "/v1/checkpoint", readerTokenFile, JOURNAL_TIMEOUT);
    }

    /** {@code GET /v1/journal}: frames of leaves. */
    public CompletableFuture<byte[]> journal(long from, int limit) {
        return get(api, "/v1/journal?from=" + from + "&limit=" + limit, readerTokenFile, JOURNAL_TIMEOUT, PAGE_BYTES);
    }

    private CompletableFuture<byte[]> get(URI base, String path, Path tokenFile, Duration timeout) {
        return get(base, path, tokenFile, timeout, answerBytes);
    }

    private CompletableFuture<byte[]> get(URI base, String path, Path tokenFile, Duration timeout, int most) {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(base.resolve(path))
                    .timeout(timeout)
                    .header(
                            "Authorization",
                            "Bearer " + Files.readString(tokenFile).strip())
                    .build();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    new UncheckedIOException("token file " + tokenFile + " can not be read", e));
        }
        // The request's own timeout ends with the headers; the second one covers the body.
        return client.sendAsync(request, info -> new CappedBody(most))
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(response -> {
                    if (response.statusCode() != 200) {
                        throw new IllegalStateException(
                                path + ": expected status 200 but found " + response.statusCode());
                    }
                    return response.body();
                });
    }
}
