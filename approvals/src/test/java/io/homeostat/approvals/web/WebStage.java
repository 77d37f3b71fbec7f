package io.homeostat.approvals.web;

import io.homeostat.approvals.bundle.BundleExport;
import io.homeostat.approvals.bundle.BundleExportLimits;
import io.homeostat.approvals.desk.ApprovalDesk;
import io.homeostat.approvals.desk.DeskLimits;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.InboxLimits;
import io.homeostat.approvals.inbox.Incidents;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerLimits;
import io.homeostat.approvals.testing.AdjustableClock;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.Stage;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailAnchoring;
import io.homeostat.approvals.trail.TrailLimits;
import io.homeostat.events.IncidentEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A real web server over a real trail and a fake ledger, without a broker, and a browser without a screen. */
final class WebStage implements AutoCloseable {
    final FakeLedger ledger = new FakeLedger();
    final AdjustableClock clock = new AdjustableClock(Instant.now());
    final Stage.RememberingStopButton stopButton = new Stage.RememberingStopButton();
    final ReasoningTrail trail;
    final LedgerBoard board;
    final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final BundleExport bundles;
    private final WebServer server;
    private final String base;

    WebStage(Path folder) {
        try {
            Stage stage = new Stage(folder);
            trail = ReasoningTrail.open(folder.resolve("trail"), TrailLimits.defaults());
            LedgerClient client = new LedgerClient(List.of(ledger.uri()), stage.tokenFile(), LedgerLimits.defaults());
            board = new LedgerBoard(client, clock);
            Incidents incidents = new Incidents(trail, InboxLimits.defaults());
            trail.listen(incidents);
            bundles = new BundleExport(
                    client,
                    trail,
                    new TrailAnchoring(trail, client, FakeLedger.NAME, scheduler, TrailLimits.defaults()),
                    folder.resolve("bundles"),
                    clock,
                    BundleExportLimits.defaults());
            bundles.prepare();
            Desk desk = new Desk(
                    new Inbox(board, incidents, trail, InboxLimits.defaults()),
                    incidents,
                    board,
                    trail,
                    new ApprovalDesk(
                            board, client, trail, event -> trail.append(List.of(event)), clock, DeskLimits.defaults()),
                    bundles,
                    stopButton,
                    () -> true,
                    () -> board.snapshot().everRead());
            server = new WebServer(
                    "127.0.0.1",
                    0,
                    Optional.empty(),
                    stage.usersFile(),
                    stage.apiTokensFile(),
                    desk,
                    10,
                    clock,
                    new SecureRandom(),
                    WebLimits.defaults());
            base = "http://127.0.0.1:" + server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Routes.Route> routes() {
        return server.routes();
    }

    void happened(List<IncidentEvent> events) {
        trail.append(events);
    }

    HttpResponse<String> send(String method, String path, Map<String, String> headers, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> get(String path) {
        return send("GET", path, Map.of(), "");
    }

    /** A signed-in browser. */
    Browser signIn(String user) {
        HttpResponse<String> answer = trySignIn(user, Stage.PASSWORD);
        if (answer.statusCode() != 303) {
            throw new AssertionError("expected to be signed in as " + user + " but found " + answer.statusCode());
        }
        return new Browser(cookieIn(answer, "homeostat="));
    }

    HttpResponse<String> trySignIn(String user, String password) {
        HttpResponse<String> form = get("/sign-in");
        return send(
                "POST",
                "/sign-in",
                Map.of(
                        "Cookie",
                        cookieIn(form, "homeostat-signin="),
                        "Content-Type",
                        "application/x-www-form-urlencoded"),
                form(Map.of("user", user, "password", password, "csrf", csrfIn(form.body()), "next", "/inbox")));
    }

    static String csrfIn(String html) {
        Matcher field =
                Pattern.compile("name=\"csrf\" (?:value|content)=\"([^\"]+)\"").matcher(html);
        if (!field.find()) {
            throw new AssertionError("expected a csrf token in the page");
        }
        return field.group(1);
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    static String cookieIn(HttpResponse<String> answer, String prefix) {
        return answer.headers().allValues("set-cookie").stream()
                .filter(c -> c.startsWith(prefix))
                .map(c -> c.substring(0, c.indexOf(';')))
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected the cookie " + prefix));
    }

    @Override
    public void close() {
        server.close();
        bundles.close();
        scheduler.shutdownNow();
        trail.close();
        ledger.close();
    }

    /** What a browser with a session sends. */
    final class Browser {
        final String cookie;

        Browser(String cookie) {
            this.cookie = cookie;
        }

        HttpResponse<String> get(String path) {
            return send("GET", path, Map.of("Cookie", cookie), "");
        }

        HttpResponse<String> postForm(String path, Map<String, String> fields) {
            return send(
                    "POST",
                    path,
                    Map.of("Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded"),
                    form(fields));
        }

        HttpResponse<String> postJson(String path, String csrf, String json) {
            return send(
                    "POST",
                    path,
                    Map.of("Cookie", cookie, "Content-Type", "application/json", "X-CSRF-Token", csrf),
                    json);
        }

        String csrf() {
            return csrfIn(get("/inbox").body());
        }
    }
}
