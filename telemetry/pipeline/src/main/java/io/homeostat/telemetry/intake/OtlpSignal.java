package io.homeostat.telemetry.intake;

import com.google.protobuf.Message;
import io.homeostat.events.Topics;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.metrics.v1.Metric;

/**
 * The three signals of OTLP with their addresses.
 *
 * <p>All three requests have one shape, which the code relies on: {@code repeated Resource*} is field 1 of the request; of
 * that, {@code resource} is field 1 and {@code repeated Scope*} field 2; of that, {@code scope} is field 1 and the repeated
 * records field 2. {@code OtlpSignalTest} checks it against the schema.
 */
enum OtlpSignal {
    METRICS(
            "metrics",
            "metrics",
            "Metrics",
            Topics.OTLP_METRICS,
            ExportMetricsServiceRequest.getDefaultInstance(),
            ExportMetricsServiceResponse.getDefaultInstance()),
    TRACES(
            "traces",
            "trace",
            "Trace",
            Topics.OTLP_SPANS,
            ExportTraceServiceRequest.getDefaultInstance(),
            ExportTraceServiceResponse.getDefaultInstance()),
    LOGS(
            "logs",
            "logs",
            "Logs",
            Topics.OTLP_LOGS,
            ExportLogsServiceRequest.getDefaultInstance(),
            ExportLogsServiceResponse.getDefaultInstance());

    static final int RESOURCES = 1;
    static final int RESOURCE = 1;
    static final int SCOPES = 2;
    static final int RECORDS = 2;

    private final String label;
    private final String protoPackage;
    private final String protoName;
    private final String topic;
    private final Message request;
    private final Message response;

    OtlpSignal(String label, String protoPackage, String protoName, String topic, Message request, Message response) {
        this.label = label;
        this.protoPackage = protoPackage;
        this.protoName = protoName;
        this.topic = topic;
        this.request = request;
        this.response = response;
    }

    /** Value of the metric attribute {@code signal}. */
    String label() {
        return label;
    }

    String topic() {
        return topic;
    }

    String httpPath() {
        return "/v1/" + label;
    }

    String grpcService() {
        return "opentelemetry.proto.collector." + protoPackage + ".v1." + protoName + "Service";
    }

    Message request() {
        return request;
    }

    /** The answer to an accepted request; empty when nothing was rejected, as OTLP asks for. */
    Message response(long rejected, String reason) {
        if (rejected == 0) {
            return response;
        }
        var partialField = response.getDescriptorForType().findFieldByNumber(1);
        Message.Builder answer = response.newBuilderForType();
        Message.Builder partial = answer.newBuilderForField(partialField);
        var fields = partial.getDescriptorForType();
        partial.setField(fields.findFieldByNumber(1), rejected);
        partial.setField(fields.findFieldByNumber(2), reason);
        return answer.setField(partialField, partial.build()).build();
    }

    /** How many points one record stands for: a span and a log record are one, a metric has its data points. */
    long pointsOf(Message message) {
        return message instanceof Metric metric ? dataPoints(metric) : 1;
    }

    private static long dataPoints(Metric metric) {
        return switch (metric.getDataCase()) {
            case GAUGE -> metric.getGauge().getDataPointsCount();
            case SUM -> metric.getSum().getDataPointsCount();
            case HISTOGRAM -> metric.getHistogram().getDataPointsCount();
            case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsCount();
            case SUMMARY -> metric.getSummary().getDataPointsCount();
            case DATA_NOT_SET -> 0;
        };
    }
}
