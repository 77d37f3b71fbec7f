package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerTelemetry;
import io.homeostat.ledger.control.NodeGate;
import io.homeostat.ledger.raft.NotCommitted;
import io.homeostat.ledger.raft.RaftStatus;
import io.homeostat.transport.Party;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public listener: finds the route, checks the token, the gate and the limits, reads the body, and writes exactly one
 * answer. The door of the package.
 *
 * <p>Requests are parsed in event loops; reads of the ledger run in a small pool, so that a long journal read delays no
 * write. Thread-safe.
 */
public final class PublicApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PublicApi.class);
    private static final String LOCAL = "local";
    private static final byte[] NO_BODY = new byte[0];
    private static final int LOOPS = 2;
    private static final int READERS = 2;
    private final NodeServices node;
    private final WebEngine engine;
    private final List<Route> routes = new ArrayList<>();
    /** Routes without variables by method and path, so that the busiest are found without a search. */
    private final Map<String, Route> literalRoutes = new HashMap<>();

    private final Admission admission;
    private final LeaderProxy proxy;
    private final ThreadPoolExecutor readers;
    private final JournalStreams streams;
    private final byte[] openapi;

    public PublicApi(NodeServices node, WebEngine engine) {
        this.node = node;
        this.engine = engine;
        this.admission = new Admission(node.limits());
        this.proxy = new LeaderProxy(
                engine.vertx(),
                node.config().nodeId(),
                Tokens.secret(node.config().internalTokenFile()),
                node.limits(),
                engine.tls());
        AtomicInteger number = new AtomicInteger();
        // Every queued read was admitted, so the queue of that size never refuses one that was.
        this.readers = new ThreadPoolExecutor(
                READERS,
                READERS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(node.limits().requestsInFlight() + 1),
                work -> {
                    Thread thread = new Thread(work, "ledger-read-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        this.openapi = openapi();
        this.streams =
                new JournalStreams(node.ledger(), node.gate(), node.config().nodeId());
        Writes writes = new Writes(node);
        TransferRoutes transfers = new TransferRoutes(node, writes);
        routes.addAll(transfers.routes());
        routes.addAll(new RelayRoutes(node, admission, transfers::create, this::problem).routes());
        routes.addAll(new AccountRoutes(node, writes).routes());
        routes.addAll(new HoldRoutes(node).routes());
        CaseRoutes cases = new CaseRoutes(node, writes);
        routes.addAll(cases.routes());
        routes.addAll(new PolicyRoutes(node, writes, cases).routes());
        routes.addAll(new JournalRoutes(node, writes, streams).routes());
        routes.addAll(new BackupRoutes(node).routes());
        routes.addAll(new TileRoutes(node).routes());
        routes.addAll(new NodeRoutes(node, writes).routes());
        routes.addAll(new MaintenanceRoutes(node, writes).routes());
        routes.add(health("/health/live", () -> node.live().getAsBoolean(), "only a restart helps this process"));
        routes.add(health("/health/ready", () -> node.ready().getAsBoolean(), "not ready"));
        routes.add(health(
                "/health/started",
                () -> !node.gate().heldBy(NodeGate.Hold.STARTING),
                "the node has not caught up with the leader yet"));
        routes.add(new Route(
                HttpMethod.GET,
                "/openapi.yaml",
                Route.NONE,
                Route.Place.ALWAYS,
                x -> done(new Answer(200, "application/yaml", openapi))));
        for (Route route : routes) {
            if (!route.template().contains("{")) {
                literalRoutes.put(route.method().name() + ' ' + route.template(), route);
            }
        }
    }

    /** Listens; gives back the port. */
    public int listen() {
        return engine.listen(
                node.config().host(), node.config().httpPort(), LOOPS, EnumSet.allOf(Party.class), this::handle);
    }

    /** Requests inside, for the queue depth. */
    public int inFlight() {
        return admission.inFlight();
    }

    @Override
    public void close() {
        proxy.close();
        readers.shutdownNow();
        streams.close();
    }

    private void handle(HttpServerRequest request) {
        Call call = new Call(request);
        try {
            call.begin();
        } catch (Problem problem) {
            call.answer(problem.answer());
        }
    }

    private Route health(String template, java.util.function.BooleanSupplier holds, String otherwise) {
        return new Route(
                HttpMethod.GET,
                template,
                Route.NONE,
                Route.Place.ALWAYS,
                x -> done(health(holds.getAsBoolean(), node.gate().view(), otherwise)));
    }

    private static Answer health(boolean ok, NodeGate.View gate, String otherwise) {
        return Answer.json(ok ? 200 : 503, json -> {
            json.writeStartObject();
            json.writeStringField("status", ok ? "up" : "down");
            json.writeStringField("gate", gate.state().wireName());
            if (!ok) {
                json.writeStringField("reason", gate.open() ? otherwise : gate.reason());
            }
            json.writeEndObject();
        });
    }

    /** One request on its way. Begins in its event loop; the answer may come from any thread and is written once. */
    private final class Call {
        private final HttpServerRequest request;
        private final EventLoop loop;
        private LedgerTelemetry.@Nullable RequestSpan span;
        private @Nullable String admitted;
        private long admittedBytes;
        private boolean answered;

        Call(HttpServerRequest request) {
            this.request = request;
            this.loop = EventLoop.current(engine.vertx());
        }

        void begin() {
            String path = request.path();
            Route literal =
                    path == null ? null : literalRoutes.get(request.method().name() + ' ' + path);
            if (literal != null) {
                admit(literal, List.of());
                return;
            }
            Route route = null;
            List<String> variables = List.of();
            Set<String> allowed = new TreeSet<>();
            String[] segments = segments(path);
            for (Route candidate : routes) {
                List<String> matched = candidate.match(segments);
                if (matched != null) {
                    allowed.add(candidate.method().name());
                    if (candidate.method().equals(request.method())) {
                        route = candidate;
                        variables = matched;
                        break;
                    }
                }
            }
            if (route == null) {
                throw allowed.isEmpty()
                        ? Problem.notFound("route_not_found", "there is no such route; see /openapi.yaml")
                        : Problem.methodNotAllowed("this route knows " + String.join(", ", allowed));
            }
            admit(route, variables);
        }

        private void admit(Route route, List<String> variables) {
            Tokens.Principal principal = authenticate(route);
            NodeGate.View gate = node.gate().view();
            if (route.gated() && !gate.open()) {
                throw Problem.gateClosed("the gate of node " + node.config().nodeId() + " is "
                        + gate.state().wireName() + ": " + gate.reason());
            }
            long announced = announcedBytes(route);
            LedgerTelemetry.RequestSpan started = node.telemetry()
                    .request(request.method().name(), route.template(), name -> request.getHeader(name));
            span = started;
            admission.enter(principal.name(), announced, route.load());
            admitted = principal.name();
            admittedBytes = announced;
            Map<String, String> query = query();
            boolean binary = announced > 0 && isBinary(route, request.getHeader("Content-Type"));
            if (route.takesBody()) {
                readBody(body -> dispatch(
                        route,
                        new Exchange(principal, variables, query, body, binary, started, loop, request::getHeader),
                        body));
            } else {
                dispatch(
                        route,
                        new Exchange(principal, variables, query, NO_BODY, false, started, loop, request::getHeader),
                        NO_BODY);
            }
        }

        private Tokens.Principal authenticate(Route route) {
            if (route.role().equals(Route.NONE)) {
                return new Tokens.Principal("anonymous", Set.of());
            }
            Tokens.Principal principal = node.tokens().principal(request.getHeader("Authorization"));
            if (principal == null) {
                throw Problem.unauthenticated("send 'Authorization: Bearer <token>' with a token that this node knows");
            }
            if (!route.role().equals(Route.ANY) && !principal.roles().contains(route.role())) {
                throw Problem.forbidden("this route needs the role '" + route.role() + "'");
            }
            return principal;
        }

        private long announcedBytes(Route route) {
            if (!route.takesBody()) {
                return 0;
            }
            int most = node.limits().bodyBytes();
            String encoding = request.getHeader("Content-Encoding");
            if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
                throw Problem.unsupportedMediaType("bodies come uncompressed, not as '" + printable(encoding) + "'");
            }
            String length = request.getHeader("Content-Length");
            long announced = length == null ? most : Long.parseLong(length);
            if (announced > most) {
                throw Problem.tooLarge("body", Integer.toString(most), "a body has at most " + most + " bytes");
            }
            String type = request.getHeader("Content-Type");
            boolean served = isJson(type) || isBinary(route, type);
            if (announced > 0 && (type == null ? length != null : !served)) {
                throw Problem.unsupportedMediaType("send 'Content-Type: application/json'"
                        + (route.binaryType().isEmpty() ? "" : " or '" + route.binaryType() + "'"));
            }
            return announced;
        }

        private Map<String, String> query() {
            String text = request.query();
            if (text == null || text.isEmpty()) {
                return Map.of();
            }
            Map<String, String> query = new HashMap<>();
            MultiMap params;
            try {
                params = request.params();
            } catch (IllegalArgumentException e) {
                throw Problem.invalidField(
                        "query", "percent-encoded UTF-8", "the query is not validly percent-encoded");
            }
            for (Map.Entry<String, String> param : params) {
                if (query.put(param.getKey(), param.getValue()) != null) {
                    throw Problem.invalidField(
                            param.getKey(), "once", "the query parameter '" + param.getKey() + "' is given twice");
                }
            }
            return query;
        }

        private void readBody(java.util.function.Consumer<byte[]> whole) {
            Body body = new Body(request.getHeader("Content-Length") == null ? 0 : (int) admittedBytes);
            request.handler(chunk -> {
                if (body.length() + chunk.length() > node.limits().bodyBytes()) {
                    fail(Problem.tooLarge(
                            "body",
                            Integer.toString(node.limits().bodyBytes()),
                            "a body has at most " + node.limits().bodyBytes() + " bytes"));
                } else if (!answered) {
                    body.add(chunk);
                }
            });
            request.exceptionHandler(this::fail);
            request.endHandler(end -> {
                if (!answered) {
                    whole.accept(body.bytes());
                }
            });
        }

        private void dispatch(Route route, Exchange exchange, byte[] body) {
            if (route.atLeader()) {
                atLeader(route, exchange, body);
            } else if (route.place() == Route.Place.LINEARIZABLE
                    && !LOCAL.equals(request.getHeader(Staleness.CONSISTENCY))) {
                node.raft().readBarrier().whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        fail(failure);
                    } else {
                        run(route, exchange);
                    }
                });
            } else if (route.place() == Route.Place.ALWAYS) {
                run(route, exchange);
            } else {
                runStale(route, exchange);
            }
        }

        private void atLeader(Route route, Exchange exchange, byte[] body) {
            RaftStatus status = node.status().get();
            if (status.leader()) {
                finish(() -> route.handler().handle(exchange));
            } else if (request.getHeader(LeaderProxy.FORWARDED) != null) {
                fail(Problem.unavailable("node " + node.config().nodeId() + " does not lead any more; try again"));
            } else if (status.leaderId().isEmpty()
                    || status.leaderId().equals(node.config().nodeId())) {
                fail(Problem.unavailable("no leader is known; try again"));
            } else {
                LedgerNodeConfig.Peer leader = node.peer(status.leaderId());
                finish(() -> proxy.forward(
                                leader, request, body, exchange.span().traceParent())
                        .thenApply(answer ->
                                answer.with(LeaderProxy.LEADER, node.config().urlOf(leader))));
            }
        }

        /** Reads leave the event loop and the Raft threads. */
        private void run(Route route, Exchange exchange) {
            try {
                readers.execute(() -> finish(() -> route.handler().handle(exchange)));
            } catch (RejectedExecutionException e) {
                fail(Problem.unavailable("the node is stopping"));
            }
        }

        /** From what this node has applied, and said so. */
        private void runStale(Route route, Exchange exchange) {
            // Before the read: what is answered is at least as new as what is said of it.
            Staleness staleness = Staleness.of(node);
            try {
                readers.execute(() -> finish(() -> route.handler()
                        .handle(exchange)
                        .thenApply(answer -> answer.with(Staleness.HEADER, staleness.text()))));
            } catch (RejectedExecutionException e) {
                fail(Problem.unavailable("the node is stopping"));
            }
        }

        private void finish(java.util.function.Supplier<CompletionStage<Answer>> work) {
            CompletionStage<Answer> result;
            try {
                result = work.get();
            } catch (RuntimeException e) {
                // The border of the API: whatever is thrown inside becomes one answer here, and is logged when it is a
                // fault.
                result = CompletableFuture.failedFuture(e);
            }
            result.whenComplete((answer, failure) -> {
                if (failure != null) {
                    fail(failure);
                } else {
                    answer(answer);
                }
            });
        }

        private void fail(Throwable failure) {
            answer(problem(failure).answer());
        }

        void answer(Answer answer) {
            if (loop.isCurrent()) {
                write(answer);
            } else {
                loop.execute(() -> write(answer));
            }
        }

        private void write(Answer answer) {
            if (answered) {
                return;
            }
            answered = true;
            if (admitted != null) {
                admission.leave(admitted, admittedBytes);
            }
            if (span != null) {
                span.end(answer.status());
            }
            HttpServerResponse response = request.response();
            if (response.closed()) {
                return;
            }
            response.setStatusCode(answer.status());
            response.putHeader("Content-Type", answer.contentType());
            for (int i = 0; i + 1 < answer.headers().size(); i += 2) {
                response.putHeader(answer.headers().get(i), answer.headers().get(i + 1));
            }
            if (answer.status() == 413 && request.version() != HttpVersion.HTTP_2) {
                // The rest of the body is not read: the connection can not carry another request. A stream of HTTP/2
                // can end.
                response.putHeader("Connection", "close");
            }
            Consumer<HttpServerResponse> stream = answer.stream();
            if (stream == null) {
                response.end(Buffer.buffer(answer.body()));
            } else {
                stream.accept(response);
            }
        }
    }

    /** A body as it comes, copied once when its length was announced, which admission counted. */
    private static final class Body {
        private final int announced;
        private byte[] bytes = NO_BODY;
        private int length;

        Body(int announced) {
            this.announced = announced;
        }

        int length() {
            return length;
        }

        void add(Buffer chunk) {
            int end = length + chunk.length();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(announced, length == 0 ? end : Math.max(2 * length, end)));
            }
            chunk.getBytes(bytes, length);
            length = end;
        }

        byte[] bytes() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    private Problem problem(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Problem problem) {
            return problem;
        }
        if (cause instanceof NotCommitted not) {
            return switch (not.kind()) {
                case NO_LEADER, NO_QUORUM -> Problem.unavailable(not.detail());
                case STORAGE_FULL -> Problem.storageFull(not.detail());
                case CLOCK_SKEW -> Problem.clockSkew(not.detail());
                case OVERLOADED ->
                    Problem.overloaded(
                            not.detail(), Integer.toString(node.limits().requestsInFlight()));
                case UNKNOWN ->
                    Problem.unknownOutcome(not.detail() + "; ask for the outcome, or send the same request again");
                case REFUSED ->
                    not.reason().equals("node_unknown")
                            ? Problem.notFound(not.reason(), not.detail())
                            : Problem.conflict(not.reason(), not.detail());
            };
        }
        LOG.atError().setCause(cause).log("request.failed: the answer is 500");
        return Problem.internal("the node failed on this request; its log says why");
    }

    /** Decoded after splitting, so that an encoded slash stays part of its segment. */
    private static String[] segments(@Nullable String path) {
        String[] segments = (path == null ? "" : path).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].indexOf('%') >= 0) {
                try {
                    segments[i] = URLDecoder.decode(segments[i].replace("+", "%2B"), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    throw Problem.invalidField(
                            "path", "percent-encoded UTF-8", "the path is not validly percent-encoded");
                }
            }
        }
        return segments;
    }

    private static boolean isBinary(Route route, @Nullable String type) {
        return type != null && !route.binaryType().isEmpty() && type.strip().equalsIgnoreCase(route.binaryType());
    }

    private static boolean isJson(@Nullable String type) {
        if (type == null || type.equals("application/json")) {
            return type != null;
        }
        String lower = type.toLowerCase(Locale.ROOT).replace(" ", "");
        return lower.equals("application/json") || lower.equals("application/json;charset=utf-8");
    }

    private static String printable(String text) {
        return text.length() > 32 ? text.substring(0, 32) : text;
    }

    private static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static byte[] openapi() {
        try (InputStream in = PublicApi.class.getResourceAsStream("/openapi.yaml")) {
            return in == null ? "".getBytes(StandardCharsets.UTF_8) : in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("openapi.yaml is part of this jar", e);
        }
    }
}
