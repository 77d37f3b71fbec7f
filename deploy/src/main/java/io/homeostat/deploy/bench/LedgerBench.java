package io.homeostat.deploy.bench;

import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the ledger against real node processes. Every account has a limit to check; every transfer is acknowledged
 * after a majority has synced it; telemetry is on unless it is what is measured. The door of the package.
 *
 * <p>A figure counts only when balances add up to zero, the nodes attested one digest, and every acknowledged transfer
 * stands in the journal; {@link #counts} tells.
 *
 * @param directory fresh; holds the nodes' data
 * @param progress takes a line now and then
 * @param plot takes latencies and throughput over time; null for none
 */
public record LedgerBench(
        BenchOptions options,
        Path directory,
        Distribution distribution,
        Consumer<String> progress,
        @Nullable BenchPlot plot) {
    private static final double[] SHARES = {0.25, 0.5, 0.75, 0.9};
    private static final int SNAPSHOT_ROUNDS = 3;
    /** A maximum that others are measured against needs no more, however long they are. */
    private static final int MAXIMUM_SECONDS = 20;

    /** Whether nothing voids these figures. */
    public static boolean counts(Map<String, Object> figures) {
        return Boolean.TRUE.equals(figures.getOrDefault("balanced", true))
                && Boolean.TRUE.equals(figures.getOrDefault("digests_equal", true))
                && Long.valueOf(0).equals(figures.getOrDefault("lost", 0L));
    }

    /** The maximum, in a closed loop: so many requests in flight, each answered before the next. */
    public List<Map<String, Object>> closedLoop() throws IOException {
        try (BenchRun run = start(options, directory)) {
            Map<String, Object> figures;
            try (TransferLoad load = run.closedLoop()) {
                run.warmUp(load);
                run.say("measuring " + options.seconds() + " s");
                figures = run.stretch(load);
            }
            figures.putAll(run.verdict());
            return List.of(figures);
        }
    }

    /** Latency at shares of the own maximum, each with its own line; and the longest stall while snapshots are taken. */
    public List<Map<String, Object>> openLoop() throws IOException {
        try (BenchRun run = start(options, directory)) {
            List<Map<String, Object>> lines = new ArrayList<>();
            double maximum = maximum(run, lines);
            for (double share : SHARES) {
                run.say("open loop at " + Math.round(share * 100) + " % for " + options.seconds() + " s");
                try (TransferLoad load = run.openLoop(maximum * share)) {
                    run.settle(load);
                    Map<String, Object> figures = run.stretch(load);
                    figures.put("share_of_max", share);
                    lines.add(figures);
                }
            }
            lines.add(underSnapshots(run, maximum * 0.5));
            Map<String, Object> verdict = run.verdict();
            lines.forEach(line -> line.putAll(verdict));
            return lines;
        }
    }

    /** Throughput with telemetry and a reader of the journal's stream, against throughput without, in turns. */
    public List<Map<String, Object>> telemetryCost(int repetitions) throws IOException {
        try (BenchRun off = start(options.withTelemetry(false), directory.resolve("off"));
                BenchRun on = start(options.withTelemetry(true), directory.resolve("on"))) {
            return TelemetryCost.measure(on, off, repetitions);
        }
    }

    /** Each node is lost in turn under load, the leader last. */
    public List<Map<String, Object>> loseOne() throws IOException {
        try (BenchRun run = start(options, directory)) {
            List<Map<String, Object>> lines = new ArrayList<>();
            double maximum = maximum(run, lines);
            lines.addAll(NodeLoss.eachInTurn(run, maximum * 0.5));
            return lines;
        }
    }

    /** The leader is killed so many times under writes; each line has the time in which nothing was acknowledged. */
    public List<Map<String, Object>> killLeader(int times) throws IOException {
        try (BenchRun run = start(options, directory)) {
            return NodeLoss.ofLeader(run, times);
        }
    }

    /** Many times the load that the ledger takes: what is refused, and whether memory stays flat. */
    public List<Map<String, Object>> overload(double times, int seconds) throws IOException {
        try (BenchRun run = start(options, directory)) {
            List<Map<String, Object>> lines = new ArrayList<>();
            double maximum = maximum(run, lines);
            lines.add(Overload.measure(run, maximum, times, seconds));
            Map<String, Object> verdict = run.verdict();
            lines.forEach(line -> line.putAll(verdict));
            return lines;
        }
    }

    private BenchRun start(BenchOptions chosen, Path folder) throws IOException {
        BenchRun run = BenchRun.start(chosen, folder, distribution, progress);
        run.plotTo(plot);
        return run;
    }

    /** Requests per second of a closed loop, whose line is added. */
    private double maximum(BenchRun run, List<Map<String, Object>> lines) throws IOException {
        int seconds = Math.min(options.seconds(), MAXIMUM_SECONDS);
        try (TransferLoad load = run.closedLoop()) {
            run.warmUp(load);
            run.say("finding the maximum, " + seconds + " s");
            Map<String, Object> figures = run.stretch(load, seconds);
            lines.add(figures);
            return run.requestsPerSecond(figures);
        }
    }

    private static Map<String, Object> underSnapshots(BenchRun run, double requestsPerSecond) throws IOException {
        run.say("open loop at 50 % while every node takes " + SNAPSHOT_ROUNDS + " snapshots");
        try (TransferLoad load = run.openLoop(requestsPerSecond)) {
            run.settle(load);
            int taken = 0;
            for (int round = 0; round < SNAPSHOT_ROUNDS; round++) {
                for (String node : run.cluster.ids()) {
                    if (run.cluster
                            .control(node)
                            .post("/control/snapshot", Map.of())
                            .accepted()) {
                        taken++;
                    }
                }
            }
            Map<String, Object> figures = run.figures(load.next());
            figures.put("share_of_max", 0.5);
            figures.put("snapshots", taken);
            return figures;
        }
    }
}
