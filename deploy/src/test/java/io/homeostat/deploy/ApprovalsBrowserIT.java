package io.homeostat.deploy;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import io.homeostat.deploy.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
        up.awaitLine(line -> line.contains("Ctrl-C stops everything"), Duration.ofSeconds(120));
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
            context = browser.newContext(new Browser.NewContextOptions()
                    .setViewportSize(WIDTHS[0], 900)
                    .setAcceptDownloads(true));
            context.setDefaultTimeout(PATIENCE_MILLIS);
            page = context.newPage();
            page.onPageError(faults::add);
            page.navigate(url("/sign-in"));
            page.getByTestId("sign-in-user").fill(name);
            page.getByTestId("sign-in-password").fill(cluster.passwords().get(name));
            page.getByTestId("sign-in-submit").click();
            assertThat(page.getByTestId("user-name")).containsText(name, containing());
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
