package io.homeostat.approvals.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.testing.Stage;
import io.homeostat.approvals.testing.Stories;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route of the table with every role, over HTTP. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RoutesTest {
    @TempDir
    static Path folder;

    private static WebStage stage;
    private static String caseId;
    private static final Map<String, WebStage.Browser> BROWSERS = new LinkedHashMap<>();
    private static final Map<String, Role> USERS =
            Map.of("vera", Role.VIEWER, "olga", Role.APPROVER, "ada", Role.AUDITOR, "otto", Role.OPERATOR);

    /** Written by hand, apart from the production table: method and path to the roles that may. */
    private static final Map<String, Set<Role>> EXPECTED = expected();

    @BeforeAll
    static void open() {
        stage = new WebStage(folder);
        stage.happened(Stories.untilPlanned("1", "n2", Stories.START));
        caseId = stage.ledger.holdTransfer(1_900_000, "rita", 3600);
        stage.board.refresh();
        USERS.keySet().forEach(user -> BROWSERS.put(user, stage.signIn(user)));
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    static Stream<Map.Entry<String, Set<Role>>> routes() {
        return EXPECTED.entrySet().stream();
    }

    @Test
    void the_table_has_exactly_the_expected_routes() {
        List<String> table = new ArrayList<>();
        for (Routes.Route route : stage.routes()) {
            if (route.access() != Role.Access.PUBLIC) {
                table.add(route.method() + " " + route.path());
            }
        }
        assertThat(table).containsExactlyInAnyOrderElementsOf(EXPECTED.keySet());
    }

    @ParameterizedTest
    @MethodSource("routes")
    void a_session_may_do_what_its_role_allows_and_nothing_else(Map.Entry<String, Set<Role>> route) {
        USERS.forEach((user, role) -> {
            boolean allowed = route.getValue().contains(role);
            int status = status(BROWSERS.get(user), route.getKey());
            if (route.getKey().equals("POST /sign-out")) {
                BROWSERS.put(user, stage.signIn(user));
            }
            if (allowed) {
                assertThat(status).as("%s as %s", route.getKey(), role).isNotIn(401, 403, 404, 405, 500);
            } else {
                assertThat(status).as("%s as %s", route.getKey(), role).isEqualTo(403);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("routes")
    void without_a_session_pages_lead_to_sign_in_and_the_api_says_401(Map.Entry<String, Set<Role>> route) {
        String[] parts = route.getKey().split(" ");
        int status = stage.send(parts[0], concrete(parts[1]), Map.of(), "").statusCode();

        int expected =
                parts[1].startsWith("/api/") || parts[1].endsWith("/live") || parts[1].equals("/status") ? 401 : 303;
        assertThat(status).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void a_bearer_token_opens_api_routes_by_its_roles_and_no_page(Map.Entry<String, Set<Role>> route) {
        String[] parts = route.getKey().split(" ");
        boolean api = parts[1].startsWith("/api/");
        for (Role role : Role.values()) {
            int status = byToken(parts, Stage.token(role));
            if (!api) {
                assertThat(status).isIn(303, 401);
            } else if (route.getValue().contains(role)) {
                assertThat(status).as("%s by token of %s", route.getKey(), role).isIn(200, 400);
            } else {
                assertThat(status).as("%s by token of %s", route.getKey(), role).isEqualTo(403);
            }
        }
        if (api) {
            assertThat(byToken(parts, "token-of-none")).isEqualTo(403);
            assertThat(byToken(parts, "nobody's")).isEqualTo(401);
        }
    }

    private static int byToken(String[] parts, String token) {
        return stage.send(
                        parts[0],
                        concrete(parts[1]),
                        Map.of("Authorization", "Bearer " + token, "Content-Type", "application/json"),
                        parts[0].equals("POST") ? "{}" : "")
                .statusCode();
    }

    private static int status(WebStage.Browser browser, String route) {
        String[] parts = route.split(" ");
        if (parts[0].equals("GET")) {
            return browser.get(concrete(parts[1])).statusCode();
        }
        if (parts[1].startsWith("/api/")) {
            return browser.postJson(concrete(parts[1]), browser.csrf(), "{}").statusCode();
        }
        return browser.postForm(concrete(parts[1]), Map.of("csrf", browser.csrf(), "reason", "a drill of the on-call"))
                .statusCode();
    }

    private static String concrete(String path) {
        return path.replace(":caseId", caseId)
                .replace(":incidentId", "incident-1")
                .replace(":storyId", "incident-1")
                .replace(":sequence", "2");
    }

    private static Map<String, Set<Role>> expected() {
        Set<Role> all = Set.of(Role.values());
        Set<Role> takeAway = Set.of(Role.AUDITOR, Role.OPERATOR);
        Map<String, Set<Role>> table = new LinkedHashMap<>();
        for (String path : List.of(
                "/",
                "/inbox",
                "/inbox/live",
                "/status",
                "/cases/:caseId",
                "/cases/:caseId/live",
                "/incidents",
                "/incidents/live",
                "/incidents/:incidentId",
                "/incidents/:incidentId/live",
                "/trail",
                "/trail/:sequence",
                "/api/inbox",
                "/api/cases/:caseId",
                "/api/incidents",
                "/api/incidents/:incidentId",
                "/api/trail")) {
            table.put("GET " + path, all);
        }
        table.put("GET /bundles/:storyId", takeAway);
        table.put("GET /api/bundles/:storyId", takeAway);
        table.put("POST /api/cases/:caseId/decisions", Set.of(Role.APPROVER));
        table.put("GET /keys", Set.of(Role.APPROVER));
        table.put("POST /api/keys", Set.of(Role.APPROVER));
        table.put("GET /controls", Set.of(Role.OPERATOR));
        table.put("POST /controls/stop", Set.of(Role.OPERATOR));
        table.put("POST /controls/resume", Set.of(Role.OPERATOR));
        table.put("POST /sign-out", all);
        return table;
    }
}
