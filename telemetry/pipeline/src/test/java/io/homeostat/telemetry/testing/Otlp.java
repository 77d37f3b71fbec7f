package io.homeostat.telemetry.testing;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Small OTLP requests. */
public final class Otlp {
    private Otlp() {}

    public static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    public static Resource resource(String instance) {
        return Resource.newBuilder()
                .addAttributes(attribute("service.name", "homeostat-ledger"))
                .addAttributes(attribute("service.instance.id", instance))
                .build();
    }

    public static Metric gauge(String name, long value) {
        return Metric.newBuilder()
                .setName(name)
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder().setAsInt(value)))
                .build();
    }

    public static ResourceMetrics resourceMetrics(Resource resource, Metric... metrics) {
        ScopeMetrics.Builder scope = ScopeMetrics.newBuilder()
                .setScope(InstrumentationScope.newBuilder().setName("test"));
        for (Metric metric : metrics) {
            scope.addMetrics(metric);
        }
        return ResourceMetrics.newBuilder()
                .setResource(resource)
                .addScopeMetrics(scope)
                .setSchemaUrl("https://opentelemetry.io/schemas/1.30.0")
                .build();
    }

    public static ExportMetricsServiceRequest metrics(String name, long value) {
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(resourceMetrics(resource("n1"), gauge(name, value)))
                .build();
    }

    public static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }

    public static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Zeros, compressed without ever holding them. */
    public static byte[] bomb(long inflatedBytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] chunk = new byte[1024 * 1024];
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            for (long left = inflatedBytes; left > 0; left -= chunk.length) {
                gzip.write(chunk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
