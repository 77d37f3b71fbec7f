package io.homeostat.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Every claim alone is enough to fail the demo. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DemoReportTest {
    private static final DemoReport.Transfers TRANSFERS = new DemoReport.Transfers(100, 99, 1, 0);
    private static final DemoReport.Incident RECOVERED =
            new DemoReport.Incident("n2", List.of("AnomalyRaised", "IncidentClosed"), "recovered", 1, 2, 3);
    private static final DemoReport.Approval POSTED = new DemoReport.Approval(6, 6, true);
    private static final DemoReport.Verifier PASS = new DemoReport.Verifier("pass", "pass");

    @Test
    void when_everything_holds_the_report_is_ok() {
        DemoReport report = report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, POSTED, PASS);

        assertThat(report.failures()).isEmpty();
        assertThat(report.ok()).isTrue();
    }

    @Test
    void each_failure_alone_fails_it_and_is_named() {
        failsWith(
                "1 acknowledged transfers are lost",
                report(new DemoReport.Transfers(100, 99, 1, 1), Map.of("EUR", 0L), true, RECOVERED, POSTED, PASS));
        failsWith(
                "no transfer was acknowledged",
                report(new DemoReport.Transfers(0, 0, 0, 0), Map.of("EUR", 0L), true, RECOVERED, POSTED, PASS));
        failsWith(
                "the sum of all balances in EUR is 1",
                report(TRANSFERS, Map.of("EUR", 1L), true, RECOVERED, POSTED, PASS));
        failsWith("the ledger gave no sums", report(TRANSFERS, Map.of(), true, RECOVERED, POSTED, PASS));
        failsWith("digests are not equal", report(TRANSFERS, Map.of("EUR", 0L), false, RECOVERED, POSTED, PASS));
        failsWith(
                "did not close in time",
                report(TRANSFERS, Map.of("EUR", 0L), true, DemoReport.Incident.NONE, POSTED, PASS));
        failsWith(
                "closed as abandoned",
                report(
                        TRANSFERS,
                        Map.of("EUR", 0L),
                        true,
                        new DemoReport.Incident("n2", List.of(), "abandoned", 1, 2, -1),
                        POSTED,
                        PASS));
        failsWith(
                "1 bypasses were not refused",
                report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, new DemoReport.Approval(6, 5, true), PASS));
        failsWith(
                "no bypass was tried",
                report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, new DemoReport.Approval(0, 0, true), PASS));
        failsWith(
                "was not posted",
                report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, new DemoReport.Approval(6, 6, false), PASS));
        failsWith(
                "integrity is fail",
                report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, POSTED, new DemoReport.Verifier("fail", "pass")));
        failsWith(
                "completeness is unknown",
                report(
                        TRANSFERS,
                        Map.of("EUR", 0L),
                        true,
                        RECOVERED,
                        POSTED,
                        new DemoReport.Verifier("pass", "unknown")));
    }

    @Test
    void the_json_has_the_fields_of_the_contract() {
        JsonNode json = Rest.JSON.valueToTree(report(TRANSFERS, Map.of("EUR", 0L), true, RECOVERED, POSTED, PASS));

        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "fault",
                        "startup_seconds",
                        "peak_rss_mb",
                        "transfers",
                        "sums_per_asset",
                        "digests_equal",
                        "incident",
                        "approval",
                        "verifier",
                        "bundle",
                        "ok");
        assertThat(json.path("transfers").fieldNames()).toIterable().contains("offered", "acknowledged", "lost");
        assertThat(json.path("incident").fieldNames())
                .toIterable()
                .contains("events", "detect_ms", "isolate_ms", "recover_ms");
        assertThat(json.path("approval").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("bypass_tried", "bypass_refused", "posted");
        assertThat(json.path("verifier").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("integrity", "completeness");
    }

    private static void failsWith(String because, DemoReport report) {
        assertThat(report.ok()).as(because).isFalse();
        assertThat(report.failures()).singleElement().asString().contains(because);
    }

    private static DemoReport report(
            DemoReport.Transfers transfers,
            Map<String, Long> sums,
            boolean digestsEqual,
            DemoReport.Incident incident,
            DemoReport.Approval approval,
            DemoReport.Verifier verifier) {
        return DemoReport.of(
                "drift", 12.5, 1800, transfers, sums, digestsEqual, incident, approval, verifier, "demo.bundle");
    }
}
