package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /v1/accounts/{id}?effectiveDate=}: what counts on a day, over HTTP. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EffectiveBalanceIT {
    /** Days far enough from each other that midnight during the test changes nothing. */
    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    @TempDir
    static Path dir;

    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 1).startAll();
        ok(cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}"""));
        post(5, ",\"effectiveDate\":\"" + TODAY.minusDays(10) + "\"");
        post(7, ",\"effectiveDate\":\"" + TODAY.minusDays(8) + "\"");
        post(11, "");
        post(13, ",\"effectiveDate\":\"" + TODAY.plusDays(5) + "\"");
        String hold =
                post(17, ",\"hold\":true,\"timeoutSeconds\":3600,\"effectiveDate\":\"" + TODAY.minusDays(4) + "\"");
        ok(cluster.post("n1", "/v1/transfers/" + hold + "/post", CLIENT, "{}"));
        post(19, ",\"hold\":true,\"timeoutSeconds\":3600,\"effectiveDate\":\"" + TODAY.minusDays(4) + "\"");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void each_day_has_what_counts_up_to_it_whenever_it_was_posted() {
        assertThat(List.of(-11, -10, -9, -8, -5, -4, 1, 4, 5, 300))
                .extracting(
                        days -> balance(TODAY.plusDays(days)).path("balance").asLong())
                .containsExactly(0L, 5L, 5L, 12L, 12L, 29L, 40L, 40L, 53L, 53L);
    }

    @Test
    void an_answer_says_that_it_may_change_while_a_posting_may_still_name_the_day() {
        JsonNode recent = balance(TODAY);

        assertThat(recent.path("mayChange").asBoolean()).isTrue();
        assertThat(recent.path("index").asLong()).isPositive();
        assertThat(recent.has("debitsHeld")).as("what is held counts on no day").isFalse();
    }

    @Test
    void a_day_that_no_posting_can_name_any_more_is_before_history_and_not_nothing() {
        Answer answer = cluster.get("n1", "/v1/accounts/alice?effectiveDate=" + TODAY.minusDays(400), READER);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("type").asText()).endsWith("as_of_before_history");
    }

    @ParameterizedTest
    @CsvSource({
        "effectiveDate=monday, a date like 2026-11-20",
        "effectiveDate=, a date like 2026-11-20",
        "effectiveDate=2026-02-30, a date like 2026-11-20",
        "effectiveDate=2026-2-3, a date like 2026-11-20",
        "effectiveDate=2026-11-20T10:00:00Z, a date like 2026-11-20",
        "effectiveDate=1969-12-31, 1970..9998",
        "effectiveDate=9999-01-01, 1970..9998",
        "effectiveDate=%2B12026-01-01, 1970..9998",
        "effectiveDate=2026-01-01&effectiveDate=2026-01-02, given twice",
        "effectiveDate=2026-01-01&asOfIndex=3, do not go together"
    })
    void a_bad_day_is_refused_with_its_field_and_limit(String query, String told) {
        Answer answer = cluster.get("n1", "/v1/accounts/alice?" + query, READER);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("field").asText()).isEqualTo("effectiveDate");
        assertThat(answer.text()).contains(told);
    }

    @Test
    void a_day_and_a_moment_do_not_go_together() {
        Answer answer =
                cluster.get("n1", "/v1/accounts/alice?effectiveDate=2026-01-01&asOfTime=2026-01-01T00:00:00Z", READER);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains("do not go together");
    }

    @Test
    void of_an_account_that_does_not_exist_nothing_is_known_on_any_day() {
        assertThat(cluster.get("n1", "/v1/accounts/nobody?effectiveDate=" + TODAY, READER)
                        .status())
                .isEqualTo(404);
    }

    private static JsonNode balance(LocalDate day) {
        Answer answer = cluster.get("n1", "/v1/accounts/alice?effectiveDate=" + day, READER);
        ok(answer);
        return answer.json();
    }

    private static String post(long amount, String more) {
        String id = UUID.randomUUID().toString();
        ok(cluster.post(
                "n1",
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + id + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":" + amount
                        + ",\"asset\":\"EUR\"" + more + "}"));
        return id;
    }

    private static void ok(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
}
