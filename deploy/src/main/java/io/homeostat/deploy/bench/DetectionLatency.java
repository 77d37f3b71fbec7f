package io.homeostat.deploy.bench;

import io.homeostat.deploy.incident.IncidentWatch;
import io.homeostat.deploy.process.ChildProcess;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * From the moment in which a node goes wrong until a reader of committed events has the alert, with exports once a second:
 * the wait for the next export counts. Three nodes at phases of their own; faults at random moments of the second.
 */
final class DetectionLatency {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    /** The model learns 20 s; the job and its first windows come before. */
    private static final Duration LEARNING = Duration.ofSeconds(30);
    /** For 15 s after hard evidence nobody warns (PolicyLimits). */
    private static final Duration QUIET = Duration.ofSeconds(20);

    private final DetectorBenchOptions options;
    private final String bootstrap;
    private final Consumer<String> say;
    private final Random random = new Random(5);
    private int falseAlarms;

    DetectionLatency(DetectorBenchOptions options, String bootstrap, Consumer<String> say) {
        this.options = options;
        this.bootstrap = bootstrap;
        this.say = say;
    }

    List<Map<String, Object>> measure(Supplier<ChildProcess> job) {
        List<TelemetryLoad> nodes = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            nodes.add(new TelemetryLoad("n" + i, System.currentTimeMillis(), i));
        }
        ChildProcess child = job.get();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (KafkaProducer<byte[], byte[]> producer = DetectorBench.producer(bootstrap);
                IncidentWatch watch = new IncidentWatch(bootstrap)) {
            int phase = 0;
            for (TelemetryLoad node : nodes) {
                clock.scheduleAtFixedRate(() -> send(producer, node), phase, 1_000, TimeUnit.MILLISECONDS);
                phase += 290;
            }
            say.accept("latency: the model learns");
            watch.await(event -> false, LEARNING, event -> falseAlarms++);
            List<Map<String, Object>> lines = new ArrayList<>();
            if (options.hard() > 0) {
                say.accept("latency: " + options.hard() + " hard faults");
                lines.add(line("hard", options.hard(), nodes, watch, Cause.DIVERGENCE));
            }
            if (options.drifts() > 0) {
                watch.await(event -> false, QUIET, event -> falseAlarms++);
                say.accept("latency: " + options.drifts() + " drifts");
                lines.add(line("drift", options.drifts(), nodes, watch, Cause.SLOWNESS));
            }
            return lines;
        } finally {
            clock.shutdownNow();
            DetectorBench.stop(child);
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, TelemetryLoad node) {
        long millis = System.currentTimeMillis();
        synchronized (node) {
            var ledger = producer.send(new ProducerRecord<>(Topics.OTLP_METRICS, node.ledger(millis)));
            var sidecar = producer.send(new ProducerRecord<>(Topics.OTLP_METRICS, node.sidecar(millis)));
        }
    }

    private Map<String, Object> line(
            String fault, int count, List<TelemetryLoad> nodes, IncidentWatch watch, Cause cause) {
        double[] millis = new double[count];
        int missed = 0;
        for (int i = 0; i < count; i++) {
            int victim = i % nodes.size();
            BenchRun.sleep(Duration.ofMillis(random.nextInt(1_000)));
            watch.await(event -> false, Duration.ZERO, event -> falseAlarms++);
            int known = watch.seen().size();
            long from = System.nanoTime();
            set(nodes.get(victim), cause, true);
            boolean seen = watch.await(
                            event -> event instanceof AnomalyRaised raised
                                    && raised.cause() == cause
                                    && raised.node().equals("n" + (victim + 1))
                                    && watch.seen().indexOf(event) >= known,
                            PATIENCE,
                            event -> {})
                    .isPresent();
            millis[i] = (System.nanoTime() - from) / 1e6;
            missed += seen ? 0 : 1;
            set(nodes.get(victim), cause, false);
            int told = watch.seen().size();
            watch.await(event -> cleared(event, cause) && watch.seen().indexOf(event) >= told, PATIENCE, event -> {});
        }
        Arrays.sort(millis);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("system", "homeostat-detector");
        line.put("fault", fault);
        line.put("faults", count);
        line.put("missed", missed);
        line.put("false_alarms", falseAlarms);
        line.put("checkpoint_ms", options.checkpointMillis());
        line.put("p50ms", Math.round(millis[count / 2]));
        line.put("p99ms", Math.round(millis[(int) Math.ceil(0.99 * count) - 1]));
        line.put("maxms", Math.round(millis[count - 1]));
        return line;
    }

    private static boolean cleared(IncidentEvent event, Cause cause) {
        return event instanceof AnomalyCleared over && over.cause() == cause;
    }

    private static void set(TelemetryLoad node, Cause cause, boolean wrong) {
        synchronized (node) {
            if (cause == Cause.DIVERGENCE) {
                node.divergent = wrong;
            } else {
                node.slow = wrong;
            }
        }
    }
}
