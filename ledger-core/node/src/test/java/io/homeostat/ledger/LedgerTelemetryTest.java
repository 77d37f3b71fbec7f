package io.homeostat.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.raft.PeerConnection;
import io.homeostat.ledger.raft.Timing;
import io.homeostat.ledger.state.Reason;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
        telemetry.appended(1_500_000);
        telemetry.synced(1_000_000);
        telemetry.snapshotTaken(1_000_000, 3_000_000, 4096);
        telemetry.snapshotFailed();
        telemetry.transfersAccepted(10);
        telemetry.transferRefused(Reason.INSUFFICIENT_FUNDS);
        telemetry.leaderChanged();
        telemetry.peers(List.of("n2"));

        Map<String, String> units =
                collected().values().stream().collect(Collectors.toMap(MetricData::getName, MetricData::getUnit));

        assertThat(units)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("ledger.commit.duration", "s"),
                        Map.entry("ledger.append.duration", "s"),
                        Map.entry("ledger.clock.skew", "s"),
                        Map.entry("ledger.clock.refused", "1"),
                        Map.entry("ledger.fsync.duration", "s"),
                        Map.entry("ledger.apply.lag", "{entry}"),
                        Map.entry("ledger.relay.lag", "{entry}"),
                        Map.entry("ledger.transfers", "{transfer}"),
                        Map.entry("ledger.refusals", "{transfer}"),
                        Map.entry("ledger.elections", "{election}"),
                        Map.entry("ledger.peer.connections", "{connection}"),
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
    void connections_are_counted_by_peer_and_event_and_are_known_to_be_none_before_the_first() {
        telemetry.peers(List.of("n2", "n3"));
        telemetry.connection("n3", PeerConnection.REFUSED);

        Map<String, Long> counts = collected().get("ledger.peer.connections").getLongSumData().getPoints().stream()
                .collect(Collectors.toMap(
                        point -> point.getAttributes().get(AttributeKey.stringKey("peer")) + " "
                                + point.getAttributes().get(AttributeKey.stringKey("event")),
                        LongPointData::getValue));
        assertThat(counts)
                .hasSize(8)
                .containsEntry("n2 opened", 0L)
                .containsEntry("n3 closed", 0L)
                .containsEntry("n3 refused", 1L)
                .containsEntry("n3 retried", 0L);
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
    void the_parts_of_a_commit_are_spans_below_its_request() {
        LedgerTelemetry.RequestSpan request = telemetry.request("POST", "/v1/transfers", header -> null);
        Consumer<@Nullable Committed> commit = request.commit(3);
        long now = System.nanoTime();
        commit.accept(
                new Committed(42, List.of(), List.of("n1"), new Timing(now, now + 1_000, now + 50_000, now + 60_000)));
        request.end(200);

        Map<String, SpanData> byName =
                spans.getFinishedSpanItems().stream().collect(Collectors.toMap(SpanData::getName, span -> span));
        assertThat(byName)
                .containsOnlyKeys(
                        "POST /v1/transfers", "ledger.commit", "ledger.group", "ledger.replicate", "ledger.apply");
        SpanData outer = byName.get("POST /v1/transfers");
        SpanData inner = byName.get("ledger.commit");
        assertThat(inner.getParentSpanId()).isEqualTo(outer.getSpanId());
        for (String part : List.of("ledger.group", "ledger.replicate", "ledger.apply")) {
            assertThat(byName.get(part).getParentSpanId()).isEqualTo(inner.getSpanId());
            assertThat(byName.get(part).getTraceId()).isEqualTo(outer.getTraceId());
        }
        SpanData apply = byName.get("ledger.apply");
        assertThat(apply.getEndEpochNanos() - apply.getStartEpochNanos()).isEqualTo(10_000);
    }

    @Test
    void a_commit_that_failed_has_no_parts() {
        LedgerTelemetry.RequestSpan request = telemetry.request("POST", "/v1/transfers", header -> null);
        request.commit(1).accept(null);
        request.end(503);

        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getName)
                .containsExactly("ledger.commit", "POST /v1/transfers");
    }
}
