package io.homeostat.deploy.bench;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The exports of one node, second by second, as the ledger and its sidecar make them: the metrics of the detector's catalog with
 * values of a healthy node. Drawn from a seed. Not thread-safe.
 */
final class TelemetryLoad {
    private static final List<Double> BOUNDS = List.of(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5);
    /** Bucket of a commit that takes as long as nobody waits for. */
    private static final int SLOW_BUCKET = 7;

    private static final int COMMITS = 100;

    private final String node;
    private final long startMillis;
    private final Random random;
    private final long[] commits = new long[BOUNDS.size() + 1];
    private final long[] appends = new long[BOUNDS.size() + 1];
    private double transfers;
    private double cpuSeconds;
    /** A copy of the state that differs from the others'. */
    boolean divergent;
    /** Commits are slow. */
    boolean slow;

    TelemetryLoad(String node, long startMillis, long seed) {
        this.node = node;
        this.startMillis = startMillis;
        this.random = new Random(seed);
    }

    /** What the ledger exports of the second before {@code millis}. */
    byte[] ledger(long millis) {
        for (int i = 0; i < COMMITS; i++) {
            commits[slow ? SLOW_BUCKET : 1 + random.nextInt(3)]++;
            appends[1 + random.nextInt(2)]++;
        }
        transfers += 900 + 200 * random.nextDouble();
        cpuSeconds += 0.2 + 0.1 * random.nextDouble();
        List<Metric> metrics = new ArrayList<>();
        metrics.add(histogram("ledger.commit.duration", millis, commits));
        metrics.add(histogram("ledger.append.duration", millis, appends));
        metrics.add(counter("ledger.transfers", millis, transfers));
        metrics.add(counter("ledger.refusals", millis, transfers / 100));
        metrics.add(counter("ledger.elections", millis, 1));
        metrics.add(counter("process.cpu.time", millis, cpuSeconds));
        metrics.add(gauge("ledger.apply.lag", millis, random.nextInt(20)));
        metrics.add(gauge("ledger.relay.lag", millis, random.nextInt(20)));
        metrics.add(gauge("ledger.queue.depth", millis, random.nextInt(30)));
        metrics.add(gauge("ledger.digest.divergent", millis, divergent ? 1 : 0));
        metrics.add(gauge("ledger.digest.age", millis, random.nextInt(5)));
        metrics.add(gauge("jvm.memory.used", millis, 100e6 + random.nextInt(50_000_000)));
        return request("homeostat-ledger", metrics);
    }

    /** What its sidecar exports. */
    byte[] sidecar(long millis) {
        List<Metric> metrics = new ArrayList<>();
        metrics.add(gauge("node.up", millis, 1));
        metrics.add(gauge("node.process.alive", millis, 1));
        metrics.add(gauge("node.raft.log.alive", millis, 1));
        metrics.add(gauge("node.divergent", millis, divergent ? 1 : 0));
        metrics.add(gauge("node.fenced", millis, 0));
        metrics.add(gauge("node.probe.duration", millis, 0.002 + 0.002 * random.nextDouble()));
        metrics.add(gauge("node.digest.lag", millis, random.nextInt(30)));
        metrics.add(counter("node.restarts", millis, 0));
        metrics.add(counter("node.probe.failures", millis, 0));
        return request("homeostat-sidecar", metrics);
    }

    /** Data points that both exports of a second hold; a histogram is one. */
    static int pointsPerSecond() {
        return 21;
    }

    private byte[] request(String service, List<Metric> metrics) {
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute("service.name", service))
                                .addAttributes(attribute("service.instance.id", node)))
                        .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(metrics)))
                .build()
                .toByteArray();
    }

    private Metric gauge(String name, long millis, double value) {
        return Metric.newBuilder()
                .setName(name)
                .setGauge(Gauge.newBuilder().addDataPoints(number(millis, value)))
                .build();
    }

    private Metric counter(String name, long millis, double value) {
        return Metric.newBuilder()
                .setName(name)
                .setSum(Sum.newBuilder()
                        .setIsMonotonic(true)
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .addDataPoints(number(millis, value)))
                .build();
    }

    private NumberDataPoint number(long millis, double value) {
        return NumberDataPoint.newBuilder()
                .setTimeUnixNano(millis * 1_000_000)
                .setStartTimeUnixNano(startMillis * 1_000_000)
                .setAsDouble(value)
                .build();
    }

    private Metric histogram(String name, long millis, long[] counts) {
        HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder()
                .setTimeUnixNano(millis * 1_000_000)
                .setStartTimeUnixNano(startMillis * 1_000_000)
                .addAllExplicitBounds(BOUNDS);
        for (long count : counts) {
            point.addBucketCounts(count);
        }
        return Metric.newBuilder()
                .setName(name)
                .setHistogram(Histogram.newBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .addDataPoints(point))
                .build();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
