package io.homeostat.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import io.homeostat.telemetry.testing.Otlp;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The intake over real HTTP and gRPC, into a real broker. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OtlpIntakeIT {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static TestBroker kafka;
    private static OtlpIntake intake;

    @BeforeAll
    static void start() throws IOException {
        kafka = new TestBroker(folder);
        intake = OtlpIntake.start(OtlpIntakeConfig.onLoopback(0, 0, kafka.bootstrap()));
    }

    @AfterAll
    static void stop() {
        intake.close();
        kafka.close();
    }

    @Test
    void our_own_bootstrap_sends_metrics_spans_and_logs_through_http_into_kafka() {
        URI endpoint = URI.create("http://127.0.0.1:" + intake.httpPort());
        SendLimits everyTrace = new SendLimits(1.0, 2048, 512, Duration.ofSeconds(5));
        try (OpenTelemetrySdk sdk = TelemetryBootstrap.start(
                "homeostat-ledger",
                "boot-1",
                Map.of("ledger.zone", "a"),
                endpoint,
                Duration.ofMillis(200),
                Map.of(),
                everyTrace)) {
            sdk.getMeter("test").counterBuilder("boot.counter").build().add(7);
            sdk.getTracer("test").spanBuilder("boot.span").startSpan().end();
            sdk.getLogsBridge()
                    .get("test")
                    .logRecordBuilder()
                    .setBody("boot.log")
                    .emit();

            assertThat(contains(Topics.OTLP_METRICS, "boot.counter")).isTrue();
        }

        assertThat(contains(Topics.OTLP_SPANS, "boot.span")).isTrue();
        assertThat(contains(Topics.OTLP_LOGS, "boot.log")).isTrue();
    }

    @Test
    void an_sdk_exporter_sends_all_three_signals_through_grpc_plain_and_gzip() {
        String endpoint = "http://127.0.0.1:" + intake.grpcPort();
        PeriodicMetricReader reader = PeriodicMetricReader.builder(OtlpGrpcMetricExporter.builder()
                        .setEndpoint(endpoint)
                        .setCompression("gzip")
                        .build())
                .build();
        try (SdkMeterProvider meters =
                        SdkMeterProvider.builder().registerMetricReader(reader).build();
                SdkTracerProvider tracers = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(OtlpGrpcSpanExporter.builder()
                                .setEndpoint(endpoint)
                                .build()))
                        .build();
                SdkLoggerProvider loggers = SdkLoggerProvider.builder()
                        .addLogRecordProcessor(SimpleLogRecordProcessor.create(OtlpGrpcLogRecordExporter.builder()
                                .setEndpoint(endpoint)
                                .build()))
                        .build()) {
            meters.get("test").counterBuilder("grpc.counter").build().add(1, Attributes.empty());
            Span span = tracers.get("test").spanBuilder("grpc.span").startSpan();
            span.end();
            loggers.get("test").logRecordBuilder().setBody("grpc.log").emit();

            assertSuccess(meters.forceFlush());
            assertSuccess(tracers.forceFlush());
            assertSuccess(loggers.forceFlush());
        }

        assertThat(contains(Topics.OTLP_METRICS, "grpc.counter")).isTrue();
        assertThat(contains(Topics.OTLP_SPANS, "grpc.span")).isTrue();
        assertThat(contains(Topics.OTLP_LOGS, "grpc.log")).isTrue();
    }

    @Test
    void the_value_in_kafka_is_the_senders_protobuf_byte_for_byte_and_has_no_key() throws Exception {
        byte[] request = Otlp.metrics("byte.for.byte", 42).toByteArray();

        HttpResponse<byte[]> response = post("/v1/metrics", "application/x-protobuf", "identity", request);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(ExportMetricsServiceResponse.parseFrom(response.body()).hasPartialSuccess())
                .isFalse();
        List<ConsumerRecord<byte[], byte[]>> records =
                kafka.read(Topics.OTLP_METRICS, SOON, all -> all.stream().anyMatch(r -> holds(r, "byte.for.byte")));
        ConsumerRecord<byte[], byte[]> found = records.stream()
                .filter(r -> holds(r, "byte.for.byte"))
                .findFirst()
                .orElseThrow();
        assertThat(found.value()).isEqualTo(request);
        assertThat(found.key()).isNull();
    }

    @Test
    void json_arrives_as_protobuf_and_is_answered_in_json() throws Exception {
        String json =
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
                        + "\"spanId\":\"eee19b7ec3c1b174\",\"name\":\"json.span\",\"someNewField\":1}]}]}]}";

        HttpResponse<byte[]> response = post(
                "/v1/traces",
                "application/json; charset=utf-8",
                "gzip",
                Otlp.gzip(json.getBytes(StandardCharsets.UTF_8)));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo("{}");
        ConsumerRecord<byte[], byte[]> found =
                kafka.read(Topics.OTLP_SPANS, SOON, all -> all.stream().anyMatch(r -> holds(r, "json.span"))).stream()
                        .filter(r -> holds(r, "json.span"))
                        .findFirst()
                        .orElseThrow();
        assertThat(ExportTraceServiceRequest.parseFrom(found.value())
                        .getResourceSpans(0)
                        .getScopeSpans(0)
                        .getSpans(0)
                        .getSpanId())
                .isEqualTo(Otlp.bytes(0xee, 0xe1, 0x9b, 0x7e, 0xc3, 0xc1, 0xb1, 0x74));
    }

    @Test
    void malformed_bodies_are_400_with_a_status_in_the_requests_encoding() throws Exception {
        HttpResponse<byte[]> protobuf =
                post("/v1/metrics", "application/x-protobuf", "identity", new byte[] {0x0a, 0x7f, 1});
        HttpResponse<byte[]> json = post(
                "/v1/logs", "application/json", "identity", "{\"resourceLogs\":7}".getBytes(StandardCharsets.UTF_8));

        assertThat(protobuf.statusCode()).isEqualTo(400);
        assertThat(protobuf.headers().firstValue("Content-Type")).contains("application/x-protobuf");
        // google.rpc.Status: field 1 varint 3 (INVALID_ARGUMENT), field 2 text.
        assertThat(protobuf.body()).startsWith(0x08, 0x03, 0x12);
        assertThat(json.statusCode()).isEqualTo(400);
        assertThat(new String(json.body(), StandardCharsets.UTF_8)).startsWith("{\"code\":3,\"message\":");
    }

    @Test
    void bodies_over_4_MiB_are_413_announced_or_not() throws Exception {
        byte[] huge = new byte[4 * 1024 * 1024 + 1];
        HttpRequest chunked = request("/v1/metrics", "application/x-protobuf", "identity")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(huge)))
                .build();

        assertThat(status(request("/v1/metrics", "application/x-protobuf", "identity")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(huge))
                        .build()))
                .isEqualTo(413);
        assertThat(status(chunked)).isEqualTo(413);
    }

    @Test
    void a_gzip_bomb_of_200_MB_is_refused_and_the_heap_stays_flat() throws Exception {
        byte[] bomb = Otlp.bomb(200L * 1024 * 1024);
        long before = usedHeapAfterCollection();
        long peak = 0;

        for (int i = 0; i < 20; i++) {
            HttpResponse<byte[]> response = post("/v1/metrics", "application/x-protobuf", "gzip", bomb);
            assertThat(response.statusCode()).isEqualTo(413);
            peak = Math.max(peak, usedHeapAfterCollection());
        }

        assertThat(bomb.length).isLessThan(300_000);
        assertThat(peak - before).isLessThan(32L * 1024 * 1024);
    }

    @Test
    void a_message_over_4_MiB_and_a_bomb_fail_over_grpc_too() {
        String longText = "x".repeat(5 * 1024 * 1024);
        for (String compression : List.of("none", "gzip")) {
            try (SdkLoggerProvider loggers = SdkLoggerProvider.builder()
                    .addLogRecordProcessor(SimpleLogRecordProcessor.create(OtlpGrpcLogRecordExporter.builder()
                            .setEndpoint("http://127.0.0.1:" + intake.grpcPort())
                            .setCompression(compression)
                            .setRetryPolicy(null)
                            .build()))
                    .build()) {
                loggers.get("test")
                        .logRecordBuilder()
                        .setBody("too.large." + longText)
                        .emit();
                CompletableResultCode flushed = loggers.forceFlush().join(10, TimeUnit.SECONDS);

                assertThat(flushed.isSuccess()).as(compression).isFalse();
            }
        }
    }

    @Test
    void what_is_neither_protobuf_nor_json_or_otherwise_compressed_is_415() throws Exception {
        byte[] request = Otlp.metrics("m", 1).toByteArray();

        assertThat(post("/v1/metrics", "text/plain", "identity", request).statusCode())
                .isEqualTo(415);
        assertThat(post("/v1/metrics", "application/x-protobuf", "br", request).statusCode())
                .isEqualTo(415);
        assertThat(post("/v1/other", "application/x-protobuf", "identity", request)
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_request_beyond_one_kafka_message_is_divided_and_arrives_whole() throws Exception {
        ExportLogsServiceRequest.Builder logs = ExportLogsServiceRequest.newBuilder();
        var scope =
                logs.addResourceLogsBuilder().setResource(Otlp.resource("n1")).addScopeLogsBuilder();
        for (int i = 0; i < 3000; i++) {
            scope.addLogRecordsBuilder().getBodyBuilder().setStringValue("divided.log." + i + "x".repeat(1000));
        }

        HttpResponse<byte[]> response = post(
                "/v1/logs", "application/x-protobuf", "identity", logs.build().toByteArray());

        assertThat(response.statusCode()).isEqualTo(200);
        Set<String> bodies = new HashSet<>();
        kafka.read(Topics.OTLP_LOGS, SOON, all -> {
            bodies.clear();
            all.forEach(r -> collectBodies(r, "divided.log.", bodies));
            return bodies.size() == 3000;
        });
        assertThat(bodies).hasSize(3000);
    }

    @Test
    void a_token_is_asked_for_over_http_and_grpc_when_one_is_set() throws Exception {
        OtlpIntakeConfig config = new OtlpIntakeConfig(
                "127.0.0.1", 0, 0, kafka.bootstrap(), Map.of(), "marker-token", IntakeLimits.defaults());
        try (OtlpIntake guarded = OtlpIntake.start(config)) {
            byte[] body = Otlp.metrics("guarded", 1).toByteArray();
            HttpRequest.Builder base = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + guarded.httpPort() + "/v1/metrics"))
                    .header("Content-Type", "application/x-protobuf")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body));

            assertThat(status(base.copy().build())).isEqualTo(401);
            assertThat(status(
                            base.copy().header("Authorization", "Bearer wrong").build()))
                    .isEqualTo(401);
            assertThat(status(base.copy()
                            .header("Authorization", "Bearer marker-token")
                            .build()))
                    .isEqualTo(200);
            assertThat(grpcLogSucceeds(guarded, "Bearer wrong")).isFalse();
            assertThat(grpcLogSucceeds(guarded, "Bearer marker-token")).isTrue();
        }
        assertThat(config.toString()).doesNotContain("marker-token");
    }

    @Test
    void a_host_beyond_loopback_demands_a_token() {
        assertThatThrownBy(() ->
                        new OtlpIntakeConfig("0.0.0.0", 0, 0, "127.0.0.1:1", Map.of(), "", IntakeLimits.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bearerToken");
        assertThat(new OtlpIntakeConfig("0.0.0.0", 0, 0, "127.0.0.1:1", Map.of(), "t", IntakeLimits.defaults()).host())
                .isEqualTo("0.0.0.0");
    }

    private static boolean grpcLogSucceeds(OtlpIntake target, String authorization) {
        try (SdkLoggerProvider loggers = SdkLoggerProvider.builder()
                .addLogRecordProcessor(SimpleLogRecordProcessor.create(OtlpGrpcLogRecordExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + target.grpcPort())
                        .addHeader("authorization", authorization)
                        .setRetryPolicy(null)
                        .build()))
                .build()) {
            loggers.get("test").logRecordBuilder().setBody("guarded").emit();
            return loggers.forceFlush().join(10, TimeUnit.SECONDS).isSuccess();
        }
    }

    private static void collectBodies(ConsumerRecord<byte[], byte[]> record, String prefix, Set<String> bodies) {
        try {
            ExportLogsServiceRequest.parseFrom(record.value())
                    .getResourceLogsList()
                    .forEach(r -> r.getScopeLogsList()
                            .forEach(s -> s.getLogRecordsList().forEach(l -> {
                                if (l.getBody().getStringValue().startsWith(prefix)) {
                                    bodies.add(l.getBody().getStringValue());
                                }
                            })));
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean contains(String topic, String text) {
        return kafka.read(topic, SOON, all -> all.stream().anyMatch(r -> holds(r, text))).stream()
                .anyMatch(r -> holds(r, text));
    }

    private static boolean holds(ConsumerRecord<byte[], byte[]> record, String text) {
        return new String(record.value(), StandardCharsets.ISO_8859_1).contains(text);
    }

    private static void assertSuccess(CompletableResultCode result) {
        assertThat(result.join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    private static HttpRequest.Builder request(String path, String contentType, String encoding) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + intake.httpPort() + path))
                .header("Content-Type", contentType)
                .header("Content-Encoding", encoding);
    }

    private static HttpResponse<byte[]> post(String path, String contentType, String encoding, byte[] body)
            throws IOException, InterruptedException {
        return CLIENT.send(
                request(path, contentType, encoding)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static int status(HttpRequest request) throws IOException, InterruptedException {
        return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static long usedHeapAfterCollection() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
