package io.homeostat.detector.signal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.homeostat.detector.signal.Sample.Kind;
import io.homeostat.events.codec.EventCodec;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * OTLP protobuf (opentelemetry-proto 1.11, {@code Export*ServiceRequest}) to samples by catalog. Hostile input gives
 * counts, never an exception. Stateless but for its configuration; thread-safe.
 */
public final class OtlpDecoder {
    private static final Pattern NODE_ID = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long WINDOW_MILLIS = 1_000L;

    private final SignalCatalog catalog;
    private final Set<String> expectedNodes;
    private final DecodeLimits limits;

    /** @param expectedNodes the nodes that are judged; empty for every node that reports */
    public OtlpDecoder(SignalCatalog catalog, Set<String> expectedNodes, DecodeLimits limits) {
        this.catalog = catalog;
        this.expectedNodes = Set.copyOf(expectedNodes);
        this.limits = limits;
    }

    public Decoded metrics(byte[] bytes, long nowMillis) {
        Collected collected = new Collected(nowMillis);
        try {
            ExportMetricsServiceRequest.parseFrom(bytes)
                    .getResourceMetricsList()
                    .forEach(resource -> collected.resource(
                            resource.getResource(),
                            () -> resource.getScopeMetricsList()
                                    .forEach(scope -> scope.getMetricsList().forEach(collected::metric))));
        } catch (InvalidProtocolBufferException e) {
            collected.malformed++;
        }
        return collected.result();
    }

    public Decoded logs(byte[] bytes, long nowMillis) {
        Collected collected = new Collected(nowMillis);
        try {
            ExportLogsServiceRequest.parseFrom(bytes)
                    .getResourceLogsList()
                    .forEach(resource -> collected.resource(
                            resource.getResource(),
                            () -> resource.getScopeLogsList()
                                    .forEach(scope -> scope.getLogRecordsList().forEach(collected::log))));
        } catch (InvalidProtocolBufferException e) {
            collected.malformed++;
        }
        return collected.result();
    }

    public Decoded spans(byte[] bytes, long nowMillis) {
        Collected collected = new Collected(nowMillis);
        try {
            ExportTraceServiceRequest.parseFrom(bytes)
                    .getResourceSpansList()
                    .forEach(resource -> collected.resource(
                            resource.getResource(),
                            () -> resource.getScopeSpansList()
                                    .forEach(scope -> scope.getSpansList().forEach(collected::span))));
        } catch (InvalidProtocolBufferException e) {
            collected.malformed++;
        }
        return collected.result();
    }

    private static Optional<String> text(Resource resource, String key) {
        for (KeyValue attribute : resource.getAttributesList()) {
            if (attribute.getKey().equals(key)) {
                return Optional.of(attribute.getValue().getStringValue());
            }
        }
        return Optional.empty();
    }

    private static boolean matches(Signal signal, List<KeyValue> attributes) {
        for (Map.Entry<String, String> wanted : signal.filter().entrySet()) {
            boolean found = attributes.stream()
                    .anyMatch(a -> a.getKey().equals(wanted.getKey())
                            && text(a.getValue()).equals(wanted.getValue()));
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private static String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
            case INT_VALUE -> Long.toString(value.getIntValue());
            case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
            default -> "";
        };
    }

    /** Short digest of a point's attributes: text of telemetry is not carried on. */
    private static String series(String service, List<KeyValue> attributes) {
        TreeMap<String, String> sorted = new TreeMap<>();
        attributes.forEach(a -> sorted.put(a.getKey(), text(a.getValue())));
        return EventCodec.digestOfText(service + sorted).substring(0, 16);
    }

    /** The samples of one request so far. */
    private final class Collected {
        private final long latestMillis;
        private final List<NodeSamples> batches = new ArrayList<>();
        private TreeMap<Long, List<Sample>> samples = new TreeMap<>();
        private String service = "";
        private int points;
        private int malformed;
        private int foreign;
        private int unsupported;
        private int ahead;
        private int overflow;

        Collected(long nowMillis) {
            this.latestMillis = nowMillis + limits.maxAhead().toMillis();
        }

        void resource(Resource resource, Runnable content) {
            service = text(resource, "service.name").orElse("");
            String node = text(resource, "service.instance.id").orElse("");
            boolean judged = expectedNodes.isEmpty() ? NODE_ID.matcher(node).matches() : expectedNodes.contains(node);
            if (!catalog.covers(service) || !judged) {
                foreign++;
                return;
            }
            samples = new TreeMap<>();
            content.run();
            samples.values().forEach(ofSecond -> {
                long newest =
                        ofSecond.stream().mapToLong(Sample::timeMillis).max().orElseThrow();
                batches.add(new NodeSamples(node, newest, ofSecond));
            });
        }

        void metric(Metric metric) {
            List<Signal> signals = catalog.ofMetric(metric.getName());
            if (signals.isEmpty()) {
                return;
            }
            switch (metric.getDataCase()) {
                case GAUGE ->
                    metric.getGauge().getDataPointsList().forEach(point -> number(signals, point, Kind.GAUGE));
                case SUM -> {
                    // A sum that may fall is a level: an up-down counter is read like a gauge.
                    Kind kind = !metric.getSum().getIsMonotonic()
                            ? Kind.GAUGE
                            : cumulative(metric.getSum().getAggregationTemporality()) ? Kind.CUMULATIVE : Kind.DELTA;
                    metric.getSum().getDataPointsList().forEach(point -> number(signals, point, kind));
                }
                case HISTOGRAM -> {
                    Kind kind = cumulative(metric.getHistogram().getAggregationTemporality())
                            ? Kind.CUMULATIVE_HISTOGRAM
                            : Kind.DELTA_HISTOGRAM;
                    metric.getHistogram().getDataPointsList().forEach(point -> histogram(signals, point, kind));
                }
                case EXPONENTIAL_HISTOGRAM ->
                    unsupported += metric.getExponentialHistogram().getDataPointsCount();
                case SUMMARY -> unsupported += metric.getSummary().getDataPointsCount();
                case DATA_NOT_SET -> malformed++;
            }
        }

        void log(LogRecord record) {
            long nanos = record.getTimeUnixNano() != 0 ? record.getTimeUnixNano() : record.getObservedTimeUnixNano();
            for (Signal signal : catalog.ofLogs()) {
                if (counts(signal, record)) {
                    add(Sample.ofNumber(signal.name(), "", nanos / NANOS_PER_MILLI, 0, Kind.DELTA, 1));
                }
            }
            // Signals of templates share what they read: one sample, which the miner makes theirs.
            for (Signal signal : catalog.ofTemplates().stream().limit(1).toList()) {
                String line = counts(signal, record) ? LogLine.masked(text(record.getBody())) : "";
                if (!line.isEmpty()) {
                    add(Sample.ofNumber(signal.name(), line, nanos / NANOS_PER_MILLI, 0, Kind.LINE, 1));
                }
            }
        }

        private boolean counts(Signal signal, LogRecord record) {
            return record.getSeverityNumberValue() >= signal.minSeverity()
                    && matches(signal, record.getAttributesList());
        }

        void span(Span span) {
            for (Signal signal : catalog.ofSpans()) {
                boolean named =
                        signal.operation().isEmpty() || signal.operation().equals(span.getName());
                if (named && matches(signal, span.getAttributesList())) {
                    boolean failed = span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR;
                    double value = signal.reading() == Signal.Reading.FAILED
                            ? (failed ? 1 : 0)
                            : (span.getEndTimeUnixNano() - span.getStartTimeUnixNano()) / 1e9;
                    add(Sample.ofNumber(
                            signal.name(), "", span.getEndTimeUnixNano() / NANOS_PER_MILLI, 0, Kind.DELTA, value));
                }
            }
        }

        private void number(List<Signal> signals, NumberDataPoint point, Kind kind) {
            if (point.getValueCase() == NumberDataPoint.ValueCase.VALUE_NOT_SET) {
                malformed++;
                return;
            }
            double value = point.hasAsInt() ? point.getAsInt() : point.getAsDouble();
            for (Signal signal : signals) {
                if (matches(signal, point.getAttributesList())) {
                    add(Sample.ofNumber(
                            signal.name(),
                            series(service, point.getAttributesList()),
                            point.getTimeUnixNano() / NANOS_PER_MILLI,
                            point.getStartTimeUnixNano() / NANOS_PER_MILLI,
                            kind,
                            value));
                }
            }
        }

        private void histogram(List<Signal> signals, HistogramDataPoint point, Kind kind) {
            int buckets = point.getBucketCountsCount();
            if (buckets == 0 || buckets > limits.maxBuckets() || point.getExplicitBoundsCount() != buckets - 1) {
                malformed++;
                return;
            }
            double[] bounds = new double[buckets - 1];
            long[] counts = new long[buckets];
            for (int i = 0; i < buckets; i++) {
                counts[i] = point.getBucketCounts(i);
                if (i < bounds.length) {
                    bounds[i] = point.getExplicitBounds(i);
                }
                boolean ascending = i == 0 || i >= bounds.length || bounds[i] > bounds[i - 1];
                if (counts[i] < 0 || !ascending) {
                    malformed++;
                    return;
                }
            }
            for (Signal signal : signals) {
                if (matches(signal, point.getAttributesList())) {
                    add(new Sample(
                            signal.name(),
                            series(service, point.getAttributesList()),
                            point.getTimeUnixNano() / NANOS_PER_MILLI,
                            point.getStartTimeUnixNano() / NANOS_PER_MILLI,
                            kind,
                            0,
                            bounds,
                            counts));
                }
            }
        }

        private void add(Sample sample) {
            if (points >= limits.maxPoints()) {
                overflow++;
            } else if (sample.timeMillis() <= 0 || !Double.isFinite(sample.value())) {
                malformed++;
            } else if (sample.timeMillis() > latestMillis) {
                ahead++;
            } else {
                points++;
                samples.computeIfAbsent(sample.timeMillis() / WINDOW_MILLIS, s -> new ArrayList<>())
                        .add(sample);
            }
        }

        private boolean cumulative(AggregationTemporality temporality) {
            return temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
        }

        Decoded result() {
            return new Decoded(batches, malformed, foreign, unsupported, ahead, overflow);
        }
    }
}
