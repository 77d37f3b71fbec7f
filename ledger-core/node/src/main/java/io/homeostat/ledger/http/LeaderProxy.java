package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.transport.MutualTls;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request that only the leader can answer to the leader, as it came: with the client's own token, which the leader
 * checks itself. So a follower needs no power to speak for others, and whoever holds a node's secret gains none.
 *
 * <p>A request is forwarded once; a node that is not the leader either says so. Thread-safe.
 */
final class LeaderProxy implements AutoCloseable {
    static final String FORWARDED = "X-Homeostat-Forwarded-By";
    /** Tells the client where the leader is, so that its next request goes there straight. */
    static final String LEADER = "X-Homeostat-Leader";

    private static final String TRACE_PARENT = "traceparent";
    private static final List<String> PASSED = List.of("Authorization", "Content-Type", "tracestate");
    private static final List<String> RETURNED = List.of("Retry-After", "X-Journal-Size", Writes.ZONES_HEADER);
    private static final int CONNECTIONS = 64;
    private static final int CONNECT_MILLIS = 1000;
    private final HttpClientAgent client;
    private final Relay relay;
    private final String self;
    private final long timeoutMillis;

    /** @param internalToken secret that the nodes share: it opens the relay, and nothing that a client may do */
    LeaderProxy(Vertx vertx, String self, String internalToken, LedgerNodeLimits limits, Optional<MutualTls> tls) {
        this.self = self;
        MultiMap own = HttpHeaders.headers()
                .add("Authorization", "Bearer " + internalToken)
                .add("Content-Type", RelayFrame.CONTENT_TYPE);
        this.relay = new Relay((leader, frame) -> send(leader, HttpMethod.POST, RelayRoutes.PATH, own, null, frame));
        // The leader gives up first, so its answer, which knows more, comes before our own.
        this.timeoutMillis =
                limits.membershipTimeout().plus(limits.commitTimeout()).toMillis();
        this.client = vertx.createHttpClient(
                ListenerTls.connect(
                        new HttpClientOptions()
                                .setConnectTimeout(CONNECT_MILLIS)
                                .setKeepAlive(true),
                        tls),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(limits.requestsInFlight()));
    }

    /**
     * A single transfer shares a {@link Relay} with others; everything else goes by itself.
     *
     * @param span this node's part of the trace, below which the leader's goes; null passes the client's on
     */
    CompletionStage<Answer> forward(
            LedgerNodeConfig.Peer leader, HttpServerRequest request, byte[] body, @Nullable String span) {
        String authorization = request.getHeader("Authorization");
        String traceParent = span == null ? request.getHeader(TRACE_PARENT) : span;
        boolean single = request.method().equals(HttpMethod.POST)
                && TransferRoutes.SINGLE.equals(request.uri())
                && body.length <= RelayFrame.MAX_BODY
                && authorization != null
                && authorization.length() <= RelayFrame.MAX_HEADER
                && (traceParent == null || traceParent.length() <= 255);
        if (single) {
            return relay.forward(
                    leader, new RelayFrame.Item(authorization, traceParent == null ? "" : traceParent, body));
        }
        return send(leader, request.method(), request.uri(), request.headers(), traceParent, body);
    }

    private CompletionStage<Answer> send(
            LedgerNodeConfig.Peer leader,
            HttpMethod method,
            String uri,
            MultiMap headers,
            @Nullable String traceParent,
            byte[] body) {
        RequestOptions options = new RequestOptions()
                .setHost(leader.host())
                .setPort(leader.httpPort())
                .setMethod(method)
                .setURI(uri)
                .setTimeout(timeoutMillis)
                .putHeader(FORWARDED, self);
        for (String name : PASSED) {
            String value = headers.get(name);
            if (value != null) {
                options.putHeader(name, value);
            }
        }
        if (traceParent != null) {
            options.putHeader(TRACE_PARENT, traceParent);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        client.request(options)
                .onFailure(failure -> answer.completeExceptionally(Problem.unavailable(
                        "the leader " + leader.id() + " can not be reached: " + failure.getMessage())))
                .onSuccess(connected -> exchange(connected, leader, body, answer));
        return answer;
    }

    private static void exchange(
            HttpClientRequest request, LedgerNodeConfig.Peer leader, byte[] body, CompletableFuture<Answer> answer) {
        request.send(Buffer.buffer(body))
                .compose(response -> response.body().map(bytes -> returned(response, bytes)))
                .onSuccess(answer::complete)
                .onFailure(failure -> answer.completeExceptionally(
                        Problem.unknownOutcome("the leader " + leader.id() + " did not answer: " + failure.getMessage()
                                + "; ask for the outcome, or send the same request again")));
    }

    private static Answer returned(HttpClientResponse response, Buffer body) {
        List<String> headers = new ArrayList<>();
        for (String name : RETURNED) {
            String value = response.getHeader(name);
            if (value != null) {
                headers.add(name);
                headers.add(value);
            }
        }
        String type = response.getHeader("Content-Type");
        return new Answer(
                response.statusCode(), type == null ? "application/octet-stream" : type, body.getBytes(), headers);
    }

    @Override
    public void close() {
        client.close();
    }
}
