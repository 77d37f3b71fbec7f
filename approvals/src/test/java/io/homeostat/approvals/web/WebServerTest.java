package io.homeostat.approvals.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.approvals.testing.Stage;
import io.homeostat.approvals.testing.Stories;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WebServerTest {
    private static final String REASON = "invoice 7781 was checked";
    private static final String SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    @TempDir
    Path folder;

    private WebStage stage;

    @BeforeEach
    void open() {
        stage = new WebStage(folder);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void every_answer_carries_the_strict_headers() {
        for (HttpResponse<String> answer : List.of(
                stage.get("/sign-in"),
                stage.get("/health/live"),
                stage.get("/api/inbox"),
                stage.get("/nothing"),
                stage.get("/assets/app.js"),
                stage.signIn("vera").get("/inbox"))) {
            String csp = answer.headers().firstValue("content-security-policy").orElse("");
            assertThat(csp)
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe", "*");
            assertThat(answer.headers().firstValue("x-frame-options")).contains("DENY");
            assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
            assertThat(answer.headers().firstValue("referrer-policy")).contains("no-referrer");
        }
    }

    @Test
    void pages_have_no_inline_script_style_or_foreign_address() {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        String caseId = stage.ledger.holdTransfer(1_900_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser browser = stage.signIn("mara");

        for (String path : List.of(
                "/inbox",
                "/incidents",
                "/incidents/incident-1",
                "/trail",
                "/trail/2",
                "/controls",
                "/cases/" + caseId)) {
            String html = browser.get(path).body();
            assertThat(html).as(path).doesNotContainPattern("<script(?![^>]* src=)");
            assertThat(html).as(path).doesNotContainPattern("(?i)<[^>]+\\s(style|on[a-z]+)=");
            assertThat(html).as(path).doesNotContainPattern("(src|href|action)=\"(https?:)?//");
        }
    }

    @Test
    void the_session_cookie_is_http_only_and_strict() {
        HttpResponse<String> answer = stage.trySignIn("olga", Stage.PASSWORD);

        String cookie = answer.headers().allValues("set-cookie").stream()
                .filter(c -> c.startsWith("homeostat="))
                .findFirst()
                .orElseThrow();
        assertThat(cookie.toLowerCase(java.util.Locale.ROOT)).contains("httponly", "samesite=strict", "path=/");
        assertThat(answer.headers().firstValue("location")).contains("/inbox");
    }

    @Test
    void a_wrong_password_and_an_unknown_user_get_the_same_answer() {
        HttpResponse<String> wrong = stage.trySignIn("olga", "wrong password");
        HttpResponse<String> unknown = stage.trySignIn("nobody", "wrong password");

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("Name or password is wrong.");
        assertThat(unknown.body()).contains("Name or password is wrong.");
    }

    @Test
    void the_sixth_failed_try_is_429_and_the_window_ends() {
        for (int i = 0; i < 5; i++) {
            assertThat(stage.trySignIn("olga", "wrong password").statusCode()).isEqualTo(401);
        }
        HttpResponse<String> sixth = stage.trySignIn("olga", Stage.PASSWORD);
        assertThat(sixth.statusCode()).isEqualTo(429);
        assertThat(Long.parseLong(sixth.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(299L, 301L);
        assertThat(stage.trySignIn("carl", Stage.PASSWORD).statusCode()).isEqualTo(303);

        stage.clock.advance(Duration.ofMinutes(5));
        assertThat(stage.trySignIn("olga", Stage.PASSWORD).statusCode()).isEqualTo(303);
    }

    @Test
    void good_tries_do_not_count() {
        for (int i = 0; i < 40; i++) {
            assertThat(stage.trySignIn("olga", Stage.PASSWORD).statusCode()).isEqualTo(303);
        }
    }

    @Test
    void a_sign_in_form_without_its_own_cookie_is_refused() {
        String csrf = WebStage.csrfIn(stage.get("/sign-in").body());
        HttpResponse<String> answer = stage.send(
                "POST",
                "/sign-in",
                Map.of("Content-Type", "application/x-www-form-urlencoded"),
                WebStage.form(Map.of("user", "olga", "password", Stage.PASSWORD, "csrf", csrf)));

        assertThat(answer.statusCode()).isEqualTo(403);
    }

    @Test
    void after_signing_in_nobody_is_sent_to_another_site() {
        for (String next :
                List.of("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)")) {
            String page = stage.get("/sign-in?next="
                            + java.net.URLEncoder.encode(next, java.nio.charset.StandardCharsets.UTF_8))
                    .body();
            assertThat(page).contains("name=\"next\" value=\"/inbox\"");
        }
        assertThat(stage.get("/sign-in?next=%2Fcases%2Ftransfer:1").body())
                .contains("name=\"next\" value=\"/cases/transfer:1\"");
    }

    @Test
    void a_changing_request_without_the_sessions_token_is_refused() {
        WebStage.Browser browser = stage.signIn("otto");
        Map<String, String> why = Map.of("reason", "a drill of the on-call");

        assertThat(browser.postForm("/controls/stop", why).statusCode()).isEqualTo(403);
        assertThat(browser.postForm("/controls/stop", Map.of("reason", why.get("reason"), "csrf", "guess"))
                        .statusCode())
                .isEqualTo(403);
        String other = stage.signIn("mara").csrf();
        assertThat(browser.postForm("/controls/stop", Map.of("reason", why.get("reason"), "csrf", other))
                        .statusCode())
                .isEqualTo(403);
        assertThat(stage.stopButton.pressed).isEmpty();

        assertThat(browser.postForm("/controls/stop", Map.of("reason", why.get("reason"), "csrf", browser.csrf()))
                        .statusCode())
                .isEqualTo(303);
        assertThat(stage.stopButton.pressed).containsExactly("stop otto: a drill of the on-call");
        assertThat(browser.get("/controls").body())
                .contains("Automation is stopped")
                .contains("otto");
    }

    @Test
    void a_request_from_another_site_is_refused_even_with_everything_right() {
        WebStage.Browser browser = stage.signIn("otto");
        HttpResponse<String> answer = stage.send(
                "POST",
                "/controls/stop",
                Map.of(
                        "Cookie", browser.cookie,
                        "Content-Type", "application/x-www-form-urlencoded",
                        "Sec-Fetch-Site", "cross-site"),
                WebStage.form(Map.of("reason", "a drill of the on-call", "csrf", browser.csrf())));

        assertThat(answer.statusCode()).isEqualTo(403);
    }

    @Test
    void signing_out_and_idling_end_the_session_and_refreshing_fragments_do_not_prolong_it() {
        WebStage.Browser browser = stage.signIn("vera");
        assertThat(browser.postForm("/sign-out", Map.of("csrf", browser.csrf())).statusCode())
                .isEqualTo(303);
        assertThat(browser.get("/inbox").statusCode()).isEqualTo(303);

        WebStage.Browser idle = stage.signIn("vera");
        for (int i = 0; i < 30; i++) {
            stage.clock.advance(Duration.ofMinutes(1));
            assertThat(idle.get("/inbox/live").statusCode()).isEqualTo(200);
        }
        stage.clock.advance(Duration.ofSeconds(1));
        HttpResponse<String> late = idle.get("/inbox/live");
        assertThat(late.statusCode()).isEqualTo(401);
        assertThat(late.headers().firstValue("hx-refresh")).contains("true");
    }

    @Test
    void a_signed_decision_reaches_the_ledger_and_the_reason_stays_here() throws IOException {
        String caseId = stage.ledger.holdTransfer(250_000_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser olga = stage.signIn("olga");

        HttpResponse<String> answer = decide(olga, caseId, "k-olga", true, REASON);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("case").path("approvals")).hasSize(1);
        assertThat(stage.ledger.heldCase(caseId).toString()).doesNotContain(REASON);
        assertThat(olga.get("/cases/" + caseId).body()).contains(REASON).contains("You have signed.");
    }

    @Test
    void the_browsers_signature_under_a_changed_amount_is_refused_by_the_ledger() throws IOException {
        String caseId = stage.ledger.holdTransfer(250_000_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser olga = stage.signIn("olga");
        String body = body(caseId, "k-olga", true, REASON)
                .replace(stage.ledger.heldCase(caseId).path("payloadDigest").asText(), "a".repeat(64));

        HttpResponse<String> answer = olga.postJson("/api/cases/" + caseId + "/decisions", olga.csrf(), body);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(json(answer).path("reason").asText()).isEqualTo("payload_differs");
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    }

    @Test
    void nobody_decides_with_somebody_elses_key_or_on_an_own_request() throws IOException {
        String caseId = stage.ledger.holdTransfer(250_000_000, "rita", 3600);
        stage.board.refresh();

        HttpResponse<String> foreign = decide(stage.signIn("olga"), caseId, "k-carl", true, REASON);
        HttpResponse<String> own = decide(stage.signIn("rita"), caseId, "k-rita", true, REASON);

        assertThat(json(foreign).path("type").asText()).endsWith("/not-your-key");
        assertThat(json(own).path("reason").asText()).isEqualTo("approver_is_requester");
        assertThat(stage.signIn("rita").get("/cases/" + caseId).body())
                .contains("You asked for this yourself")
                .doesNotContain("data-testid=\"approve\"");
    }

    @Test
    void unknown_fields_and_a_missing_reason_are_refused_by_name() throws IOException {
        String caseId = stage.ledger.holdTransfer(250_000_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser olga = stage.signIn("olga");
        String path = "/api/cases/" + caseId + "/decisions";

        HttpResponse<String> unknown = olga.postJson(path, olga.csrf(), "{\"privateKey\":\"MC4C\"}");
        HttpResponse<String> unreasoned = olga.postJson(path, olga.csrf(), body(caseId, "k-olga", true, "ok"));

        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unreasoned.statusCode()).isEqualTo(400);
        assertThat(json(unreasoned).path("field").asText()).isEqualTo("reason");
    }

    @Test
    void a_body_above_the_limit_is_413() {
        WebStage.Browser olga = stage.signIn("olga");
        String csrf = olga.csrf();

        assertThat(olga.postJson("/api/cases/x/decisions", csrf, "{\"reason\":\"" + "x".repeat(70_000) + "\"}")
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void hostile_text_from_telemetry_people_and_models_is_shown_as_text() {
        List<IncidentEvent> events = new ArrayList<>();
        events.add(Stories.anomaly("1", "n2", Stories.START, Cause.SLOWNESS, SCRIPT, 0.1, 0.9));
        events.add(Stories.opened("1", "n2", Stories.START, "anomaly-1"));
        events.add(Stories.isolated("1", "n2", Stories.START, SCRIPT));
        events.add(Stories.planned("1", "n2", Stories.START));
        events.add(new IncidentEvent.ExplanationWritten(
                "explanation:1",
                Stories.START,
                "incident-1",
                "n2",
                SCRIPT,
                SCRIPT,
                false,
                List.of(),
                List.of(SCRIPT),
                "",
                ""));
        String recovery = stage.ledger.openRecovery("recovery:1", EventCodec.digest(Stories.plan("1", "n2")));
        events.add(Stories.requested("1", "n2", Stories.START, recovery));
        stage.happened(events);
        stage.board.refresh();
        WebStage.Browser olga = stage.signIn("olga");
        assertThat(decide(olga, recovery, "k-olga", true, SCRIPT + " and a reason")
                        .statusCode())
                .isEqualTo(200);

        for (String path : List.of(
                "/inbox",
                "/incidents",
                "/incidents/incident-1",
                "/cases/" + recovery,
                "/trail",
                "/trail/0",
                "/trail/2",
                "/trail/4",
                "/trail?story=" + java.net.URLEncoder.encode(SCRIPT, java.nio.charset.StandardCharsets.UTF_8))) {
            HttpResponse<String> page = olga.get(path);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.body()).as(path).doesNotContain("<script>alert").doesNotContain("<img src=x");
        }
        assertThat(olga.get("/cases/" + recovery).body()).contains("&lt;script&gt;alert(1)");
    }

    @Test
    void a_case_page_shows_the_evidence_before_the_words_and_the_decision_last() {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        String recovery = stage.ledger.openRecovery("recovery:1", EventCodec.digest(Stories.plan("1", "n2")));
        stage.happened(List.of(Stories.requested("1", "n2", Stories.START.plusSeconds(3), recovery)));
        stage.board.refresh();

        String html = stage.signIn("olga").get("/cases/" + recovery).body();

        assertThat(html.indexOf("data-testid=\"plan\""))
                .isPositive()
                .isLessThan(html.indexOf("data-testid=\"evidence\""));
        assertThat(html.indexOf("data-testid=\"evidence\"")).isLessThan(html.indexOf("data-testid=\"explanation\""));
        assertThat(html.indexOf("data-testid=\"explanation\"")).isLessThan(html.indexOf("data-testid=\"approve\""));
        assertThat(html).contains("equal to the digest that the ledger holds");
    }

    @Test
    void a_plan_that_is_not_what_the_case_is_over_is_said_loudly() {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        String recovery = stage.ledger.openRecovery("recovery:1", "e".repeat(64));
        stage.happened(List.of(Stories.requested("1", "n2", Stories.START.plusSeconds(3), recovery)));
        stage.board.refresh();

        assertThat(stage.signIn("olga").get("/cases/" + recovery).body())
                .contains("Do not sign what you can not read.")
                .doesNotContain("equal to the digest that the ledger holds");
    }

    @Test
    void while_the_ledger_is_away_pages_are_readable_and_say_how_old_they_are() {
        stage.ledger.holdTransfer(250_000_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser vera = stage.signIn("vera");
        stage.ledger.goAway();
        stage.clock.advance(Duration.ofSeconds(42));
        stage.board.refresh();

        assertThat(vera.get("/inbox").body()).contains("2,500,000.00").contains("What you see is 42 s old.");
    }

    @Test
    void a_decided_case_makes_an_open_page_load_itself_anew() {
        String caseId = stage.ledger.holdTransfer(1_900_000, "rita", 3600);
        stage.board.refresh();
        WebStage.Browser vera = stage.signIn("vera");
        assertThat(vera.get("/cases/" + caseId + "/live?seen=open").headers().firstValue("hx-refresh"))
                .isEmpty();

        stage.ledger.expire(caseId);

        assertThat(vera.get("/cases/" + caseId + "/live?seen=open").headers().firstValue("hx-refresh"))
                .contains("true");
    }

    @Test
    void a_moving_part_that_did_not_change_is_not_sent_again() {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        stage.board.refresh();
        WebStage.Browser vera = stage.signIn("vera");
        String page = vera.get("/incidents/incident-1").body();
        String live = page.replaceAll("(?s).*hx-get=\"(/incidents/[^\"]+)\".*", "$1");

        assertThat(vera.get(live).statusCode()).isEqualTo(204);
        stage.happened(Stories.healed("1", "n2", Stories.START));
        HttpResponse<String> changed = vera.get(live);

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.body()).contains("Recovery verified").doesNotContain(live);
    }

    @Test
    void the_trail_api_gives_leaves_by_sequence() throws IOException {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        HttpResponse<String> answer = stage.signIn("ada").get("/api/trail?from=1&limit=2");

        JsonNode json = json(answer);
        assertThat(json.path("size").asInt()).isEqualTo(4);
        assertThat(json.path("leaves")).hasSize(2);
        assertThat(json.path("leaves").get(0).path("event").path("kind").asText())
                .isEqualTo("IncidentOpened");
        assertThat(stage.signIn("ada").get("/api/trail?from=-1").statusCode()).isEqualTo(400);
    }

    @Test
    void a_bundle_is_a_download_for_auditors() {
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        stage.board.refresh();

        HttpResponse<String> answer = stage.signIn("ada").get("/bundles/incident-1");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).startsWith("homeostat-bundle/1\n");
        assertThat(answer.headers().firstValue("content-disposition"))
                .contains("attachment; filename=\"incident-1.homeostat-bundle\"");
        assertThat(stage.signIn("ada").get("/bundles/incident-404").statusCode())
                .isEqualTo(404);
    }

    @Test
    void health_says_ready_only_after_the_ledger_was_read() {
        assertThat(stage.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(stage.get("/health/started").statusCode()).isEqualTo(200);
        assertThat(stage.get("/health/ready").statusCode()).isEqualTo(503);
        stage.board.refresh();
        assertThat(stage.get("/health/ready").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> decide(
            WebStage.Browser browser, String caseId, String keyId, boolean approve, String reason) {
        return browser.postJson(
                "/api/cases/" + caseId + "/decisions", browser.csrf(), body(caseId, keyId, approve, reason));
    }

    private String body(String caseId, String keyId, boolean approve, String reason) {
        JsonNode held = stage.ledger.heldCase(caseId);
        return new ObjectMapper()
                .createObjectNode()
                .put("keyId", keyId)
                .put("decision", approve ? "approve" : "deny")
                .put("reason", reason)
                .put("payloadDigest", held.path("payloadDigest").asText())
                .put("expiresAtMicros", held.path("expiresAtMicros").asLong())
                .put("signature", stage.ledger.sign(caseId, keyId, approve, reason))
                .toString();
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }
}
