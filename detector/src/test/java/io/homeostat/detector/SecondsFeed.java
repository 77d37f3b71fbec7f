package io.homeostat.detector;

import io.homeostat.events.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Telemetry of seconds that lie in the past, faster than they went by: what the detector says of them depends on event
 * time alone, so that a slow machine changes nothing.
 */
final class SecondsFeed {
    private static final List<Double> BOUNDS = List.of(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5);
    private static final int SLOW_BUCKET = 7;
    private static final int COMMITS = 100;

    /** After so many normal seconds a fault is seen to be over. */
    private static final int OVER = 9;

    /** Nodes with slow commits. */
    final Set<String> slow = new HashSet<>();
    /** Nodes whose Raft log is dead. */
    final Set<String> deadLog = new HashSet<>();

    private final DetectorTopics kafka;
    private final List<String> nodes;
    private final String faulty;
    private final Random random = new Random(11);
    private final long startMillis = (System.currentTimeMillis() / 1_000 - 3_600) * 1_000;
    private final Map<String, long[]> commits = new HashMap<>();
    private int second;

    SecondsFeed(DetectorTopics kafka, List<String> nodes, String faulty) {
        this.kafka = kafka;
        this.nodes = nodes;
        this.faulty = faulty;
    }

    /** Normal seconds, each in {@code pace} of time. */
    void quiet(int seconds, Duration pace) {
        send(seconds, false, pace);
    }

    /** Seconds in which one node is found divergent. */
    void divergent(int seconds, Duration pace) {
        send(seconds, true, pace);
    }

    /** A fault of three seconds, and the seconds until it is seen to be over. */
    void fault(Duration pace) {
        divergent(3, pace);
        quiet(OVER, pace);
    }

    /** Event time of the next second. */
    long nowMillis() {
        return startMillis + second * 1_000L;
    }

    private void send(int seconds, boolean fault, Duration pace) {
        for (int i = 0; i < seconds; i++) {
            long from = System.nanoTime();
            sendSecond(fault);
            LockSupport.parkNanos(pace.toNanos() - (System.nanoTime() - from));
        }
    }

    private void sendSecond(boolean fault) {
        int phase = 100;
        for (String node : nodes) {
            long millis = nowMillis() + phase;
            phase += 200;
            long[] counts = commits.computeIfAbsent(node, n -> new long[BOUNDS.size() + 1]);
            for (int i = 0; i < COMMITS; i++) {
                counts[slow.contains(node) ? SLOW_BUCKET : 1 + random.nextInt(3)]++;
            }
            double divergent = fault && node.equals(faulty) ? 1 : 0;
            kafka.send(
                    Topics.OTLP_METRICS,
                    Otlp.ledger(node, millis)
                            .histogram(
                                    "ledger.commit.duration",
                                    startMillis,
                                    BOUNDS,
                                    Arrays.stream(counts).boxed().toList())
                            .gauge("ledger.apply.lag", random.nextInt(20))
                            .gauge("ledger.queue.depth", random.nextInt(30))
                            .gauge("ledger.digest.divergent", divergent)
                            .bytes());
            kafka.send(
                    Topics.OTLP_METRICS,
                    Otlp.sidecar(node, millis + 50)
                            .gauge("node.up", 1)
                            .gauge("node.process.alive", 1)
                            .gauge("node.raft.log.alive", deadLog.contains(node) ? 0 : 1)
                            .gauge("node.divergent", divergent)
                            .gauge("node.fenced", 0)
                            .bytes());
        }
        second++;
    }
}
