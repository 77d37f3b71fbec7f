package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static io.homeostat.ledger.testing.LocalCluster.TRAIL;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything bad is refused with the right status and names its field, on every route, and leaves no trace. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BadInputIT {
    private static final String ID = "6f1c2f3e-0000-4000-8000-000000000001";
    private static final String DIGEST = "ab".repeat(32);

    @TempDir
    static Path dir;

    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 1).startAll();
        assertThat(cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"a","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"b","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""").status()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private record Bad(
            String method,
            String path,
            String token,
            @Nullable String body,
            int status,
            @Nullable String field,
            String slug) {
        @Override
        public String toString() {
            String shown = body == null ? "" : body.length() > 90 ? body.substring(0, 90) + "..." : body;
            return method + " " + path + " " + shown;
        }
    }

    private static Bad transfer(String body, @Nullable String field) {
        return new Bad("POST", "/v1/transfers", CLIENT, body, 400, field, "invalid_field");
    }

    private static final String LEGS = "[" + leg(1) + ",{\"account\":\"b\",\"asset\":\"EUR\",\"credit\":1}]";

    private static String leg(long debit) {
        return "{\"account\":\"a\",\"asset\":\"EUR\",\"debit\":" + debit + "}";
    }

    private static Bad reverse(String body, String field) {
        return new Bad("POST", "/v1/transfers/" + ID + "/reverse", CLIENT, body, 400, field, "invalid_field");
    }

    private static String with(String field, String value) {
        return ("{\"id\":\"" + ID + "\",\"debit\":\"a\",\"credit\":\"b\",\"amount\":1,\"asset\":\"EUR\"}")
                .replaceAll("\"" + field + "\":(\"[^\"]*\"|\\d+)", "\"" + field + "\":" + value.replace("\\", "\\\\"));
    }

    static Stream<Bad> bad() {
        List<Bad> all = new ArrayList<>(List.of(
                transfer(with("amount", "-1"), "amount"),
                transfer(with("amount", "0"), "amount"),
                transfer(with("amount", "1.5"), "amount"),
                transfer(with("amount", "1e3"), "amount"),
                transfer(with("amount", "\"1\""), "amount"),
                transfer(with("amount", "null"), "amount"),
                transfer(with("amount", "9223372036854775808"), "amount"),
                transfer(with("amount", "99999999999999999999999"), "amount"),
                transfer(with("id", "\"1-1-1-1-1\""), "id"),
                transfer(with("id", "7"), "id"),
                transfer(with("debit", "\"\""), "debit"),
                transfer(with("debit", "\"white space\""), "debit"),
                transfer(with("credit", "\"" + "c".repeat(65) + "\""), "credit"),
                transfer(with("credit", "[]"), "credit"),
                transfer(with("asset", "\"eur\""), "asset"),
                transfer(with("amount", "1,\"colour\":\"red\""), "colour"),
                transfer(with("amount", "1,\"amount\":2"), "amount"),
                transfer(with("amount", "1,\"effectiveDate\":\"2026-02-30\""), "effectiveDate"),
                transfer(with("amount", "1,\"effectiveDate\":\"1969-12-31\""), "effectiveDate"),
                transfer(with("amount", "1,\"legs\":[]"), "legs"),
                transfer(with("amount", "1,\"legs\":" + LEGS), "debit"),
                transfer("{\"id\":\"" + ID + "\",\"legs\":7}", "legs"),
                transfer("{\"id\":\"" + ID + "\",\"legs\":[" + leg(1) + "]}", "legs"),
                transfer("{\"id\":\"" + ID + "\",\"legs\":[" + (leg(1) + ",").repeat(64) + leg(1) + "]}", "legs"),
                transfer("{\"id\":\"" + ID + "\",\"legs\":[" + leg(1) + "," + leg(0) + "]}", "legs[1].debit"),
                transfer("{\"id\":\"" + ID + "\",\"legs\":[{\"account\":\"a\",\"asset\":\"EUR\"}]}", "legs[0].debit"),
                transfer("{\"legs\":" + LEGS + "}", "id"),
                reverse("{}", "id"),
                reverse("{\"id\":\"" + ID + "\",\"reason\":\"whim\"}", "reason"),
                new Bad(
                        "POST",
                        "/v1/transfers/" + ID + "/reverse",
                        CLIENT,
                        "{\"id\":\"00000000-0000-0000-0000-0000000000fe\",\"reason\":\"fraud\"}",
                        404,
                        null,
                        "transfer_not_found"),
                transfer(with("amount", "1,\"hold\":\"yes\""), "hold"),
                transfer(with("amount", "1,\"hold\":true,\"timeoutSeconds\":0"), "timeoutSeconds"),
                transfer(with("amount", "1,\"hold\":true,\"timeoutSeconds\":2147483648"), "timeoutSeconds"),
                transfer(with("amount", "1,\"timeoutSeconds\":5"), "timeoutSeconds"),
                transfer("{}", "id"),
                malformed("/v1/transfers", CLIENT, ""),
                malformed("/v1/transfers", CLIENT, "[]"),
                malformed("/v1/transfers", CLIENT, "{\"id\":"),
                malformed("/v1/transfers", CLIENT, with("amount", "1") + "{}"),
                malformed("/v1/transfers", CLIENT, with("amount", "NaN")),
                malformed("/v1/transfers", CLIENT, with("amount", "01")),
                malformed("/v1/transfers", CLIENT, "{'id':1}"),
                malformed("/v1/transfers", CLIENT, "{\"id\":\"" + "x".repeat(5000) + "\"}"),
                batch("{\"transfers\":[]}", 400, "transfers", "invalid_field"),
                batch("{\"transfers\":{}}", 400, "transfers", "invalid_field"),
                batch("{}", 400, "transfers", "invalid_field"),
                batch("{\"transfers\":[7]}", 400, "transfers[0]", "invalid_field"),
                batch(
                        "{\"transfers\":[" + with("amount", "1") + "," + with("amount", "-5") + "]}",
                        400,
                        "transfers[1].amount",
                        "invalid_field"),
                batch("{\"transfers\":[" + "{},".repeat(9000) + "{}]}", 400, "transfers[0].id", "invalid_field"),
                new Bad("POST", "/v1/transfers/xyz/post", CLIENT, "{}", 400, "id", "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/transfers/" + ID + "/post",
                        CLIENT,
                        "{\"amount\":0}",
                        400,
                        "amount",
                        "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/transfers/" + ID + "/post",
                        CLIENT,
                        "{\"force\":true}",
                        400,
                        "force",
                        "invalid_field"),
                new Bad("POST", "/v1/transfers/" + ID + "/post", CLIENT, "{}", 404, null, "hold_not_found"),
                new Bad(
                        "POST",
                        "/v1/transfers/" + ID + "/void",
                        CLIENT,
                        "{\"amount\":1}",
                        400,
                        "amount",
                        "invalid_field"),
                new Bad("GET", "/v1/transfers/xyz", READER, null, 400, "id", "invalid_field"),
                new Bad("GET", "/v1/transfers/" + ID + "?full=1", READER, null, 400, "full", "invalid_field"),
                accounts("{\"accounts\":[]}", "accounts"),
                accounts("{\"accounts\":[{\"id\":\"x\"}]}", "accounts[0].asset"),
                accounts(account("class", "\"king\""), "accounts[0].class"),
                accounts(account("exponent", "19"), "accounts[0].exponent"),
                accounts(account("exponent", "-1"), "accounts[0].exponent"),
                accounts(account("debitsMustNotExceedCredits", "1"), "accounts[0].debitsMustNotExceedCredits"),
                accounts(
                        account("debitsMustNotExceedCredits", "true,\"creditsMustNotExceedDebits\":true"),
                        "accounts[0].creditsMustNotExceedDebits"),
                new Bad("GET", "/v1/accounts/a?asOfIndex=-1", READER, null, 400, "asOfIndex", "invalid_field"),
                new Bad("GET", "/v1/accounts/a?asOfTime=monday", READER, null, 400, "asOfTime", "invalid_field"),
                new Bad(
                        "GET",
                        "/v1/accounts/a?asOfIndex=1&asOfTime=2026-11-20T10:00:00Z",
                        READER,
                        null,
                        400,
                        "asOfTime",
                        "invalid_field"),
                new Bad("GET", "/v1/accounts/a?asOfIndex=9000000000", READER, null, 404, null, "as_of_beyond_head"),
                new Bad(
                        "GET",
                        "/v1/accounts/a?asOfTime=9000-01-01T00:00:00Z",
                        READER,
                        null,
                        404,
                        null,
                        "as_of_beyond_head"),
                new Bad(
                        "GET",
                        "/v1/accounts/a?asOfTime=1999-01-01T00:00:00Z",
                        READER,
                        null,
                        404,
                        null,
                        "as_of_before_history"),
                new Bad("GET", "/v1/accounts/a?asOfIndex=0", READER, null, 404, null, "account_not_yet_open"),
                new Bad("GET", "/v1/accounts/nobody?asOfIndex=0", READER, null, 404, null, "account_not_found"),
                new Bad("GET", "/v1/holds?status=open", READER, null, 400, "status", "invalid_field"),
                new Bad("GET", "/v1/holds?limit=1001", READER, null, 400, "limit", "invalid_field"),
                new Bad("GET", "/v1/holds?before=-1", READER, null, 400, "before", "invalid_field"),
                new Bad("GET", "/v1/holds?account=nobody", READER, null, 404, null, "account_not_found"),
                new Bad("GET", "/v1/accounts/nobody", READER, null, 404, null, "account_not_found"),
                new Bad("GET", "/v1/accounts/" + "x".repeat(65), READER, null, 400, "id", "invalid_field"),
                new Bad("GET", "/v1/cases?state=odd", READER, null, 400, "state", "invalid_field"),
                new Bad("GET", "/v1/cases/transfer:none", READER, null, 404, null, "case_not_found"),
                new Bad("GET", "/v1/cases/transfer:none/proof", READER, null, 404, null, "case_not_found"),
                new Bad("POST", "/v1/cases", HEALER, recovery("caseId", "transfer:1"), 400, "caseId", "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/cases",
                        HEALER,
                        recovery("payloadDigest", "AB"),
                        400,
                        "payloadDigest",
                        "invalid_field"),
                new Bad("POST", "/v1/cases", HEALER, recovery("tier", "nope"), 422, null, "tier_not_found"),
                approval("decision", "\"maybe\"", 400, "decision"),
                approval("signature", "\"AAAA\"", 400, "signature"),
                approval("signature", "\"!\"", 400, "signature"),
                approval("expiresAtMicros", "-1", 400, "expiresAtMicros"),
                approval("keyId", "\"UPPER\"", 400, "keyId"),
                new Bad(
                        "POST",
                        "/v1/cases/transfer:none/approvals",
                        READER,
                        approvalBody(),
                        404,
                        null,
                        "case_not_found"),
                new Bad("GET", "/v1/journal?from=-1", READER, null, 400, "from", "invalid_field"),
                new Bad("GET", "/v1/journal?from=99999999", READER, null, 400, "from", "invalid_field"),
                new Bad("GET", "/v1/journal?limit=65537", READER, null, 400, "limit", "invalid_field"),
                new Bad("GET", "/v1/journal?from=x", READER, null, 400, "from", "invalid_field"),
                new Bad("GET", "/v1/journal?from=1&from=2", READER, null, 400, "from", "invalid_field"),
                new Bad("GET", "/tile/0/000.p/256", READER, null, 404, null, "tile_not_found"),
                new Bad("GET", "/tile/0/x000/000", READER, null, 404, null, "tile_not_found"),
                new Bad("GET", "/tile/entries/x999/999", READER, null, 404, null, "tile_not_found"),
                new Bad("GET", "/tile/0/x001%2F000", READER, null, 404, null, "route_not_found"),
                new Bad("GET", "/tile", READER, null, 404, null, "route_not_found"),
                new Bad("GET", "/v1/transfers/x/proof", READER, null, 400, "id", "invalid_field"),
                new Bad("GET", "/v1/transfers/" + ID + "/proof", READER, null, 404, null, "transfer_not_found"),
                new Bad("GET", "/v1/proofs/inclusion?size=1", READER, null, 400, "sequence", "invalid_field"),
                new Bad("GET", "/v1/proofs/consistency?from=2&to=1", READER, null, 400, "from", "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/nodes/n1/isolation",
                        HEALER,
                        "{\"incidentId\":\"i\"}",
                        400,
                        "reason",
                        "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/nodes/n1/isolation",
                        HEALER,
                        "{\"incidentId\":\"i\",\"reason\":\"\\u0007\"}",
                        400,
                        "reason",
                        "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/nodes/n9/isolation",
                        HEALER,
                        "{\"incidentId\":\"i\",\"reason\":\"r\"}",
                        404,
                        null,
                        "node_unknown"),
                new Bad(
                        "POST",
                        "/v1/nodes/n1/isolation",
                        HEALER,
                        "{\"incidentId\":\"i\",\"reason\":\"r\"}",
                        409,
                        null,
                        "quorum_at_risk"),
                new Bad("DELETE", "/v1/nodes/n1/isolation", HEALER, null, 400, "incidentId", "invalid_field"),
                new Bad("PUT", "/v1/nodes/n1/membership", HEALER, "{\"member\":1}", 400, "member", "invalid_field"),
                new Bad("PUT", "/v1/nodes/n1/membership", HEALER, "{\"member\":false}", 409, null, "node_leads"),
                new Bad("POST", "/v1/leadership", HEALER, "{}", 400, "target", "invalid_field"),
                new Bad("POST", "/v1/leadership", HEALER, "{\"target\":\"n7\"}", 409, null, "target_not_live"),
                new Bad("POST", "/v1/leadership", HEALER, "{\"away\":\"n1\"}", 409, null, "no_successor"),
                new Bad(
                        "POST",
                        "/v1/anchors",
                        TRAIL,
                        "{\"origin\":\"o\",\"size\":-1,\"root\":\"" + DIGEST + "\"}",
                        400,
                        "size",
                        "invalid_field"),
                new Bad(
                        "POST",
                        "/v1/anchors",
                        TRAIL,
                        "{\"origin\":\"o\",\"size\":1,\"root\":\"xx\"}",
                        400,
                        "root",
                        "invalid_field"),
                new Bad("GET", "/v1/nothing", READER, null, 404, null, "route_not_found"),
                new Bad("GET", "/v1/transfers", READER, null, 405, null, "method_not_allowed"),
                new Bad("PATCH", "/v1/accounts/a", READER, "{}", 405, null, "method_not_allowed"),
                new Bad("GET", "/v1//accounts/a", READER, null, 404, null, "route_not_found")));
        // Every route with a role: no token, an unknown token, and a token without the role.
        for (String[] route : new String[][] {
            {"POST", "/v1/accounts", READER},
            {"GET", "/v1/accounts/a", null},
            {"POST", "/v1/transfers", READER},
            {"POST", "/v1/transfers/batch", OPERATOR},
            {"POST", "/v1/transfers/" + ID + "/post", READER},
            {"POST", "/v1/transfers/" + ID + "/void", READER},
            {"POST", "/v1/transfers/" + ID + "/reverse", READER},
            {"GET", "/v1/transfers/" + ID, null},
            {"GET", "/v1/holds", null},
            {"GET", "/v1/cases", null},
            {"GET", "/v1/cases/x", null},
            {"GET", "/v1/cases/x/proof", null},
            {"POST", "/v1/cases", CLIENT},
            {"POST", "/v1/cases/x/approvals", null},
            {"GET", "/v1/policy", null},
            {"GET", "/v1/checkpoint", null},
            {"GET", "/checkpoint", null},
            {"GET", "/v1/checkpoint/witnessed", null},
            {"GET", "/tile/0/000.p/1", null},
            {"GET", "/v1/transfers/" + ID + "/proof", null},
            {"GET", "/v1/journal", null},
            {"GET", "/v1/proofs/inclusion", null},
            {"GET", "/v1/proofs/consistency", null},
            {"GET", "/v1/sums", null},
            {"GET", "/v1/nodes", null},
            {"GET", "/v1/attestations", null},
            {"POST", "/v1/nodes/n1/isolation", CLIENT},
            {"DELETE", "/v1/nodes/n1/isolation", READER},
            {"PUT", "/v1/nodes/n1/membership", OPERATOR},
            {"POST", "/v1/leadership", TRAIL},
            {"POST", "/v1/anchors", HEALER},
            {"GET", "/v1/status", null},
            {"GET", "/internal/clock", HEALER},
            {"GET", "/internal/vote", HEALER},
            {"POST", "/internal/attestations", HEALER}
        }) {
            String body = route[0].equals("GET") || route[0].equals("DELETE") ? null : "{}";
            all.add(new Bad(
                    route[0], route[1], "not-a-known-token-000", body, 401, "Authorization", "unauthenticated"));
            if (route[2] != null) {
                all.add(new Bad(route[0], route[1], route[2], body, 403, null, "forbidden"));
            }
        }
        return all.stream();
    }

    private static Bad malformed(String path, String token, String body) {
        return new Bad("POST", path, token, body, 400, null, "malformed");
    }

    private static Bad batch(String body, int status, @Nullable String field, String slug) {
        return new Bad("POST", "/v1/transfers/batch", CLIENT, body, status, field, slug);
    }

    private static Bad accounts(String body, String field) {
        return new Bad("POST", "/v1/accounts", OPERATOR, body, 400, field, "invalid_field");
    }

    private static String account(String field, String value) {
        return ("{\"accounts\":[{\"id\":\"x\",\"asset\":\"EUR\",\"exponent\":2,\"class\":\"fee\","
                        + "\"debitsMustNotExceedCredits\":true}]}")
                .replaceAll("\"" + field + "\":(\"[^\"]*\"|\\d+|true)", "\"" + field + "\":" + value);
    }

    private static String recovery(String field, String value) {
        return ("{\"caseId\":\"recovery:x\",\"payloadDigest\":\"" + DIGEST
                        + "\",\"tier\":\"wipe\",\"requester\":\"h\"}")
                .replaceAll("\"" + field + "\":\"[^\"]*\"", "\"" + field + "\":\"" + value + "\"");
    }

    private static Bad approval(String field, String value, int status, String bad) {
        return new Bad(
                "POST",
                "/v1/cases/transfer:none/approvals",
                READER,
                approvalBody().replaceAll("\"" + field + "\":(\"[^\"]*\"|\\d+)", "\"" + field + "\":" + value),
                status,
                bad,
                "invalid_field");
    }

    private static String approvalBody() {
        return "{\"keyId\":\"k-ada\",\"decision\":\"approve\",\"payloadDigest\":\"" + DIGEST
                + "\",\"expiresAtMicros\":1,\"reasonDigest\":\"" + DIGEST + "\",\"signature\":\""
                + java.util.Base64.getEncoder().encodeToString(new byte[64]) + "\"}";
    }

    @ParameterizedTest
    @MethodSource
    void bad(Bad bad) {
        Answer answer = cluster.send("n1", bad.method(), bad.path(), bad.token(), bad.body());

        assertThat(answer.status()).as(answer.text()).isEqualTo(bad.status());
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(answer.json().path("type").asText()).isEqualTo("https://homeostat.io/problems/" + bad.slug());
        assertThat(answer.json().path("status").asInt()).isEqualTo(bad.status());
        assertThat(answer.json().path("title").asText()).isNotBlank();
        assertThat(answer.json().path("detail").asText()).isNotBlank();
        if (bad.field() != null) {
            assertThat(answer.json().path("field").asText()).isEqualTo(bad.field());
        }
        if (bad.slug().equals("invalid_field")) {
            assertThat(answer.json().path("limit").asText()).isNotBlank();
        }
    }

    @Test
    void nothing_bad_left_a_trace() {
        assertThat(cluster.get("n1", "/v1/transfers/" + ID, READER)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("unknown");
        assertThat(cluster.get("n1", "/v1/accounts/x", READER).status()).isEqualTo(404);
    }

    @Test
    void what_is_not_validly_encoded_is_400_and_what_is_encoded_is_understood() throws java.io.IOException {
        assertThat(raw("GET /v1/journal?from=%ZZ HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(raw("GET /v1/accounts/%ZZ HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(raw("GET /v1/accounts/a%2Fb HTTP/1.1")).startsWith("HTTP/1.1 400");
        assertThat(raw("GET /v1/accounts/%61 HTTP/1.1")).startsWith("HTTP/1.1 200");
        assertThat(raw("GET /" + "x".repeat(5000) + " HTTP/1.1")).endsWith(" 414");
        assertThat(raw("NONSENSE")).endsWith(" 400");
    }

    private static String raw(String requestLine) throws java.io.IOException {
        URI node = URI.create(cluster.url("n1"));
        try (java.net.Socket socket = new java.net.Socket(node.getHost(), node.getPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write((requestLine + "\r\nHost: n1\r\nAuthorization: Bearer " + READER + "\r\n\r\n")
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(12);
            return new String(answer, java.nio.charset.StandardCharsets.US_ASCII);
        }
    }

    @Test
    void a_request_without_a_token_is_401_and_says_how_to_authenticate() {
        Answer answer = cluster.get("n1", "/v1/status", null);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().firstValue("www-authenticate")).hasValue("Bearer");
    }

    @Test
    void another_content_type_is_415() {
        URI uri = URI.create(cluster.url("n1") + "/v1/transfers");

        assertThat(cluster.send(uri, "POST", CLIENT, "id=1", "application/x-www-form-urlencoded")
                        .status())
                .isEqualTo(415);
        assertThat(cluster.send(uri, "POST", CLIENT, "{}", null).status()).isEqualTo(415);
        assertThat(cluster.send(uri, "POST", CLIENT, "{}", "application/json; charset=utf-8")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_body_of_the_limit_is_read_and_one_byte_more_is_413() {
        int limit = LedgerNodeLimits.DEFAULTS.bodyBytes();
        String fits = " ".repeat(limit - 2) + "{}";

        Answer read = cluster.post("n1", "/v1/transfers", CLIENT, fits);
        Answer over = cluster.post("n1", "/v1/transfers", CLIENT, " " + fits);

        assertThat(read.json().path("field").asText()).isEqualTo("id");
        assertThat(over.status()).isEqualTo(413);
        assertThat(over.json().path("limit").asText()).isEqualTo(Integer.toString(limit));
    }

    @Test
    void a_batch_of_the_limit_is_taken_and_one_more_is_413() {
        int limit = LedgerNodeLimits.DEFAULTS.batchCommands();
        StringBuilder transfers = new StringBuilder();
        for (int i = 0; i < limit; i++) {
            transfers
                    .append(i == 0 ? "" : ",")
                    .append("{\"id\":\"")
                    .append(new UUID(7, i))
                    .append("\",\"debit\":\"a\",\"credit\":\"b\",\"amount\":1,\"asset\":\"EUR\"}");
        }

        Answer taken = cluster.post("n1", "/v1/transfers/batch", CLIENT, "{\"transfers\":[" + transfers + "]}");
        Answer over = cluster.post(
                "n1", "/v1/transfers/batch", CLIENT, "{\"transfers\":[" + transfers + "," + with("amount", "1") + "]}");

        assertThat(taken.json().path("results"))
                .as(taken.text().substring(0, 100))
                .hasSize(limit);
        assertThat(over.status()).isEqualTo(413);
        assertThat(over.json().path("field").asText()).isEqualTo("transfers");
    }

    @Test
    void the_control_api_refuses_bad_input_and_other_tokens() {
        assertThat(cluster.control("n1", "POST", "/control/fence", "{}").status())
                .isEqualTo(400);
        assertThat(cluster.control("n1", "POST", "/control/fence", "{\"reason\":\"x\",\"y\":1}")
                        .status())
                .isEqualTo(400);
        assertThat(cluster.control("n1", "POST", "/control/fence", "{\"reason\":\"x\",\"reason\":\"y\"}")
                        .status())
                .isEqualTo(400);
        assertThat(cluster.control("n1", "POST", "/control/fence", "x".repeat(5000))
                        .status())
                .isEqualTo(413);
        assertThat(cluster.control("n1", "POST", "/control/faults/drift", "{\"account\":\"a\",\"delta\":0}")
                        .status())
                .isEqualTo(400);
        assertThat(cluster.control("n1", "POST", "/control/faults/drift", "{\"account\":\"zz\",\"delta\":1}")
                        .status())
                .isEqualTo(404);
        assertThat(cluster.control("n1", "GET", "/control/none", null).status()).isEqualTo(404);
        URI status = URI.create("http://127.0.0.1:" + cluster.node("n1").controlPort() + "/control/status");
        assertThat(cluster.send(status, "GET", CLIENT, null, null).status()).isEqualTo(401);
        assertThat(cluster.send(status, "GET", null, null, null).status()).isEqualTo(401);
    }
}
