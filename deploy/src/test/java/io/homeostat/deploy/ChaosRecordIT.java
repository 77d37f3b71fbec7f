package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Some seconds of what {@code homeostat chaos record} does for an hour: real nodes, no fault. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ChaosRecordIT {
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(6);

    @Test
    void a_recording_holds_the_telemetry_of_all_nodes_and_their_sidecars_with_labels() throws Exception {
        Path folder = Folders.fresh("chaos-record").resolve("rec");
        try (HomeostatProcess record = HomeostatProcess.start(
                "chaos",
                "record",
                "--seed",
                "1",
                "--secs",
                "8",
                "--normal",
                "5",
                "--soak",
                "--out",
                folder.toString())) {
            int code = record.awaitExit(ENDS_WITHIN);

            assertThat(code).as(record.output()).isZero();
        }

        List<String> rows;
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(folder.resolve("metrics.csv.gz")))))) {
            rows = in.lines().toList();
        }
        List<String> labels = Files.readAllLines(folder.resolve("labels.csv"));
        assertThat(rows.get(0).split(","))
                .contains("n1.node.up", "n2.node.up", "n3.node.up", "n1.ledger.transfers rate", "n3.ledger.relay.lag");
        assertThat(labels.get(0)).isEqualTo("second,label,fault,node,event");
        assertThat(labels).hasSameSizeAs(rows).hasSizeGreaterThan(7);
        assertThat(labels.subList(1, labels.size())).allMatch(line -> line.endsWith(",0,0,,"));
        JsonNode events = Rest.JSON.readTree(folder.resolve("events.json").toFile());
        assertThat(events.path("events")).isEmpty();
        assertThat(events.path("requests").asLong()).isPositive();
        assertThat(events.path("medianWriteMillis").asDouble()).isPositive();
        assertThat(Files.readAllLines(folder.resolve("load.csv"))).hasSizeGreaterThan(1);
        assertThat(Files.readAllLines(folder.resolve("faults.csv"))).hasSize(1);
    }
}
