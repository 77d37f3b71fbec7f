package io.homeostat.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The SDK against receivers that misbehave. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TelemetryBootstrapIT {
    private final AtomicInteger logRequests = new AtomicInteger();
    private final List<byte[]> metricRequests = new CopyOnWriteArrayList<>();
    private final CountDownLatch logAccepted = new CountDownLatch(1);
    private final CountDownLatch metricsSeen = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean stuck;
    private HttpServer receiver;

    @BeforeEach
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.setExecutor(Executors.newCachedThreadPool());
        receiver.createContext("/v1/logs", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                awaitReleaseIfStuck();
                boolean first = logRequests.incrementAndGet() == 1;
                exchange.sendResponseHeaders(first ? 503 : 200, -1);
                if (!first) {
                    logAccepted.countDown();
                }
            }
        });
        receiver.createContext("/v1/metrics", exchange -> {
            try (exchange) {
                metricRequests.add(exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(200, -1);
                metricsSeen.countDown();
            }
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        release.countDown();
        receiver.stop(0);
    }

    @Test
    void logs_that_a_receiver_can_not_take_now_are_sent_again() throws InterruptedException {
        try (OpenTelemetrySdk sdk = sdk()) {
            sdk.getLogsBridge().get("test").logRecordBuilder().setBody("one").emit();

            assertThat(logAccepted.await(15, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(logRequests.get()).isEqualTo(2);
    }

    @Test
    void a_receiver_that_never_answers_does_not_slow_the_caller_down() {
        stuck = true;
        OpenTelemetrySdk sdk = sdk();
        Logger logger = sdk.getLogsBridge().get("test");

        long began = System.nanoTime();
        for (int i = 0; i < 50_000; i++) {
            logger.logRecordBuilder().setBody("record").emit();
        }

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
        release.countDown();
        sdk.close();
    }

    @Test
    void metrics_carry_the_resource_that_the_contract_names() throws Exception {
        try (OpenTelemetrySdk sdk = sdk()) {
            sdk.getMeter("test").counterBuilder("c").build().add(1);

            assertThat(metricsSeen.await(15, TimeUnit.SECONDS)).isTrue();
        }
        ResourceMetrics metrics =
                ExportMetricsServiceRequest.parseFrom(metricRequests.get(0)).getResourceMetrics(0);
        assertThat(metrics.getResource().getAttributesList().stream()
                        .map(a -> a.getKey() + "=" + a.getValue().getStringValue()))
                .contains("service.name=homeostat-ledger", "service.instance.id=n1", "ledger.zone=a");
    }

    @Test
    void an_interval_below_100_ms_and_another_scheme_are_refused() {
        URI endpoint = URI.create("http://127.0.0.1:1");

        assertThatThrownBy(() -> TelemetryBootstrap.start("s", "i", Map.of(), endpoint, Duration.ofMillis(99)))
                .hasMessageContaining("interval");
        assertThatThrownBy(() -> TelemetryBootstrap.start("s", "i", URI.create("ftp://127.0.0.1:1")))
                .hasMessageContaining("otlpHttpEndpoint");
        TelemetryBootstrap.start("s", "i", Map.of(), endpoint, Duration.ofMillis(100))
                .shutdown();
    }

    private OpenTelemetrySdk sdk() {
        return TelemetryBootstrap.start(
                "homeostat-ledger",
                "n1",
                Map.of("ledger.zone", "a"),
                URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/"),
                Duration.ofMillis(200));
    }

    private void awaitReleaseIfStuck() {
        if (!stuck) {
            return;
        }
        try {
            var unused = release.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
