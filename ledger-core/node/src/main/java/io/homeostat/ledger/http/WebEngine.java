package io.homeostat.ledger.http;

import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of one node and its listeners. Closed once, by the door. */
public final class WebEngine implements AutoCloseable {
    /** Public API on two loops, control on its own share: a busy public API must not delay a fence. */
    private static final int EVENT_LOOPS = 3;

    /** Requests at once on one connection of HTTP/2. */
    private static final int HTTP2_STREAMS = 64;
    /** A batch of 1000 transfers fits, so that it waits for no update of its window. */
    private static final int HTTP2_STREAM_WINDOW_BYTES = 262_144;

    private static final int HTTP2_CONNECTION_WINDOW_BYTES = 1_048_576;
    private static final int MAX_HEADER_BYTES = 8192;
    private static final int MAX_REQUEST_LINE_BYTES = 4096;
    private static final int IDLE_SECONDS = 60;
    private static final Duration START_LIMIT = Duration.ofSeconds(15);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private final Vertx vertx;
    private final Optional<MutualTls> tls;

    public WebEngine(Optional<MutualTls> tls) {
        this.tls = tls;
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }

    Vertx vertx() {
        return vertx;
    }

    Optional<MutualTls> tls() {
        return tls;
    }

    /**
     * Listens and gives back the port, which differs from the one asked for when that was 0.
     *
     * @param parties whose certificates are served, when there is TLS
     */
    public int listen(String host, int port, int loops, Set<Party> parties, Handler<HttpServerRequest> handler) {
        AtomicInteger actual = new AtomicInteger();
        await(
                vertx.deployVerticle(
                        () -> new Listener(host, port, tls, parties, handler, actual),
                        new DeploymentOptions().setInstances(loops)),
                START_LIMIT,
                "listening on " + host + ":" + port);
        return actual.get();
    }

    @Override
    public void close() {
        await(vertx.close(), CLOSE_LIMIT, "closing the listeners");
    }

    private static <T> T await(Future<T> future, Duration limit, String what) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + " took longer than " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(what + " was interrupted", e);
        }
    }

    private static final class Listener extends VerticleBase {
        private final String host;
        private final int port;
        private final Optional<MutualTls> tls;
        private final Set<Party> parties;
        private final Handler<HttpServerRequest> handler;
        private final AtomicInteger actual;

        Listener(
                String host,
                int port,
                Optional<MutualTls> tls,
                Set<Party> parties,
                Handler<HttpServerRequest> handler,
                AtomicInteger actual) {
            this.host = host;
            this.port = port;
            this.tls = tls;
            this.parties = parties;
            this.handler = handler;
            this.actual = actual;
        }

        @Override
        public Future<?> start() {
            HttpServerOptions options = new HttpServerOptions()
                    .setIdleTimeout(IDLE_SECONDS)
                    .setMaxHeaderSize(MAX_HEADER_BYTES)
                    .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                    // HTTP/2 for who wants several batches under way on one connection; admission bounds what they
                    // hold.
                    .setInitialSettings(new Http2Settings()
                            .setMaxConcurrentStreams(HTTP2_STREAMS)
                            .setInitialWindowSize(HTTP2_STREAM_WINDOW_BYTES)
                            .setMaxHeaderListSize(MAX_HEADER_BYTES)
                            .setPushEnabled(false))
                    .setHttp2ConnectionWindowSize(HTTP2_CONNECTION_WINDOW_BYTES)
                    // There are no WebSockets here: their two handlers would look at every request.
                    .setPerFrameWebSocketCompressionSupported(false)
                    .setPerMessageWebSocketCompressionSupported(false)
                    .setHandle100ContinueAutomatically(true)
                    .setTcpNoDelay(true);
            HttpServer server = vertx.createHttpServer(ListenerTls.listen(options, tls, parties));
            return server.requestHandler(handler).listen(port, host).onSuccess(up -> actual.set(up.actualPort()));
        }
    }
}
