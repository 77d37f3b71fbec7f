package io.homeostat.agent.control;

import io.homeostat.agent.action.ActionDesk;
import io.homeostat.agent.action.Submission;
import io.homeostat.agent.supervise.NodeSupervisor;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/status}, {@code POST /v1/actions}, {@code GET /v1/actions/ID} and {@code GET /health/live}.
 *
 * <p>Handlers run on an event loop and never block it: an order is taken on a worker, because taking it writes to disk.
 */
public final class ControlApi {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    private static final String ACTIONS = "/v1/actions";
    private static final String BEARER = "Bearer ";
    /** Nobody who speaks to the control API needs longer to write 64 KiB. */
    private static final int IDLE_SECONDS = 15;

    /** Whoever sends this many times the largest body after being refused is not listening. */
    private static final int DISCARDED_BODIES = 4;

    /** The healer, and people at the command line. */
    private static final Set<Party> CALLERS = Set.of(Party.PLATFORM, Party.CLIENT);

    private final Vertx vertx;
    private final NodeSupervisor supervisor;
    private final ActionDesk desk;
    private final byte[] token;
    private final int bodyBytes;
    private final HttpServer server;

    public ControlApi(
            Vertx vertx,
            NodeSupervisor supervisor,
            ActionDesk desk,
            String token,
            int bodyBytes,
            Optional<MutualTls> tls) {
        this.vertx = vertx;
        this.supervisor = supervisor;
        this.desk = desk;
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.bodyBytes = bodyBytes;
        HttpServerOptions options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        tls.ifPresent(identity -> options.setSsl(true)
                .setUseAlpn(false)
                .setClientAuth(ClientAuth.REQUIRED)
                .setEnabledSecureTransportProtocols(Set.of(MutualTls.PROTOCOL))
                .setKeyCertOptions(KeyCertOptions.wrap(identity.keyManager()))
                .setTrustOptions(TrustOptions.wrap(identity.trusting(CALLERS))));
        this.server = vertx.createHttpServer(options).requestHandler(this::route);
    }

    /** Completes with the port when it listens. */
    public Future<Integer> listen(String host, int port) {
        return server.listen(port, host).map(HttpServer::actualPort);
    }

    private void route(HttpServerRequest request) {
        String path = request.path();
        boolean get = request.method() == HttpMethod.GET;
        if (path.equals("/health/live") && get) {
            send(request.response(), 200, "application/json", Buffer.buffer("{\"status\":\"live\"}"));
        } else if (!admits(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            fail(request, Problem.of(401, "unauthenticated", "Unauthenticated", "expected the agent's bearer token"));
        } else if (path.equals("/v1/status")) {
            ifMethod(request, HttpMethod.GET, () -> sendJson(request.response(), 200, supervisor.status()));
        } else if (path.equals(ACTIONS)) {
            ifMethod(request, HttpMethod.POST, () -> collect(request));
        } else if (path.startsWith(ACTIONS + "/")) {
            ifMethod(request, HttpMethod.GET, () -> report(request, path.substring(ACTIONS.length() + 1)));
        } else {
            fail(request, Problem.of(404, "not_found", "Not found", "no such route"));
        }
    }

    private void ifMethod(HttpServerRequest request, HttpMethod expected, Runnable handler) {
        if (request.method() == expected) {
            handler.run();
        } else {
            request.response().putHeader(HttpHeaders.ALLOW, expected.name());
            fail(request, Problem.of(405, "method_not_allowed", "Method not allowed", "expected " + expected.name()));
        }
    }

    private void report(HttpServerRequest request, String actionId) {
        desk.report(actionId)
                .ifPresentOrElse(
                        report -> sendJson(request.response(), 200, report),
                        () -> fail(request, Problem.of(404, "not_found", "Not found", "no such action")));
    }

    private void collect(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (request.response().ended()) {
                return;
            }
            if (body.length() + chunk.length() > bodyBytes) {
                fail(
                        request,
                        Problem.of(
                                413,
                                "too_large",
                                "Body too large",
                                "the body is larger than the limit of " + bodyBytes + " bytes"));
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> {
            if (!request.response().ended()) {
                submit(request, body.getBytes());
            }
        });
    }

    private void submit(HttpServerRequest request, byte[] body) {
        ActionOrder order;
        try {
            order = OrderReader.read(body);
        } catch (OrderReader.Malformed e) {
            fail(request, e.problem());
            return;
        }
        vertx.executeBlocking(() -> desk.submit(order)).onComplete(done -> {
            if (done.succeeded()) {
                answer(request, done.result());
            } else {
                LOG.atError().setCause(done.cause()).log("taking an order failed: a defect");
                fail(request, Problem.of(500, "defect", "Internal error", "see the sidecar's log"));
            }
        });
    }

    private void answer(HttpServerRequest request, Submission submission) {
        if (submission instanceof Submission.Reported reported) {
            sendJson(request.response(), 202, reported.report());
        } else if (submission instanceof Submission.Invalid invalid) {
            fail(request, Problem.invalid(invalid.field(), invalid.detail()));
        } else if (submission instanceof Submission.Conflict conflict) {
            fail(request, Problem.of(409, conflict.slug(), "Conflict", conflict.detail()));
        }
    }

    private boolean admits(@Nullable String authorization) {
        if (authorization == null || !authorization.startsWith(BEARER)) {
            return false;
        }
        byte[] shown = authorization.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(token, shown);
    }

    /**
     * Closing at once would reset the connection, and a caller that still writes would never see the problem. So what is
     * left of the body is read and thrown away, up to a bound.
     */
    private void fail(HttpServerRequest request, Problem problem) {
        if (!request.isEnded()) {
            AtomicLong discarded = new AtomicLong();
            request.endHandler(null);
            request.handler(chunk -> {
                if (discarded.addAndGet(chunk.length()) > (long) DISCARDED_BODIES * bodyBytes) {
                    request.connection().close();
                }
            });
        }
        send(
                request.response(),
                problem.status(),
                "application/problem+json",
                problem.json().toBuffer());
    }

    private static void sendJson(HttpServerResponse response, int status, Object body) {
        send(response, status, "application/json", Buffer.buffer(EventCodec.canonicalJson(body)));
    }

    private static void send(HttpServerResponse response, int status, String contentType, Buffer body) {
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                    .end(body);
        }
    }
}
