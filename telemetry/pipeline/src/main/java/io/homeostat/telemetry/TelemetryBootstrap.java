package io.homeostat.telemetry;

import io.homeostat.telemetry.export.JdkSenders;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Starts the OpenTelemetry SDK of one process: metrics at a fixed interval, sampled traces and logs in batches, all by
 * OTLP/HTTP with protobuf.
 *
 * <p>Measuring never waits for the network: metrics are read on the SDK's own thread, spans and log records go to bounded
 * queues and are dropped when those are full. Metrics are cumulative, so an export that fails is made good by the next.
 * {@link OpenTelemetrySdk#close()} sends what is left and ends every thread. Source: OTLP specification 1.x, "OTLP/HTTP".
 */
public final class TelemetryBootstrap {
    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);

    private TelemetryBootstrap() {}

    /** Metrics every second, default bounds, no further resource attributes. */
    public static OpenTelemetrySdk start(String serviceName, String instanceId, URI otlpHttpEndpoint) {
        return start(serviceName, instanceId, Map.of(), otlpHttpEndpoint, EVERY_SECOND);
    }

    public static OpenTelemetrySdk start(
            String serviceName,
            String instanceId,
            Map<String, String> resourceAttributes,
            URI otlpHttpEndpoint,
            Duration interval) {
        return start(
                serviceName,
                instanceId,
                resourceAttributes,
                otlpHttpEndpoint,
                interval,
                Map.of(),
                SendLimits.defaults());
    }

    /**
     * @param otlpHttpEndpoint base address such as {@code http://127.0.0.1:4318}; {@code /v1/metrics} and so on are added
     * @param headers sent with every request, for example {@code Authorization}; never logged
     */
    public static OpenTelemetrySdk start(
            String serviceName,
            String instanceId,
            Map<String, String> resourceAttributes,
            URI otlpHttpEndpoint,
            Duration interval,
            Map<String, String> headers,
            SendLimits limits) {
        Objects.requireNonNull(limits, "limits");
        if (interval.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("interval must be at least 100 ms but is " + interval);
        }
        String base = baseOf(otlpHttpEndpoint);
        Resource resource = resource(serviceName, instanceId, resourceAttributes);
        Map<String, String> fixedHeaders = Map.copyOf(headers);
        Supplier<Map<String, String>> headerSupplier = () -> fixedHeaders;
        JdkSenders senders = new JdkSenders();
        return OpenTelemetrySdk.builder()
                .setMeterProvider(meters(base, interval, resource, headerSupplier, senders, limits))
                .setTracerProvider(tracers(base, resource, headerSupplier, senders, limits))
                .setLoggerProvider(loggers(base, resource, headerSupplier, senders, limits))
                .build();
    }

    private static SdkMeterProvider meters(
            String base,
            Duration interval,
            Resource resource,
            Supplier<Map<String, String>> headers,
            JdkSenders senders,
            SendLimits limits) {
        // No retry: values are cumulative and the next export is due anyway. Data objects are reused to spare memory.
        OtlpHttpMetricExporter exporter = OtlpHttpMetricExporter.builder()
                .setEndpoint(base + "/v1/metrics")
                .setHeaders(headers)
                .setTimeout(limits.exportTimeout())
                .setRetryPolicy(null)
                .setMemoryMode(MemoryMode.REUSABLE_DATA)
                .setComponentLoader(senders)
                .build();
        return SdkMeterProvider.builder()
                .setResource(resource)
                .registerMetricReader(PeriodicMetricReader.builder(exporter)
                        .setInterval(interval)
                        .build())
                .build();
    }

    private static SdkTracerProvider tracers(
            String base,
            Resource resource,
            Supplier<Map<String, String>> headers,
            JdkSenders senders,
            SendLimits limits) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(base + "/v1/traces")
                .setHeaders(headers)
                .setTimeout(limits.exportTimeout())
                .setMemoryMode(MemoryMode.REUSABLE_DATA)
                .setComponentLoader(senders)
                .build();
        return SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(limits.traceRatio())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(limits.queueRecords())
                        .setMaxExportBatchSize(limits.batchRecords())
                        .setScheduleDelay(EVERY_SECOND)
                        .setExporterTimeout(limits.exportTimeout())
                        .build())
                .build();
    }

    private static SdkLoggerProvider loggers(
            String base,
            Resource resource,
            Supplier<Map<String, String>> headers,
            JdkSenders senders,
            SendLimits limits) {
        OtlpHttpLogRecordExporter exporter = OtlpHttpLogRecordExporter.builder()
                .setEndpoint(base + "/v1/logs")
                .setHeaders(headers)
                .setTimeout(limits.exportTimeout())
                .setMemoryMode(MemoryMode.REUSABLE_DATA)
                .setComponentLoader(senders)
                .build();
        return SdkLoggerProvider.builder()
                .setResource(resource)
                .addLogRecordProcessor(BatchLogRecordProcessor.builder(exporter)
                        .setMaxQueueSize(limits.queueRecords())
                        .setMaxExportBatchSize(limits.batchRecords())
                        .setScheduleDelay(EVERY_SECOND)
                        .setExporterTimeout(limits.exportTimeout())
                        .build())
                .build();
    }

    private static Resource resource(String serviceName, String instanceId, Map<String, String> resourceAttributes) {
        AttributesBuilder attributes = Attributes.builder();
        resourceAttributes.forEach(attributes::put);
        attributes.put("service.name", Objects.requireNonNull(serviceName, "serviceName"));
        attributes.put("service.instance.id", Objects.requireNonNull(instanceId, "instanceId"));
        return Resource.getDefault().merge(Resource.create(attributes.build()));
    }

    private static String baseOf(URI endpoint) {
        String scheme = endpoint.getScheme();
        if (!"http".equals(scheme) && !"https".equals(scheme)) {
            throw new IllegalArgumentException(
                    "otlpHttpEndpoint must be like http://127.0.0.1:4318 but is '" + endpoint + "'");
        }
        String text = endpoint.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
