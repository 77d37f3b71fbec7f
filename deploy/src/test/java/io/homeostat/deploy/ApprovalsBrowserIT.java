package io.homeostat.deploy;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.homeostat.deploy.approve.ApprovalsWeb;
import io.homeostat.deploy.approve.Approver;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import io.homeostat.deploy.testing.Ports;
import io.homeostat.events.Decision;
import io.homeostat.events.SignedApproval;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Two people approve a high-value transfer in a real browser, against a real cluster. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApprovalsBrowserIT {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final double PATIENCE_MILLIS = 30_000;
    private static final int[] WIDTHS = {1280, 390};

    private static Path folder;

    private static HomeostatProcess up;
    private static ClusterDirectory cluster;
    private static Playwright playwright;
    private static Browser browser;
    private static Path screenshots;

    @BeforeAll
    static void a_cluster_and_a_browser() throws Exception {
        boolean present = Files.isExecutable(CHROMIUM);
        if ("true".equals(System.getenv("CI"))) {
            assertThat(present)
                    .as("CI=true needs " + CHROMIUM + ": apt-get install chromium")
                    .isTrue();
        }
        assumeTrue(present, "skipped: no browser at " + CHROMIUM + "; apt-get install chromium");
        screenshots = Files.createDirectories(
                Path.of(System.getProperty("homeostat.target", "target")).resolve("screenshots"));
        folder = Folders.fresh("approvals-browser");
        up = HomeostatProcess.start(
                "up", "--data", folder.resolve("cluster").toString(), "--port", String.valueOf(Ports.free()));
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setHeadless(true)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
        up.awaitLine(line -> line.contains("Ctrl-C stops everything"), Duration.ofMinutes(5));
        cluster = ClusterDirectory.open(folder.resolve("cluster"));
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
        if (playwright != null) {
            playwright.close();
        }
        if (up != null) {
            up.close();
        }
    }

    @Test
    void two_people_of_different_roles_sign_in_the_browser_and_the_transfer_is_posted() throws Exception {
        UUID id = heldTransfer();
        String caseId = "transfer:" + id;

        try (Person rita = new Person("rita")) {
            rita.page.navigate(url("/cases/" + caseId));
            assertThat(rita.page.getByTestId("may-not-decide")).containsText("You asked for this yourself");
        }
        try (Person olga = new Person("olga")) {
            olga.opensFromTheInbox(caseId);
            assertThat(olga.page.getByTestId("case-amount")).containsText("1,234,567.89");
            assertThat(olga.page.getByTestId("payload-check")).containsText("equal to the digest");
            olga.shoot("case");
            olga.chooses(cluster.approverKeyFile("olga"));
            olga.approves("invoice 4711 and bank details checked by phone");
            assertThat(olga.page.getByTestId("has-decided")).isVisible(patient());
        }
        assertThat(status(id)).isEqualTo("held");
        try (Person carl = new Person("carl")) {
            carl.opensFromTheInbox(caseId);
            assertThat(carl.page.getByTestId("approval")).containsText("invoice 4711");
            carl.chooses(cluster.approverKeyFile("carl"));
            carl.approves("screening is clear, within the yearly frame");
            assertThat(carl.page.getByTestId("case-outcome")).containsText("approved", containing());
            carl.shoot("decided");
        }
        assertThat(status(id)).isEqualTo("posted");

        try (Person ada = new Person("ada")) {
            ada.page.navigate(url("/trail"));
            assertThat(ada.page.locator("main")).containsText("Approval decided", containing());
            ada.shoot("trail");
            ada.page.navigate(url("/cases/" + caseId));
            Path bundle = folder.resolve("case.bundle");
            Download download = ada.page.waitForDownload(
                    () -> ada.page.getByTestId("bundle-link").click());
            download.saveAs(bundle);
            try (HomeostatProcess verify = HomeostatProcess.start("verify", bundle.toString())) {
                assertThat(verify.awaitExit(Duration.ofSeconds(60)))
                        .as(verify.output())
                        .isZero();
                assertThat(verify.output()).contains("completeness  pass");
            }
        }
    }

    @Test
    void a_key_of_somebody_else_is_of_no_use_and_a_wrong_password_opens_nothing() throws Exception {
        String caseId = "transfer:" + heldTransfer();

        try (Person olga = new Person("olga")) {
            olga.page.navigate(url("/cases/" + caseId));
            olga.chooses(cluster.approverKeyFile("carl"));
            olga.approves("with the key of a colleague");
            assertThat(olga.page.getByTestId("decision-note")).not().isEmpty(notEmpty());
            assertThat(olga.page.getByTestId("approval")).hasCount(0);
        }
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.navigate(url("/inbox"));
            page.getByTestId("sign-in-user").fill("carl");
            page.getByTestId("sign-in-password").fill("not-the-password");
            page.getByTestId("sign-in-submit").click();
            assertThat(page.getByTestId("sign-in-fault")).not().isEmpty(notEmpty());
        }
    }

    @Test
    void a_passkey_that_others_have_approved_signs_and_a_tampered_assertion_does_not() throws Exception {
        String keyCase;
        try (Person olga = new Person("olga", named())) {
            olga.withAuthenticator();
            olga.page.navigate(named() + "/keys");
            assertThat(olga.page.getByTestId("key-row")).hasCount(1);
            olga.shoot("keys");
            olga.page.getByTestId("passkey-add").click();
            olga.page.getByTestId("change-title").waitFor();
            keyCase = olga.page.url().replaceAll(".*/cases/", "").replace("%3A", ":");
            assertThat(olga.page.getByTestId("may-not-decide")).containsText("your own key");
            for (String other : List.of("rita", "carl")) {
                try (Person approver = new Person(other)) {
                    approver.page.navigate(url("/cases/" + keyCase));
                    assertThat(approver.page.getByTestId("change-words")).containsText("registered for olga");
                    assertThat(approver.page.getByTestId("change-diff")).containsText("bound to " + named());
                    assertThat(approver.page.getByTestId("payload-check")).containsText("equal to the digest");
                    assertThat(approver.page.getByTestId("escalation")).containsText("operations may stand in");
                    approver.shoot("key-case");
                    approver.chooses(cluster.approverKeyFile(other));
                    approver.approves("olga read the fingerprint to me by phone");
                    assertThat(approver.page.getByTestId(other.equals("rita") ? "has-decided" : "case-outcome"))
                            .isVisible(patient());
                }
            }

            UUID id = heldTransfer();
            String caseId = "transfer:" + id;
            olga.page.navigate(named() + "/cases/" + caseId);
            // The board reads the new policy when it sees that the case was decided.
            olga.reloadsUntil("passkey-state");
            assertThat(olga.page.getByTestId("with-passkey")).isChecked();
            olga.shoot("passkey-case");
            olga.tampersWithSignatures();
            olga.approves("a byte of this assertion is changed on its way");
            assertThat(olga.page.getByTestId("decision-note")).containsText("does not verify", containing());
            assertThat(olga.page.getByTestId("approval")).hasCount(0);
            olga.page.unrouteAll();
            olga.approves("invoice 4712 and bank details checked by phone");
            assertThat(olga.page.getByTestId("has-decided")).isVisible(patient());
            assertThat(olga.page.getByTestId("approval")).containsText("key olga-");
            assertThat(status(id)).isEqualTo("held");

            try (Person carl = new Person("carl")) {
                carl.page.navigate(url("/cases/" + caseId));
                carl.chooses(cluster.approverKeyFile("carl"));
                carl.approves("screening is clear, within the yearly frame");
                assertThat(carl.page.getByTestId("case-outcome")).containsText("approved", containing());
            }
            assertThat(status(id)).isEqualTo("posted");
            Path bundle = folder.resolve("passkey.bundle");
            web(Principal.ADA).bundle(caseId, bundle);
            assertThat(BundleVerifier.verify(bundle, Optional.empty()).completeness())
                    .isEqualTo(Verdict.PASS);
        }
    }

    /** The attacks of GateAttackIT, handed in through the web server as a browser would. */
    @Test
    void what_must_not_count_does_not_count_through_the_web_server_either() throws Exception {
        UUID id = heldTransfer();
        String caseId = "transfer:" + id;
        ApprovalsWeb web = web(Principal.OLGA);
        JsonNode held = web.heldCase(caseId);
        String payload = held.path("payloadDigest").asText();
        long expires = held.path("expiresAtMicros").asLong();
        String other = payload.replace(payload.charAt(0), payload.charAt(0) == '0' ? '1' : '0');
        Approver carl = approver("carl");
        Map<String, SignedApproval> attacks = new LinkedHashMap<>();
        attacks.put("signature_invalid", renamed("carl", signed(approver("olga"), caseId, payload, expires)));
        attacks.put("signature_invalid ", signed(carl, "recovery:another", payload, expires));
        attacks.put("payload_differs", signed(carl, caseId, other, expires));
        attacks.put("statement_expired", signed(carl, caseId, payload, 1));
        attacks.put("statement_outlives_case", signed(carl, caseId, payload, expires + 1));
        attacks.put("approver_is_requester", signed(approver("rita"), caseId, payload, expires));
        attacks.put("key_unknown", renamed("nobody", signed(carl, caseId, payload, expires)));
        for (Map.Entry<String, SignedApproval> attack : attacks.entrySet()) {
            Rest.Answer answer = web.decide(caseId, attack.getValue(), REASON);
            assertThat(answer.status()).as(answer.text()).isEqualTo(403);
            assertThat(answer.reason()).isEqualTo(attack.getKey().strip());
        }
        SignedApproval honest = signed(approver("olga"), caseId, payload, expires);
        assertThat(web.decide(caseId, honest, REASON).accepted()).isTrue();
        // The very same statement again is the lost answer of the first; it does not count twice.
        assertThat(web.decide(caseId, honest, REASON).accepted()).isTrue();
        assertThat(web.heldCase(caseId).path("approvals")).hasSize(1);
        assertThat(status(id)).isEqualTo("held");
    }

    @Test
    void policy_and_keys_change_from_the_command_line_by_cases_that_people_approve() throws Exception {
        String data = folder.resolve("cluster").toString();
        AnyNode operator = ledger(Principal.OPERATOR);
        ObjectNode draft = (ObjectNode) operator.get("/v1/policy").orFail().json();
        long version = draft.path("version").asLong();
        for (JsonNode tier : draft.path("tiers")) {
            if (tier.path("kind").asText().equals("recovery")) {
                ((ObjectNode) tier).put("expirySeconds", 1800);
            }
        }
        String file = Files.writeString(folder.resolve("policy.json"), draft.toString())
                .toString();

        assertThat(run(0, "policy", "diff", file, "--data", data))
                .contains("Tier recovery: a case expires after 30 min instead of 1 h.")
                .doesNotContain("  ! ");
        String proposed = run(0, "policy", "propose", file, "--case", "quicker", "--data", data);
        assertThat(proposed).contains("opened policy:quicker; nothing changes before it is approved");
        assertThat(run(0, "policy", "show", "--data", data)).contains("version " + version + " of ledger");
        approved("policy:quicker", "olga", "carl");
        shows(
                "version " + (version + 1) + " since leaf [0-9]+, .* by policy:quicker",
                "policy",
                "show",
                "--data",
                data);
        run(1, "policy", "propose", file, "--case", "quicker", "--data", data);

        String pem = folder.resolve("dora.pem").toString();
        List<String> add = List.of("keys", "add", "--id", "dora", "--person", "dora", "--roles", "compliance");
        run(
                0,
                Stream.concat(add.stream(), Stream.of("--generate", pem, "--data", data))
                        .toArray(String[]::new));
        assertThat(run(0, "keys", "list", "--data", data)).doesNotContain("dora");
        approved("keys:register-dora", "olga", "carl");
        shows("dora +dora +compliance +Ed25519 +active", "keys", "list", "--data", data);
        run(0, "keys", "rotate", "dora", "--id", "dora-2", "--generate", pem + "2", "--data", data);
        approved("keys:rotate-dora-2", "rita", "carl");
        run(0, "keys", "revoke", "dora-2", "--data", data, "--json");
        approved("keys:revoke-dora-2", "rita", "carl");
        shows("dora +dora.*rotated at leaf", "keys", "list", "--data", data);
        shows("dora-2 +dora.*revoked at leaf", "keys", "list", "--data", data);
        assertThat(run(1, "keys", "revoke", "dora-2", "--data", data))
                .as("asked before")
                .isEmpty();
        assertThat(run(1, "keys", "revoke", "nobody", "--data", data)).isEmpty();
    }

    /** Any node answers, and a follower may be some moments behind. */
    private static void shows(String pattern, String... arguments) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        String shown = run(0, arguments);
        while (!Pattern.compile(pattern).matcher(shown).find()) {
            assertThat(System.nanoTime()).as(shown).isLessThan(deadline);
            var unused = new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
            shown = run(0, arguments);
        }
    }

    /** In this process; gives what it prints to standard output. */
    private static String run(int expected, String... arguments) {
        java.io.PrintStream before = System.out;
        java.io.ByteArrayOutputStream printed = new java.io.ByteArrayOutputStream();
        System.setOut(new java.io.PrintStream(printed, true, java.nio.charset.StandardCharsets.UTF_8));
        try {
            int code = Homeostat.run(arguments);
            assertThat(code).as(String.join(" ", arguments)).isEqualTo(expected);
        } finally {
            System.setOut(before);
        }
        return printed.toString(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void approved(String caseId, String... persons) throws Exception {
        ApprovalsWeb web = web(Principal.OLGA);
        JsonNode held = web.heldCase(caseId);
        for (String person : persons) {
            SignedApproval signed = signed(
                    approver(person),
                    caseId,
                    held.path("payloadDigest").asText(),
                    held.path("expiresAtMicros").asLong());
            Rest.Answer answer = web.decide(caseId, signed, REASON);
            assertThat(answer.accepted()).as(answer.text()).isTrue();
        }
        assertThat(web.heldCase(caseId).path("state").asText()).isEqualTo("approved");
    }

    private static final String REASON = "tried by somebody who is nobody";

    private static Approver approver(String person) {
        return new Approver(person, Secrets.readPem(cluster.approverKeyFile(person)));
    }

    private static SignedApproval signed(Approver approver, String caseId, String payload, long expires) {
        return approver.sign(Approver.statement(caseId, payload, Decision.APPROVE, expires, REASON));
    }

    private static SignedApproval renamed(String keyId, SignedApproval signed) {
        return new SignedApproval(
                keyId,
                signed.decision(),
                signed.payloadDigest(),
                signed.expiresAtMicros(),
                signed.signature(),
                signed.reasonDigest());
    }

    private static ApprovalsWeb web(Principal principal) {
        return new ApprovalsWeb(cluster.http(), cluster.topology().web().url(), cluster.token(principal));
    }

    /** The same server under a name: no passkey can be bound to an IP address. */
    private static String named() {
        return cluster.topology().web().url().replace("127.0.0.1", "localhost");
    }

    /** 1,234,567.89 EUR: over the tier of a million. */
    private static UUID heldTransfer() throws Exception {
        AnyNode operator = ledger(Principal.OPERATOR);
        operator.post(
                        "/v1/accounts",
                        Map.of(
                                "accounts",
                                List.of(
                                        account("treasury:EUR", "settlement"),
                                        account("external:supplier", "external"))))
                .orFail();
        UUID id = UUID.randomUUID();
        Rest.Answer asked = ledger(Principal.RITA)
                .post(
                        "/v1/transfers",
                        Map.of(
                                "id", id.toString(),
                                "debit", "treasury:EUR",
                                "credit", "external:supplier",
                                "amount", 123_456_789,
                                "asset", "EUR"))
                .orFail();
        assertThat(asked.json().path("status").asText()).isEqualTo("held");
        return id;
    }

    private static Map<String, Object> account(String id, String accountClass) {
        return Map.of(
                "id", id, "asset", "EUR", "exponent", 2, "class", accountClass, "debitsMustNotExceedCredits", false);
    }

    private static String status(UUID id) throws Exception {
        return ledger(Principal.OPERATOR)
                .get("/v1/transfers/" + id)
                .orFail()
                .json()
                .path("status")
                .asText();
    }

    private static AnyNode ledger(Principal principal) {
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(principal));
    }

    private static String url(String path) {
        return cluster.topology().web().url() + path;
    }

    private static LocatorAssertions.IsVisibleOptions patient() {
        return new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MILLIS);
    }

    private static LocatorAssertions.ContainsTextOptions containing() {
        return new LocatorAssertions.ContainsTextOptions()
                .setTimeout(PATIENCE_MILLIS)
                .setIgnoreCase(true);
    }

    private static LocatorAssertions.IsEmptyOptions notEmpty() {
        return new LocatorAssertions.IsEmptyOptions().setTimeout(PATIENCE_MILLIS);
    }

    /** Somebody at a browser of her own, signed in; nothing on her pages may fail. */
    private static final class Person implements AutoCloseable {
        private final BrowserContext context;
        private final Page page;
        private final List<String> faults = new ArrayList<>();

        Person(String name) {
            this(name, cluster.topology().web().url());
        }

        Person(String name, String base) {
            context = browser.newContext(new Browser.NewContextOptions()
                    .setViewportSize(WIDTHS[0], 900)
                    .setAcceptDownloads(true));
            context.setDefaultTimeout(PATIENCE_MILLIS);
            page = context.newPage();
            page.onPageError(faults::add);
            page.navigate(base + "/sign-in");
            page.getByTestId("sign-in-user").fill(name);
            page.getByTestId("sign-in-password").fill(cluster.passwords().get(name));
            page.getByTestId("sign-in-submit").click();
            assertThat(page.getByTestId("user-name")).containsText(name, containing());
        }

        /** A device that holds passkeys and knows its user: WebAuthn's virtual authenticator of the DevTools protocol. */
        void withAuthenticator() {
            CDPSession devtools = context.newCDPSession(page);
            devtools.send("WebAuthn.enable");
            JsonObject options = new JsonObject();
            options.addProperty("protocol", "ctap2");
            options.addProperty("transport", "internal");
            options.addProperty("hasResidentKey", true);
            options.addProperty("hasUserVerification", true);
            options.addProperty("isUserVerified", true);
            options.addProperty("automaticPresenceSimulation", true);
            JsonObject arguments = new JsonObject();
            arguments.add("options", options);
            devtools.send("WebAuthn.addVirtualAuthenticator", arguments);
        }

        /** Somebody between page and server flips a bit of each signature. */
        void tampersWithSignatures() {
            page.route("**/decisions", route -> {
                try {
                    ObjectNode body =
                            (ObjectNode) Rest.JSON.readTree(route.request().postData());
                    byte[] signature =
                            Base64.getDecoder().decode(body.path("signature").asText());
                    signature[signature.length - 1] ^= 1;
                    body.put("signature", Base64.getEncoder().encodeToString(signature));
                    route.resume(new Route.ResumeOptions().setPostData(body.toString()));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }

        /** A page that was made from an older reading of the ledger is loaded again. */
        void reloadsUntil(String testId) {
            for (int tries = 0; !page.getByTestId(testId).isVisible(); tries++) {
                assertThat(tries).as("loads until " + testId + " is shown").isLessThan(30);
                page.waitForTimeout(500);
                page.reload();
                page.getByTestId("case-state").waitFor();
            }
        }

        void opensFromTheInbox(String caseId) {
            page.navigate(url("/inbox"));
            page.locator("[data-case-id='" + caseId + "']").waitFor();
            shoot("inbox");
            page.locator("[data-case-id='" + caseId + "'] a").click();
            page.getByTestId("case-state").waitFor();
        }

        void chooses(Path key) {
            page.getByTestId("key-file").setInputFiles(key);
            assertThat(page.getByTestId("key-state")).not().containsText("Looking for", containing());
        }

        void approves(String reason) {
            page.getByTestId("reason").fill(reason);
            page.getByTestId("approve").click();
        }

        /** At the width of a desk and of a telephone; a page that is wider than its window is a fault. */
        void shoot(String name) {
            for (int width : WIDTHS) {
                page.setViewportSize(width, 900);
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(screenshots.resolve(name + "-" + width + ".png"))
                        .setFullPage(true));
                Object overflow =
                        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                assertThat(((Number) overflow).intValue())
                        .as("pixels that %s is wider than %d", name, width)
                        .isLessThanOrEqualTo(0);
            }
            page.setViewportSize(WIDTHS[0], 900);
        }

        @Override
        public void close() {
            context.close();
            assertThat(faults).as("errors of scripts").isEmpty();
        }
    }
}
