package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** One seed of what {@code homeostat chaos run ledger} does for hours. Faults that this machine can not make are skipped. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerChaosIT {
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(6);

    private Path folder;

    @BeforeEach
    void a_fresh_folder() throws IOException {
        folder = Folders.fresh("ledger-chaos");
    }

    @Test
    void the_ledger_keeps_its_word_under_faults() throws Exception {
        Path json = folder.resolve("chaos.json");
        try (HomeostatProcess chaos = HomeostatProcess.start(
                "chaos",
                "run",
                "ledger",
                "--seed",
                "1",
                "--secs",
                "25",
                "--faults",
                "leader-kill,power,pause,partition,one-way",
                "--dir",
                folder.toString(),
                "--json",
                json.toString())) {
            int code = chaos.awaitExit(ENDS_WITHIN);

            assertThat(code).as(chaos.output()).isZero();
        }
        JsonNode report = Rest.JSON.readTree(json.toFile());
        assertThat(report.path("lost").asInt(-1)).isZero();
        assertThat(report.path("doubled").asInt(-1)).isZero();
        assertThat(report.path("faults").asInt()).isPositive();
        assertThat(report.path("acknowledged").asInt()).isPositive();
        assertThat(report.path("violations")).isEmpty();
    }

    @Test
    void a_killed_controller_leaves_no_fault_and_no_process_behind() throws Exception {
        try (HomeostatProcess chaos = HomeostatProcess.start(
                "chaos",
                "run",
                "ledger",
                "--seed",
                "2",
                "--secs",
                "60",
                "--faults",
                "pause",
                "--dir",
                folder.toString())) {
            chaos.awaitLine(line -> line.contains("kill -STOP"), ENDS_WITHIN);
            List<ProcessHandle> family = chaos.descendants();
            assertThat(family).hasSizeGreaterThanOrEqualTo(3);

            chaos.kill();

            for (ProcessHandle handle : family) {
                handle.onExit().completeOnTimeout(handle, 30, TimeUnit.SECONDS).join();
            }
            assertThat(family).filteredOn(ProcessHandle::isAlive).isEmpty();
        }
    }
}
