package io.homeostat.deploy.bench;

import java.util.Optional;

/**
 * What is measured of the detector.
 *
 * @param nodes whose telemetry the throughput is measured with; the detector judges 64 at most
 * @param seconds of event time of each node
 * @param parallelism of the job
 * @param checkpointMillis between checkpoints
 * @param hard faults by hard evidence whose latency is measured; 0 to leave it out
 * @param drifts faults by the model whose latency is measured; 0 to leave it out
 * @param throughput false to leave throughput out
 * @param rcf class path of the measuring kit with its {@code DetectBench}, for the peer in the same run
 */
public record DetectorBenchOptions(
        int nodes,
        int seconds,
        int parallelism,
        int checkpointMillis,
        int hard,
        int drifts,
        boolean throughput,
        Optional<String> rcf) {
    public DetectorBenchOptions {
        within("--nodes", nodes, 3, 64);
        within("--secs", seconds, 100, 100_000);
        within("--parallelism", parallelism, 1, 64);
        within("--checkpoint-millis", checkpointMillis, 100, 60_000);
        within("--hard", hard, 0, 1_000);
        within("--drifts", drifts, 0, 1_000);
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be in " + least + ".." + most + " but is " + value);
        }
    }
}
