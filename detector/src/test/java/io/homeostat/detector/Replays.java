package io.homeostat.detector;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.replay.ReplayTool;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Verdicts of a running job, replayed from what it sealed. */
final class Replays {
    private Replays() {}

    /** Each in a Java process of its own, which has the evidence alone. */
    static void assertSame(Path evidence, AnomalyRaised... alerts) throws Exception {
        for (AnomalyRaised alert : alerts) {
            Process replay = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            ReplayTool.class.getName(),
                            alert.anomalyId(),
                            "--evidence",
                            evidence.toString())
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .start();
            String said = new String(replay.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(replay.waitFor()).as(said).isEqualTo(ReplayTool.SAME);
            assertThat(said).contains("SAME");
        }
    }
}
