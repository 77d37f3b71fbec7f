package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The first file to read. Three replicas of a ledger, their sidecars and the platform run as real processes. A balance is
 * falsified in the memory of one replica; it is seen, isolated, rebuilt and verified while transfers go on. A high-value
 * transfer waits for two people of different roles, whatever anybody tries. In the end one file proves all of it to somebody
 * who trusts nobody.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LifeOfAnIncidentIT {
    private static final Duration STORY_WITHIN = Duration.ofMinutes(5);

    private static Path folder;

    private static JsonNode report;
    private static int exitCode;
    private static Path bundle;

    @BeforeAll
    static void a_node_drifts_while_transfers_run() throws Exception {
        folder = Folders.fresh("life-of-an-incident");
        Path json = folder.resolve("out.json");
        try (HomeostatProcess demo = HomeostatProcess.start(
                "demo",
                "--fault",
                "drift",
                "--transfers",
                transfers().toString(),
                "--json",
                json.toString(),
                "--keep",
                folder.resolve("cluster").toString())) {
            exitCode = demo.awaitExit(STORY_WITHIN);
            assertThat(json).as(demo.output()).exists();
        }
        report = new ObjectMapper().readTree(json.toFile());
        bundle = Path.of(report.path("bundle").asText());
    }

    /** A page of history: cash comes in, customers pay each other and other banks, one row pays itself and is refused. */
    private static Path transfers() throws IOException {
        StringBuilder rows = new StringBuilder("date,from,to,amount\n");
        for (int i = 0; i < 3000; i++) {
            rows.append("1993-01-01,CASH,A").append(i % 500).append(",700.00\n");
            rows.append("1993-01-02,A")
                    .append(i % 500)
                    .append(",A")
                    .append((i + 7) % 500)
                    .append(",12.34\n");
            rows.append("1993-01-03,A")
                    .append(i % 500)
                    .append(",KL:1060")
                    .append(i % 50)
                    .append(",3.5\n");
        }
        rows.append("1993-01-04,A1,A1,5.00\n");
        return Files.writeString(folder.resolve("history.csv"), rows.toString());
    }

    @Test
    @Order(1)
    void the_drift_is_seen_and_the_node_is_isolated_healed_and_verified() {
        List<String> events = new ArrayList<>();
        report.path("incident").path("events").forEach(event -> events.add(event.asText()));

        assertThat(events)
                .containsSubsequence(
                        "AnomalyRaised",
                        "IncidentOpened",
                        "BreakerOpened",
                        "RecoveryPlanned",
                        "ActionStarted",
                        "ActionFinished",
                        "RecoveryVerified",
                        "BreakerClosed",
                        "IncidentClosed")
                .contains("ExplanationWritten");
        assertThat(report.path("incident").path("outcome").asText()).isEqualTo("recovered");
        long detect = report.path("incident").path("detect_ms").asLong();
        long isolate = report.path("incident").path("isolate_ms").asLong();
        long recover = report.path("incident").path("recover_ms").asLong();
        assertThat(detect).isPositive();
        assertThat(isolate).isGreaterThanOrEqualTo(detect);
        assertThat(recover).isGreaterThan(isolate);
    }

    @Test
    @Order(2)
    void nothing_that_was_acknowledged_is_lost_and_every_asset_sums_to_zero() {
        JsonNode transfers = report.path("transfers");

        assertThat(transfers.path("offered").asLong()).isGreaterThanOrEqualTo(9001);
        assertThat(transfers.path("acknowledged").asLong()).isGreaterThanOrEqualTo(9000);
        assertThat(transfers.path("rejected").asLong())
                .as("the row that pays itself")
                .isGreaterThanOrEqualTo(1);
        assertThat(transfers.path("lost").asLong()).isZero();
        assertThat(report.path("sums_per_asset").path("EUR").asLong(-1)).isZero();
        assertThat(report.path("digests_equal").asBoolean()).isTrue();
    }

    @Test
    @Order(3)
    void a_high_value_transfer_waits_for_its_approvers_whatever_anybody_tries() {
        JsonNode approval = report.path("approval");

        assertThat(approval.path("bypass_tried").asInt()).isGreaterThanOrEqualTo(5);
        assertThat(approval.path("bypass_refused")).isEqualTo(approval.path("bypass_tried"));
        assertThat(approval.path("posted").asBoolean()).isTrue();
    }

    @Test
    @Order(4)
    void one_file_proves_it_offline() throws Exception {
        Verified verified = verify(bundle);

        assertThat(verified.exitCode).as(verified.output).isZero();
        assertThat(verified.json().path("integrity").asText()).isEqualTo("pass");
        assertThat(verified.json().path("completeness").asText()).isEqualTo("pass");
        assertThat(verified.json()
                        .path("statistics")
                        .path("gatedPostingsChecked")
                        .asLong())
                .isEqualTo(1);
        assertThat(report.path("verifier").path("integrity").asText()).isEqualTo("pass");
        assertThat(report.path("verifier").path("completeness").asText()).isEqualTo("pass");
    }

    @Test
    @Order(5)
    void one_flipped_byte_anywhere_is_refused_with_its_place() throws Exception {
        byte[] whole = Files.readAllBytes(bundle);
        for (double share : new double[] {0.0005, 0.25, 0.5, 0.75, 0.999}) {
            byte[] flipped = whole.clone();
            int place = (int) (share * (whole.length - 1));
            flipped[place] ^= 1;
            Path file = folder.resolve("flipped.bundle");
            Files.write(file, flipped);

            Verified verified = verify(file);

            assertThat(verified.exitCode)
                    .as("byte %d of %d", place, whole.length)
                    .isEqualTo(1);
            assertThat(verified.json().path("integrity").asText()).isEqualTo("fail");
            JsonNode finding = verified.json().path("findings").path(0);
            assertThat(finding.path("section").asText()).isNotEmpty();
            assertThat(finding.path("offset").isNumber()).isTrue();
        }
    }

    @Test
    @Order(6)
    void the_report_says_so_and_the_command_exits_0() {
        assertThat(report.path("fault").asText()).isEqualTo("drift");
        assertThat(report.path("startup_seconds").asDouble()).isPositive();
        assertThat(report.path("peak_rss_mb").asLong()).isBetween(-1L, 2048L).isNotZero();
        assertThat(report.path("failures")).isEmpty();
        assertThat(report.path("ok").asBoolean()).isTrue();
        assertThat(exitCode).isZero();
    }

    private record Verified(int exitCode, String output) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(output);
        }
    }

    /** As an auditor would: a JDK, the proof module's jar, and the file. */
    private static Verified verify(Path file) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        HomeostatProcess.jar("ledger-merkle-").toString(),
                        "io.homeostat.merkle.bundle.VerifyCommand",
                        "verify",
                        file.toString(),
                        "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Verified(process.exitValue(), output);
    }
}
