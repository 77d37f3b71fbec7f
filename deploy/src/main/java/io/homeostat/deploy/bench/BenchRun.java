package io.homeostat.deploy.bench;

import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One cluster with funded accounts, the loads on it, and what they are judged by in the end. Not thread-safe.
 */
final class BenchRun implements AutoCloseable {
    private static final long SEED = 20_261_121L;
    /** An open loop needs a connection for every request that is under way; more arrive than are served only in a stall. */
    private static final int OPEN_LOOP_CONNECTIONS = 512;

    private static final Duration SETTLE = Duration.ofSeconds(2);

    final BenchOptions options;
    final BenchCluster cluster;
    private final TransferIds ids = new TransferIds(SEED);
    private final Consumer<String> progress;
    private @Nullable BenchPlot plot;

    private BenchRun(BenchOptions options, BenchCluster cluster, Consumer<String> progress) {
        this.options = options;
        this.cluster = cluster;
        this.progress = progress;
    }

    /** Nodes are ready and accounts are funded when this returns. */
    static BenchRun start(BenchOptions options, Path directory, Distribution distribution, Consumer<String> progress)
            throws IOException {
        BenchRun run = new BenchRun(
                options,
                BenchCluster.start(
                        directory,
                        options.nodes(),
                        options.tls(),
                        options.telemetry(),
                        options.jvmFlags(),
                        distribution),
                progress);
        try {
            progress.accept(options.nodes() + " nodes ready, creating " + options.accounts() + " accounts");
            long began = System.nanoTime();
            run.cluster.fund(options.accounts(), progress);
            progress.accept("accounts created in " + (System.nanoTime() - began) / 1_000_000 + " ms");
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    void plotTo(@Nullable BenchPlot into) {
        plot = into;
    }

    void say(String line) {
        progress.accept(line);
    }

    /** So many requests at once, each answered before the next. */
    TransferLoad closedLoop() throws IOException {
        return load(options.inFlight(), 0, TransferLoad.Plan.USUAL_ATTEMPT, true);
    }

    /** Poisson arrivals. */
    TransferLoad openLoop(double requestsPerSecond) throws IOException {
        return load(OPEN_LOOP_CONNECTIONS, requestsPerSecond, TransferLoad.Plan.USUAL_ATTEMPT, true);
    }

    TransferLoad load(int connections, double requestsPerSecond, Duration attempt, boolean insists) throws IOException {
        return TransferLoad.start(
                cluster.target(),
                new TransferLoad.Plan(
                        options.batch(),
                        connections,
                        requestsPerSecond,
                        options.accounts(),
                        options.zipf(),
                        options.hot(),
                        SEED,
                        attempt,
                        insists),
                ids);
    }

    void warmUp(TransferLoad load) {
        say("warm-up " + options.warmUp() + " s");
        sleep(Duration.ofSeconds(options.warmUp()));
        load.next();
    }

    /** The next stretch begins a moment later, with what the last one left behind worked off. */
    void settle(TransferLoad load) {
        sleep(SETTLE);
        load.next();
    }

    /** One measurement of the usual length; CPU is that of all nodes that live. */
    Map<String, Object> stretch(TransferLoad load) {
        return stretch(load, options.seconds());
    }

    Map<String, Object> stretch(TransferLoad load, int seconds) {
        long cpuBefore = cluster.cpuMicros();
        long fsyncsBefore = cluster.fsyncs();
        sleep(Duration.ofSeconds(seconds));
        cluster.requireAlive();
        Meter meter = load.next();
        long cpu = cluster.cpuMicros() - cpuBefore;
        Map<String, Object> figures = figures(meter);
        figures.put(
                "server_cpu_us/transfer", meter.transfers() == 0 ? -1 : hundredths((double) cpu / meter.transfers()));
        if (options.telemetry()) {
            figures.put("fsyncs", cluster.fsyncs() - fsyncsBefore);
        }
        return figures;
    }

    Map<String, Object> figures(Meter meter) {
        Map<String, Object> figures = configuration();
        figures.put("transfers/s", Math.round(meter.transfersPerSecond()));
        figures.put("p50ms", hundredths(meter.latencyMillis(50)));
        figures.put("p99ms", hundredths(meter.latencyMillis(99)));
        figures.put("maxms", hundredths(meter.latencyMillis(100)));
        figures.put("longest_gap_ms", hundredths(meter.longestGapMillis()));
        if (meter.refused() > 0) {
            figures.put("refused", meter.refused());
        }
        if (meter.repeats() > 0) {
            figures.put("repeated", meter.repeats());
        }
        if (plot != null) {
            plot.add("stretch " + plot.next() + ": " + Math.round(meter.transfersPerSecond()) + " transfers/s", meter);
        }
        return figures;
    }

    /** How every line begins. */
    Map<String, Object> configuration() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("system", "homeostat");
        figures.put("nodes", options.nodes());
        figures.put("batch", options.batch());
        figures.put("in_flight", options.inFlight());
        figures.put("accounts", options.accounts());
        figures.put("tls", options.tls());
        if (options.zipf() > 0) {
            figures.put("zipf", options.zipf());
        }
        if (options.hot()) {
            figures.put("hot", true);
        }
        if (!options.telemetry()) {
            figures.put("telemetry", "off");
        }
        if (options.heapMib() > 0) {
            figures.put("heap_mib", options.heapMib());
        }
        return figures;
    }

    /** What voids every figure of this run when it is wrong. */
    Map<String, Object> verdict() {
        say("checking balances, digests and the journal");
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("balanced", cluster.balanced());
        verdict.put("digests_equal", cluster.digestsEqual());
        verdict.put("lost", cluster.missing(ids));
        return verdict;
    }

    double requestsPerSecond(Map<String, Object> figures) {
        return figures.get("transfers/s") instanceof Long transfers ? (double) transfers / options.batch() : 0;
    }

    static double hundredths(double value) {
        return Math.round(value * 100) / 100.0;
    }

    static void sleep(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        cluster.close();
    }
}
