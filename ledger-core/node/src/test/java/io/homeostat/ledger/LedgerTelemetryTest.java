package io.homeostat.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.Reason;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerTelemetryTest {
    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetry sdk = OpenTelemetrySdk.builder()
            .setMeterProvider(
                    SdkMeterProvider.builder().registerMetricReader(metrics).build())
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .build();
    private final LedgerTelemetry telemetry = new LedgerTelemetry(sdk);

    private static LedgerTelemetry.Gauges gauges(OptionalLong margin) {
        return new LedgerTelemetry.Gauges(1, 2, 3, 4, 5.5, OptionalDouble.of(6.5), false, margin, true, true);
    }

    private Map<String, MetricData> collected() {
        return metrics.collectAllMetrics().stream().collect(Collectors.toMap(MetricData::getName, metric -> metric));
    }

    @Test
    void every_metric_of_the_contract_is_reported_with_its_unit() {
        telemetry.observe(() -> gauges(OptionalLong.of(1)));
        telemetry.observeStorage(() -> 1L << 30, () -> false);
        telemetry.observeClock(() -> 1_500L, () -> false);
        telemetry.committed(2_000_000);
        telemetry.synced(1_000_000);
        telemetry.snapshotTaken(1_000_000, 3_000_000, 4096);
        telemetry.snapshotFailed();
        telemetry.transfersAccepted(10);
        telemetry.transferRefused(Reason.INSUFFICIENT_FUNDS);
        telemetry.leaderChanged();

        Map<String, String> units =
                collected().values().stream().collect(Collectors.toMap(MetricData::getName, MetricData::getUnit));

        assertThat(units)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("ledger.commit.duration", "s"),
                        Map.entry("ledger.append.duration", "s"),
                        Map.entry("ledger.clock.skew", "s"),
                        Map.entry("ledger.clock.refused", "1"),
                        Map.entry("ledger.apply.lag", "{entry}"),
                        Map.entry("ledger.relay.lag", "{entry}"),
                        Map.entry("ledger.transfers", "{transfer}"),
                        Map.entry("ledger.refusals", "{transfer}"),
                        Map.entry("ledger.elections", "{election}"),
                        Map.entry("ledger.term", "1"),
                        Map.entry("ledger.queue.depth", "{request}"),
                        Map.entry("ledger.holds.age", "s"),
                        Map.entry("ledger.digest.age", "s"),
                        Map.entry("ledger.digest.divergent", "1"),
                        Map.entry("ledger.quorum.margin", "{node}"),
                        Map.entry("ledger.raft.log.alive", "1"),
                        Map.entry("ledger.gate.open", "1"),
                        Map.entry("ledger.snapshot.duration", "s"),
                        Map.entry("ledger.snapshot.stall", "s"),
                        Map.entry("ledger.snapshot.size", "By"),
                        Map.entry("ledger.snapshot.failures", "{snapshot}"),
                        Map.entry("ledger.storage.free", "By"),
                        Map.entry("ledger.storage.full", "1"),
                        Map.entry("jvm.memory.used", "By"),
                        Map.entry("process.cpu.time", "s")));
        assertThat(collected().values())
                .allSatisfy(metric -> assertThat(metric.getDescription()).isNotBlank());
    }

    @Test
    void what_a_follower_can_not_know_is_not_reported() {
        telemetry.observe(() -> gauges(OptionalLong.empty()));

        assertThat(collected()).doesNotContainKey("ledger.quorum.margin").containsKey("ledger.term");
    }

    @Test
    void after_close_no_gauge_reads_the_node() {
        telemetry.observe(() -> {
            throw new AssertionError("read after close");
        });

        telemetry.close();

        assertThat(collected()).doesNotContainKey("ledger.term");
    }

    @Test
    void the_commit_is_a_span_below_its_request() {
        LedgerTelemetry.RequestSpan request = telemetry.request("POST", "/v1/transfers", header -> null);
        LongConsumer commit = request.commit(3);
        commit.accept(42);
        request.end(200);

        SpanData inner = spans.getFinishedSpanItems().get(0);
        SpanData outer = spans.getFinishedSpanItems().get(1);
        assertThat(inner.getName()).isEqualTo("ledger.commit");
        assertThat(outer.getName()).isEqualTo("POST /v1/transfers");
        assertThat(inner.getParentSpanId()).isEqualTo(outer.getSpanId());
    }
}
