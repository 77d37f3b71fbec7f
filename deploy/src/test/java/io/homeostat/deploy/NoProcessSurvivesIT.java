package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.deploy.testing.Folders;
import io.homeostat.deploy.testing.HomeostatProcess;
import io.homeostat.deploy.testing.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** However the launcher ends, nothing of it stays. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NoProcessSurvivesIT {
    private static final Duration READY_WITHIN = Duration.ofMinutes(5);
    /** Platform, three sidecars, three nodes. */
    private static final int PROCESSES = 7;

    private Path folder;

    @BeforeEach
    void a_fresh_folder() throws IOException {
        folder = Folders.fresh("no-process-survives");
    }

    @Test
    void nothing_survives_a_killed_launcher_and_the_same_directory_starts_again_and_stops_in_order() throws Exception {
        try (HomeostatProcess up = up()) {
            List<ProcessHandle> family = up.descendants();
            assertThat(family).hasSize(PROCESSES);

            up.kill();

            assertGone(family, Duration.ofSeconds(10));
        }
        try (HomeostatProcess again = up()) {
            List<ProcessHandle> family = again.descendants();
            assertThat(family).hasSize(PROCESSES);
            assertThat(again.output()).contains("found " + folder.resolve("cluster"));
            long began = System.nanoTime();

            again.terminate();

            assertThat(again.awaitExit(Duration.ofSeconds(12)))
                    .as("an ordered stop is a success")
                    .isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
            assertGone(family, Duration.ofSeconds(1));
        }
    }

    private HomeostatProcess up() throws Exception {
        HomeostatProcess up = HomeostatProcess.start(
                "up", "--data", folder.resolve("cluster").toString(), "--port", String.valueOf(Ports.free()));
        up.awaitLine(line -> line.contains("Ctrl-C stops everything"), READY_WITHIN);
        return up;
    }

    private static void assertGone(List<ProcessHandle> family, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (ProcessHandle handle : family) {
            handle.onExit()
                    .completeOnTimeout(handle, Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)
                    .join();
        }
        assertThat(family)
                .filteredOn(ProcessHandle::isAlive)
                .as("processes that survived")
                .isEmpty();
    }
}
