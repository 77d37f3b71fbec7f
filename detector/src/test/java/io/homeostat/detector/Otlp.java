package io.homeostat.detector;

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
import java.util.Map;

/** One OTLP metrics export of one node, as the SDK's OTLP exporter makes it. */
public final class Otlp {
    private final String service;
    private final String node;
    private final long timeMillis;
    private final List<Metric> metrics = new ArrayList<>();

    private Otlp(String service, String node, long timeMillis) {
        this.service = service;
        this.node = node;
        this.timeMillis = timeMillis;
    }

    public static Otlp ledger(String node, long timeMillis) {
        return new Otlp("homeostat-ledger", node, timeMillis);
    }

    public static Otlp sidecar(String node, long timeMillis) {
        return new Otlp("homeostat-sidecar", node, timeMillis);
    }

    public static Otlp of(String service, String node, long timeMillis) {
        return new Otlp(service, node, timeMillis);
    }

    public Otlp gauge(String name, double value) {
        return gauge(name, value, Map.of());
    }

    public Otlp gauge(String name, double value, Map<String, String> attributes) {
        metrics.add(Metric.newBuilder()
                .setName(name)
                .setGauge(Gauge.newBuilder().addDataPoints(number(value, 0, attributes)))
                .build());
        return this;
    }

    public Otlp counter(String name, long startMillis, double value, Map<String, String> attributes) {
        metrics.add(Metric.newBuilder()
                .setName(name)
                .setSum(Sum.newBuilder()
                        .setIsMonotonic(true)
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .addDataPoints(number(value, startMillis, attributes)))
                .build());
        return this;
    }

    public Otlp histogram(String name, long startMillis, List<Double> bounds, List<Long> counts) {
        metrics.add(Metric.newBuilder()
                .setName(name)
                .setHistogram(Histogram.newBuilder()
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .addDataPoints(HistogramDataPoint.newBuilder()
                                .setTimeUnixNano(timeMillis * 1_000_000)
                                .setStartTimeUnixNano(startMillis * 1_000_000)
                                .addAllExplicitBounds(bounds)
                                .addAllBucketCounts(counts)))
                .build());
        return this;
    }

    public byte[] bytes() {
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute("service.name", service))
                                .addAttributes(attribute("service.instance.id", node)))
                        .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(metrics)))
                .build()
                .toByteArray();
    }

    private NumberDataPoint number(double value, long startMillis, Map<String, String> attributes) {
        NumberDataPoint.Builder point = NumberDataPoint.newBuilder()
                .setTimeUnixNano(timeMillis * 1_000_000)
                .setStartTimeUnixNano(startMillis * 1_000_000)
                .setAsDouble(value);
        attributes.forEach((key, text) -> point.addAttributes(attribute(key, text)));
        return point.build();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
