package io.homeostat.detector;

import io.homeostat.detector.job.DetectorJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The job alone in a process, until its standard input ends: for {@code ./homeostat bench detector}. Arguments: {@code
 * --bootstrap --group --data --nodes --mode pipeline|pass-through --parallelism --checkpoint-millis}.
 */
public final class PipelineProcess {
    private static final int CHUNK = 512;

    private PipelineProcess() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> options = DetectorJob.options(args);
        DetectorConfig standard = DetectorConfig.of(
                options.getOrDefault("bootstrap", ""),
                Path.of(options.getOrDefault("data", "")),
                List.of(options.getOrDefault("nodes", "").split(",", -1)));
        DetectorConfig config = new DetectorConfig(
                standard.kafkaBootstrap(),
                options.getOrDefault("group", standard.consumerGroup()),
                standard.dataDir(),
                standard.expectedNodes(),
                standard.baselineWindows(),
                Integer.parseInt(options.getOrDefault("parallelism", "1")),
                Duration.ofMillis(Long.parseLong(options.getOrDefault("checkpoint-millis", "250"))),
                standard.silenceAfter(),
                standard.stateBackend(),
                standard.limits());
        Detector.Wiring job = options.getOrDefault("mode", "").equals("pass-through")
                ? DetectorJob::wirePassThrough
                : DetectorJob::wire;
        try (Detector detector = Detector.start(config, job)) {
            byte[] ignored = new byte[CHUNK];
            while (detector.running() && System.in.read(ignored) >= 0) {
                // The end of standard input is the order to stop.
            }
        }
        System.exit(0);
    }
}
