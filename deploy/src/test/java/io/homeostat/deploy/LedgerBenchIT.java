package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The benchmark in small: that it runs, survives the loss of the leader, and judges its own figures. Not how fast. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerBenchIT {
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(8);

    @Test
    void a_killed_leader_costs_a_gap_and_no_acknowledged_transfer() throws Exception {
        Path folder = Folders.fresh("ledger-bench");
        try (HomeostatProcess bench = HomeostatProcess.start(
                "bench",
                "ledger",
                "--kill-leader",
                "1",
                "--in-flight",
                "8",
                "--accounts",
                "50",
                "--secs",
                "1",
                "--warm-up",
                "1",
                "--json",
                "--dir",
                folder.toString())) {
            int code = bench.awaitExit(ENDS_WITHIN);

            assertThat(code).as(bench.output()).isZero();
            List<String> lines =
                    bench.output().lines().filter(line -> line.startsWith("{")).toList();
            assertThat(lines).hasSize(2);
            JsonNode failover = Rest.JSON.readTree(lines.get(0));
            assertThat(failover.path("acks").asLong()).isPositive();
            assertThat(failover.path("longest_gap_ms").asDouble()).isPositive();
            JsonNode summary = Rest.JSON.readTree(lines.get(1));
            assertThat(summary.path("balanced").asBoolean()).isTrue();
            assertThat(summary.path("digests_equal").asBoolean()).isTrue();
            assertThat(summary.path("lost").asInt(-1)).isZero();
        }
    }

    @Test
    void ways_that_exclude_each_other_are_refused() throws Exception {
        try (HomeostatProcess bench = HomeostatProcess.start("bench", "ledger", "--open-loop", "--lose-one")) {
            assertThat(bench.awaitExit(ENDS_WITHIN)).isEqualTo(2);
            assertThat(bench.output()).contains("exclude each other");
        }
    }
}
