package io.homeostat.detector;

import io.homeostat.events.Topics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Three nodes and their sidecars that export every second, at phases of their own, at the real rate. */
final class SyntheticCluster implements AutoCloseable {
    private static final List<Double> BOUNDS = List.of(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5);

    /** Gauges that a test sets, as {@code node/metric}. */
    final Map<String, Double> overrides = new ConcurrentHashMap<>();
    /** Nodes that send nothing at all. */
    final Set<String> silent = ConcurrentHashMap.newKeySet();
    /** Nodes with slow commits. */
    final Set<String> slow = ConcurrentHashMap.newKeySet();

    private final DetectorTopics kafka;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Random random = new Random(7);
    private final long startMillis = System.currentTimeMillis();
    private final Map<String, long[]> histograms = new ConcurrentHashMap<>();
    private final Map<String, Double> counters = new ConcurrentHashMap<>();

    SyntheticCluster(DetectorTopics kafka, List<String> nodes) {
        this.kafka = kafka;
        int phase = 0;
        for (String node : nodes) {
            clock.scheduleAtFixedRate(() -> exportLedger(node), phase, 1_000, TimeUnit.MILLISECONDS);
            clock.scheduleAtFixedRate(() -> exportSidecar(node), phase + 130, 1_000, TimeUnit.MILLISECONDS);
            phase += 290;
        }
    }

    private synchronized void exportLedger(String node) {
        boolean down = overrides.getOrDefault(node + "/node.process.alive", 1.0) < 0.5;
        if (silent.contains(node) || down) {
            return;
        }
        double transfers = counters.merge(node, 900 + 200 * random.nextDouble(), Double::sum);
        long[] counts = histograms.computeIfAbsent(node, n -> new long[BOUNDS.size() + 1]);
        for (int i = 0; i < 100; i++) {
            counts[slow.contains(node) ? 7 : 1 + random.nextInt(3)]++;
        }
        kafka.send(
                Topics.OTLP_METRICS,
                Otlp.ledger(node, System.currentTimeMillis())
                        .histogram(
                                "ledger.commit.duration",
                                startMillis,
                                BOUNDS,
                                java.util.Arrays.stream(counts).boxed().toList())
                        .counter("ledger.transfers", startMillis, transfers, Map.of())
                        .gauge("ledger.apply.lag", random.nextInt(20))
                        .gauge("ledger.queue.depth", random.nextInt(30))
                        .gauge("ledger.digest.divergent", value(node, "ledger.digest.divergent", 0))
                        .gauge("jvm.memory.used", 100e6 + random.nextInt(50_000_000))
                        .bytes());
    }

    private synchronized void exportSidecar(String node) {
        if (silent.contains(node)) {
            return;
        }
        kafka.send(
                Topics.OTLP_METRICS,
                Otlp.sidecar(node, System.currentTimeMillis())
                        .gauge("node.up", value(node, "node.up", 1))
                        .gauge("node.process.alive", value(node, "node.process.alive", 1))
                        .gauge("node.raft.log.alive", value(node, "node.raft.log.alive", 1))
                        .gauge("node.divergent", value(node, "node.divergent", 0))
                        .gauge("node.fenced", value(node, "node.fenced", 0))
                        .gauge("node.probe.duration", 0.002 + 0.002 * random.nextDouble())
                        .bytes());
    }

    private double value(String node, String metric, double normal) {
        return overrides.getOrDefault(node + "/" + metric, normal);
    }

    @Override
    public void close() throws InterruptedException {
        clock.shutdownNow();
        clock.awaitTermination(5, TimeUnit.SECONDS);
    }
}
