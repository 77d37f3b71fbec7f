package io.homeostat.deploy.bench;

import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Figures of the ledger against real node processes. Every account has a limit to check; every transfer is acknowledged
 * after a majority has synced it; telemetry is on unless it is what is measured.
 *
 * <p>A figure counts only when balances add up to zero, the nodes attested one digest, and every acknowledged transfer
 * stands in the journal; {@link #counts} tells.
 */
public final class LedgerBench {
    private static final double[] SHARES = {0.25, 0.5, 0.75, 0.9};
    private static final int OPEN_LOOP_CONNECTIONS = 512;
    private static final long SEED = 20_261_121L;

    private final Options options;
    private final Path directory;
    private final Distribution distribution;
    private final Consumer<String> progress;

    private LedgerBench(Options options, Path directory, Distribution distribution, Consumer<String> progress) {
        this.options = options;
        this.directory = directory;
        this.distribution = distribution;
        this.progress = progress;
    }

    /**
     * @param batch transfers in a request
     * @param inFlight requests at once
     * @param zipf exponent of the accounts' popularity, 0 for uniform
     * @param warmUp seconds of load before the measurement
     * @param telemetry false: the nodes report nothing
     * @param tls between nodes and towards clients; off, because the systems it is compared with run without
     */
    public record Options(
            int batch,
            int inFlight,
            int nodes,
            int seconds,
            int accounts,
            double zipf,
            int warmUp,
            boolean telemetry,
            boolean tls) {
        public Options {
            within("--batch", batch, 1, 8190);
            within("--in-flight", inFlight, 1, 1024);
            within("--secs", seconds, 1, 3600);
            within("--accounts", accounts, 2, 1_000_000);
            within("--warm-up", warmUp, 0, 600);
            if (!(zipf >= 0 && zipf <= 4)) {
                throw new IllegalArgumentException("--zipf must be in 0..4 but is " + zipf);
            }
            if (nodes != 3 && nodes != 5 && nodes != 7 && nodes != 9) {
                throw new IllegalArgumentException("--nodes must be 3, 5, 7 or 9 but is " + nodes);
            }
        }

        public Options with(int otherBatch, int otherInFlight) {
            return new Options(otherBatch, otherInFlight, nodes, seconds, accounts, zipf, warmUp, telemetry, tls);
        }

        private static void within(String name, int value, int least, int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + " must be in " + least + ".." + most + " but is " + value);
            }
        }
    }

    /** The maximum, in a closed loop: so many requests in flight, each answered before the next. */
    public static Map<String, Object> closedLoop(
            Options options, Path directory, Distribution distribution, Consumer<String> progress) throws IOException {
        return new LedgerBench(options, directory, distribution, progress).closedLoop();
    }

    /** Latency at shares of the own maximum, each with its own line; and the longest stall while snapshots are taken. */
    public static List<Map<String, Object>> openLoop(
            Options options, Path directory, Distribution distribution, Consumer<String> progress) throws IOException {
        return new LedgerBench(options, directory, distribution, progress).openLoop();
    }

    /** Whether nothing voids these figures. */
    public static boolean counts(Map<String, Object> figures) {
        return Boolean.TRUE.equals(figures.getOrDefault("balanced", true))
                && Boolean.TRUE.equals(figures.getOrDefault("digests_equal", true))
                && Long.valueOf(0).equals(figures.getOrDefault("lost", 0L));
    }

    private Map<String, Object> closedLoop() throws IOException {
        try (BenchCluster cluster = cluster()) {
            progress.accept(options.nodes() + " nodes ready, creating " + options.accounts() + " accounts");
            cluster.fund(options.accounts());
            TransferIds ids = new TransferIds(SEED);
            Map<String, Object> figures = new LinkedHashMap<>();
            try (TransferLoad load = start(cluster, ids, options.inFlight(), 0)) {
                warmUp(load);
                progress.accept("measuring " + options.seconds() + " s");
                figures.putAll(stretch(cluster, load));
            }
            figures.putAll(verdict(cluster, ids));
            return figures;
        }
    }

    private List<Map<String, Object>> openLoop() throws IOException {
        try (BenchCluster cluster = cluster()) {
            progress.accept(options.nodes() + " nodes ready, creating " + options.accounts() + " accounts");
            cluster.fund(options.accounts());
            TransferIds ids = new TransferIds(SEED);
            List<Map<String, Object>> lines = new ArrayList<>();
            double maximum;
            try (TransferLoad load = start(cluster, ids, options.inFlight(), 0)) {
                warmUp(load);
                progress.accept("finding the maximum, " + options.seconds() + " s");
                Map<String, Object> figures = stretch(cluster, load);
                maximum = requestsPerSecond(figures);
                lines.add(figures);
            }
            for (double share : SHARES) {
                progress.accept("open loop at " + Math.round(share * 100) + " % for " + options.seconds() + " s");
                try (TransferLoad load = start(cluster, ids, OPEN_LOOP_CONNECTIONS, maximum * share)) {
                    sleep(Duration.ofSeconds(2));
                    load.next();
                    Map<String, Object> figures = stretch(cluster, load);
                    figures.put("share_of_max", share);
                    lines.add(figures);
                }
            }
            progress.accept("open loop at 50 % while every node takes snapshots");
            try (TransferLoad load = start(cluster, ids, OPEN_LOOP_CONNECTIONS, maximum * 0.5)) {
                sleep(Duration.ofSeconds(2));
                load.next();
                int taken = 0;
                for (String node : cluster.ids()) {
                    taken += cluster.control(node)
                                    .post("/control/snapshot", Map.of())
                                    .accepted()
                            ? 1
                            : 0;
                }
                sleep(Duration.ofSeconds(2));
                Map<String, Object> figures = figures(load.next());
                figures.put("share_of_max", 0.5);
                figures.put("snapshots", taken);
                lines.add(figures);
            }
            Map<String, Object> verdict = verdict(cluster, ids);
            lines.forEach(line -> line.putAll(verdict));
            return lines;
        }
    }

    private BenchCluster cluster() throws IOException {
        return BenchCluster.start(directory, options.nodes(), options.tls(), options.telemetry(), distribution);
    }

    private TransferLoad start(BenchCluster cluster, TransferIds ids, int inFlight, double requestsPerSecond)
            throws IOException {
        return TransferLoad.start(
                cluster,
                new TransferLoad.Plan(
                        options.batch(), inFlight, requestsPerSecond, options.accounts(), options.zipf(), SEED),
                ids);
    }

    private void warmUp(TransferLoad load) {
        progress.accept("warm-up " + options.warmUp() + " s");
        sleep(Duration.ofSeconds(options.warmUp()));
        load.next();
    }

    private Map<String, Object> stretch(BenchCluster cluster, TransferLoad load) {
        long cpuBefore = cluster.cpuMicros();
        long fsyncsBefore = cluster.fsyncs();
        sleep(Duration.ofSeconds(options.seconds()));
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

    private Map<String, Object> figures(Meter meter) {
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
        if (!options.telemetry()) {
            figures.put("telemetry", "off");
        }
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
        return figures;
    }

    private Map<String, Object> verdict(BenchCluster cluster, TransferIds ids) throws IOException {
        progress.accept("checking balances, digests and the journal");
        Map<String, Object> verdict = new LinkedHashMap<>();
        verdict.put("balanced", cluster.balanced());
        verdict.put("digests_equal", cluster.digestsEqual());
        verdict.put("lost", cluster.missing(ids));
        return verdict;
    }

    private double requestsPerSecond(Map<String, Object> figures) {
        return figures.get("transfers/s") instanceof Long transfers ? (double) transfers / options.batch() : 0;
    }

    private static double hundredths(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private static void sleep(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
