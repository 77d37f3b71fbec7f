package io.homeostat.approvals.web;

import io.homeostat.approvals.ledger.LedgerFault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: it finds out who is calling, asks the route table whether they may, checks the token of changing
 * requests, and runs the handler on a worker thread. Headers that keep browsers strict are on every answer.
 *
 * <p>Thread-safe.
 */
public final class WebServer implements AutoCloseable {
    /** A second is usual; a machine that is busy with other starts needs many. */
    private static final long WITHIN_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final String CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            + "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static final Set<String> TLS_VERSIONS = Set.of("TLSv1.2", "TLSv1.3");
    private static final List<String> TLS_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

    private final Vertx vertx;
    private final WorkerExecutor workers;
    private final HttpServer server;
    private final boolean secure;
    private final Sessions sessions;
    private final ApiTokens tokens;
    private final Pages pages;
    private final List<Routes.Route> routes;

    public WebServer(
            String host,
            int port,
            Optional<WebTls> tls,
            Path usersFile,
            Path apiTokensFile,
            Desk desk,
            int minReasonChars,
            InstantSource clock,
            SecureRandom random,
            WebLimits limits) {
        this.secure = tls.isPresent();
        this.sessions = new Sessions(clock, random, limits);
        this.tokens = ApiTokens.read(apiTokensFile);
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        SignIn signIn = new SignIn(UsersFile.read(usersFile), sessions, clock, secret, limits);
        this.pages = new Pages(
                desk, new Views(desk.trail(), clock), new Templates(), Assets.load(), signIn, sessions, minReasonChars);
        this.routes = Routes.table(pages, new Api(desk, clock, limits));
        this.vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(2).setInternalBlockingPoolSize(2));
        this.workers = vertx.createSharedWorkerExecutor("approvals-web", limits.workers());
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setIdleTimeout(120)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        tls.ifPresent(files -> {
            options.setSsl(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .addCertPath(files.certificateChain().toString())
                            .addKeyPath(files.privateKey().toString()))
                    .setEnabledSecureTransportProtocols(TLS_VERSIONS);
            TLS_SUITES.forEach(options::addEnabledCipherSuite);
        });
        this.server = vertx.createHttpServer(options).requestHandler(router(limits));
    }

    /** Listens, and returns the port. */
    public int start() {
        return awaited(server.listen(), "listening").actualPort();
    }

    @Override
    public void close() {
        workers.close();
        awaited(vertx.close(), "closing");
    }

    /** The table that is served. */
    List<Routes.Route> routes() {
        return routes;
    }

    private static <T> T awaited(Future<T> future, String what) {
        try {
            return future.await(WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the web server was still " + what + " after " + WITHIN_SECONDS + " s", e);
        }
    }

    private Router router(WebLimits limits) {
        Router router = Router.router(vertx);
        router.route().handler(WebServer::strictHeaders);
        router.route()
                .handler(BodyHandler.create(false)
                        .setBodyLimit(limits.maxBodyBytes())
                        .setMergeFormAttributes(false));
        for (Routes.Route route : routes) {
            router.route(HttpMethod.valueOf(route.method()), route.path()).handler(context -> serve(route, context));
        }
        router.route()
                .handler(context -> refuse(
                        context,
                        context.normalizedPath().startsWith("/api/"),
                        Problem.notFound("There is nothing at this address."),
                        identify(context, true).orElse(null)));
        router.route().failureHandler(this::failed);
        return router;
    }

    private void serve(Routes.Route route, RoutingContext context) {
        boolean api = route.kind() == Routes.Kind.API;
        Optional<Caller> caller = identify(context, route.kind() == Routes.Kind.FRAGMENT);
        try {
            requireAllowed(route, context, caller);
        } catch (Problem problem) {
            refuse(context, api, problem, caller.orElse(null));
            return;
        } catch (NotSignedIn e) {
            toSignIn(route, context);
            return;
        }
        String freshSignIn = route.path().equals("/sign-in") ? freshSignInCookie(context) : null;
        Call call = call(context, caller.orElse(null), freshSignIn);
        workers.executeBlocking(() -> handled(route, call), false)
                .onSuccess(reply -> send(context, reply))
                .onFailure(fault -> {
                    if (fault instanceof Problem problem) {
                        refuse(context, api, problem, caller.orElse(null));
                    } else {
                        LOG.atError().addKeyValue("path", route.path()).log("a request failed", fault);
                        refuse(
                                context,
                                api,
                                new Problem(500, "bug", "Something broke here", "The fault was recorded. Try again."),
                                caller.orElse(null));
                    }
                });
    }

    private static Reply handled(Routes.Route route, Call call) {
        try {
            return route.handler().handle(call);
        } catch (LedgerFault e) {
            throw new Problem(
                    503,
                    "ledger-away",
                    "The ledger does not answer",
                    "Nothing was changed that you were not told of. Look at the case again before you repeat a decision.",
                    "",
                    2);
        }
    }

    private static final class NotSignedIn extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotSignedIn() {
            super("not signed in", null, false, false);
        }
    }

    private void requireAllowed(Routes.Route route, RoutingContext context, Optional<Caller> caller) {
        if (route.changes() && !sameOrigin(context)) {
            throw new Problem(403, "csrf", "Refused", "The request came from another site.");
        }
        if (route.access() == Role.Access.PUBLIC) {
            return;
        }
        if (caller.isEmpty()) {
            if (route.kind() == Routes.Kind.API) {
                throw new Problem(401, "not-signed-in", "Not signed in", "Send a bearer token or sign in.");
            }
            throw new NotSignedIn();
        }
        if (!caller.get().may(route.access())) {
            throw new Problem(
                    403,
                    "role",
                    "Your role does not allow this",
                    "This needs one of the roles "
                            + route.access().roles().stream()
                                    .map(Role::wireName)
                                    .sorted()
                                    .toList()
                            + ".");
        }
        Sessions.Session session = caller.get().session();
        if (route.changes() && session != null && !SignIn.same(session.csrfToken(), csrfIn(context))) {
            throw new Problem(403, "csrf", "The page is too old", "Load the page again and repeat.");
        }
    }

    /** Bearer token first; programs have no cookie, browsers no token. Only API routes take tokens. */
    private Optional<Caller> identify(RoutingContext context, boolean peek) {
        String authorization = context.request().getHeader("Authorization");
        if (authorization != null) {
            return context.normalizedPath().startsWith("/api/") && authorization.startsWith("Bearer ")
                    ? tokens.find(authorization.substring("Bearer ".length()).strip())
                    : Optional.empty();
        }
        Cookie cookie = context.request().getCookie(sessionCookie());
        if (cookie == null) {
            return Optional.empty();
        }
        return (peek ? sessions.peek(cookie.getValue()) : sessions.find(cookie.getValue())).map(Caller::of);
    }

    private Call call(RoutingContext context, @Nullable Caller caller, @Nullable String freshSignIn) {
        Map<String, String> query = new HashMap<>();
        context.queryParams().forEach(query::put);
        Map<String, String> form = new HashMap<>();
        context.request().formAttributes().forEach(form::put);
        Map<String, String> cookies = new HashMap<>();
        putCookie(context, sessionCookie(), "session", cookies);
        putCookie(context, signInCookie(), "signin", cookies);
        if (freshSignIn != null) {
            cookies.put("signin", freshSignIn);
        }
        Buffer body = context.body().buffer();
        return new Call(
                context.pathParams(),
                query,
                form,
                cookies,
                body == null ? new byte[0] : body.getBytes(),
                context.request().remoteAddress().hostAddress(),
                origin(context),
                caller);
    }

    /** What a browser calls this server's origin: no port where it is the scheme's own (RFC 6454, section 6.2). */
    private String origin(RoutingContext context) {
        HostAndPort authority = context.request().authority();
        if (authority == null) {
            return "";
        }
        int usual = secure ? 443 : 80;
        String port = authority.port() > 0 && authority.port() != usual ? ":" + authority.port() : "";
        return (secure ? "https://" : "http://") + authority.host().toLowerCase(java.util.Locale.ROOT) + port;
    }

    private static void putCookie(RoutingContext context, String name, String as, Map<String, String> cookies) {
        Cookie cookie = context.request().getCookie(name);
        if (cookie != null) {
            cookies.put(as, cookie.getValue());
        }
    }

    private @Nullable String freshSignInCookie(RoutingContext context) {
        if (context.request().getCookie(signInCookie()) != null) {
            return null;
        }
        String value = sessions.randomToken();
        context.response().addCookie(cookie(signInCookie(), value));
        return value;
    }

    private void send(RoutingContext context, Reply reply) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            delete(reply.file());
            return;
        }
        String sessionId = reply.sessionId();
        if (sessionId != null) {
            Cookie cookie = cookie(sessionCookie(), sessionId);
            response.addCookie(sessionId.isEmpty() ? cookie.setMaxAge(0) : cookie);
        }
        response.setStatusCode(reply.status()).putHeader("Content-Type", reply.contentType());
        reply.headers().forEach(response::putHeader);
        Path file = reply.file();
        if (file == null) {
            response.end(Buffer.buffer(reply.body()));
            return;
        }
        response.sendFile(file.toString()).onComplete(done -> delete(file));
    }

    private void refuse(RoutingContext context, boolean api, Problem problem, @Nullable Caller caller) {
        Reply reply = api
                ? new Reply(
                        problem.status(),
                        "application/problem+json",
                        ApiJson.write(problem.asJson()),
                        Map.of(),
                        null,
                        null)
                : pages.problem(problem, caller);
        if (problem.retryAfterSeconds() > 0) {
            reply = reply.with("Retry-After", Long.toString(problem.retryAfterSeconds()));
        }
        if (problem.status() == 401) {
            reply = reply.with("WWW-Authenticate", "Bearer");
        }
        send(context, reply);
    }

    private void toSignIn(Routes.Route route, RoutingContext context) {
        if (route.kind() == Routes.Kind.FRAGMENT) {
            // A fragment must not become a sign-in form inside a page: the browser loads the whole.
            send(context, Reply.html(401, "").with("HX-Refresh", "true"));
            return;
        }
        String next = URLEncoder.encode(context.normalizedPath(), StandardCharsets.UTF_8);
        send(context, Reply.redirect("/sign-in" + (route.changes() ? "" : "?next=" + next)));
    }

    private void failed(RoutingContext context) {
        int status = context.statusCode() <= 0 ? 500 : context.statusCode();
        boolean api = context.normalizedPath().startsWith("/api/");
        Problem problem = switch (status) {
            case 413 -> new Problem(413, "too-large", "The request is too large", "Bodies have at most 64 KiB here.");
            case 400 -> new Problem(400, "malformed", "Malformed request", "The request could not be read.");
            default -> new Problem(status, "bug", "Something broke here", "The fault was recorded. Try again.");
        };
        if (status >= 500) {
            LOG.atError().addKeyValue("path", context.normalizedPath()).log("a request failed", context.failure());
        }
        refuse(context, api, problem, null);
    }

    /** The session's token travels in a header (scripts) or a form field. */
    private static String csrfIn(RoutingContext context) {
        String header = context.request().getHeader("X-CSRF-Token");
        String field = context.request().getFormAttribute("csrf");
        return header != null ? header : field == null ? "" : field;
    }

    private static boolean sameOrigin(RoutingContext context) {
        String site = context.request().getHeader("Sec-Fetch-Site");
        return site == null || site.equals("same-origin") || site.equals("none");
    }

    private static void strictHeaders(RoutingContext context) {
        context.response()
                .putHeader("Content-Security-Policy", CSP)
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Cache-Control", "no-store");
        if (context.request().isSSL()) {
            context.response().putHeader("Strict-Transport-Security", "max-age=31536000");
        }
        context.next();
    }

    private String sessionCookie() {
        return secure ? "__Host-homeostat" : "homeostat";
    }

    private String signInCookie() {
        return secure ? "__Host-homeostat-signin" : "homeostat-signin";
    }

    private Cookie cookie(String name, String value) {
        return Cookie.cookie(name, value)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(secure)
                .setSameSite(CookieSameSite.STRICT);
    }

    private static void delete(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("deleting " + file, e);
        }
    }
}
