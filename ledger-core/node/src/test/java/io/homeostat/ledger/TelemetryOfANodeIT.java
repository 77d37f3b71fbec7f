package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real node emits while it works: every instrument by name, with unit, description and a value; and one trace. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TelemetryOfANodeIT {
    @TempDir
    Path dir;

    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();

    @Test
    void a_working_node_emits_every_instrument_and_a_trace_from_the_request_to_its_apply() {
        OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
                .setMeterProvider(
                        SdkMeterProvider.builder().registerMetricReader(metrics).build())
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .build();
        try (LocalCluster cluster = new LocalCluster(dir, 1, LedgerNodeLimits.DEFAULTS, sdk).startAll()) {
            work(cluster);
            Map<String, String> named = Map.ofEntries(
                    Map.entry("ledger.relay.lag", "{entry}"),
                    Map.entry("ledger.append.duration", "s"),
                    Map.entry("ledger.fsync.duration", "s"),
                    Map.entry("ledger.commit.duration", "s"),
                    Map.entry("ledger.apply.lag", "{entry}"),
                    Map.entry("ledger.digest.age", "s"),
                    Map.entry("ledger.digest.divergent", "1"),
                    Map.entry("ledger.term", "1"),
                    Map.entry("ledger.elections", "{election}"),
                    Map.entry("ledger.quorum.margin", "{node}"),
                    Map.entry("ledger.queue.depth", "{request}"),
                    Map.entry("ledger.holds.age", "s"),
                    Map.entry("ledger.refusals", "{transfer}"),
                    Map.entry("ledger.transfers", "{transfer}"),
                    Map.entry("ledger.snapshot.stall", "s"),
                    Map.entry("ledger.snapshot.duration", "s"),
                    Map.entry("ledger.snapshot.size", "By"),
                    Map.entry("ledger.raft.log.alive", "1"),
                    Map.entry("ledger.gate.open", "1"),
                    Map.entry("ledger.storage.free", "By"));
            Map<String, MetricData> found = new HashMap<>();

            Eventually.holds("every instrument has a value", PATIENCE, () -> {
                metrics.collectAllMetrics().forEach(metric -> found.put(metric.getName(), metric));
                return found.keySet().containsAll(named.keySet());
            });

            named.forEach((name, unit) -> {
                MetricData metric = found.get(name);
                assertThat(metric.getUnit()).as(name).isEqualTo(unit);
                assertThat(metric.getDescription()).as(name).isNotBlank();
                assertThat(metric.getData().getPoints()).as(name).isNotEmpty();
            });
            for (String histogram : List.of(
                    "ledger.append.duration",
                    "ledger.fsync.duration",
                    "ledger.commit.duration",
                    "ledger.snapshot.stall")) {
                HistogramPointData point = found.get(histogram)
                        .getHistogramData()
                        .getPoints()
                        .iterator()
                        .next();
                assertThat(point.getCount()).as(histogram).isPositive();
                assertThat(point.getSum()).as(histogram).isPositive();
            }
            assertThat(found.get("ledger.refusals").getLongSumData().getPoints())
                    .extracting(point -> point.getAttributes().get(AttributeKey.stringKey("reason")))
                    .contains("insufficient_funds");
            assertThat(sum(found.get("ledger.elections"))).isPositive();
            assertThat(sum(found.get("ledger.term"))).isPositive();
            assertThat(found.get("ledger.holds.age")
                            .getDoubleGaugeData()
                            .getPoints()
                            .iterator()
                            .next()
                            .getValue())
                    .isNotNegative();
        }
        trace();
    }

    @Test
    void a_request_through_a_follower_is_one_trace_from_its_arrival_there_to_its_apply_at_the_leader() {
        OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        String single = "0af7651916cd43dd8448eb211c80319c";
        String batch = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (LocalCluster cluster = new LocalCluster(dir, 3, LedgerNodeLimits.DEFAULTS, sdk).startAll()) {
            ok(cluster.post("n1", "/v1/accounts", OPERATOR, """
                    {"accounts":[
                     {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                     {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}"""));
            String follower = cluster.follower();
            String body = "{\"id\":\"" + UUID.randomUUID()
                    + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":5,\"asset\":\"EUR\"}";

            ok(cluster.traced(follower, "/v1/transfers", CLIENT, body, single));
            ok(cluster.traced(
                    follower,
                    "/v1/transfers/batch",
                    CLIENT,
                    "{\"transfers\":[" + body.replaceFirst("\"id\":\"[^\"]*", "\"id\":\"" + UUID.randomUUID()) + "]}",
                    batch));
        }
        oneTrace(single, "POST /v1/transfers");
        oneTrace(batch, "POST /v1/transfers/batch");
    }

    /** The follower's span below the client's, the leader's below the follower's, and the commit below the leader's. */
    private void oneTrace(String traceId, String name) {
        List<SpanData> trace = spans.getFinishedSpanItems().stream()
                .filter(span -> span.getTraceId().equals(traceId))
                .toList();
        assertThat(trace)
                .extracting(SpanData::getName)
                .containsExactlyInAnyOrder(
                        name, name, "ledger.commit", "ledger.group", "ledger.replicate", "ledger.apply");
        SpanData atFollower = trace.stream()
                .filter(span -> span.getParentSpanId().equals(LocalCluster.CLIENT_SPAN))
                .findFirst()
                .orElseThrow();
        SpanData atLeader = trace.stream()
                .filter(span -> span.getParentSpanId().equals(atFollower.getSpanId()))
                .findFirst()
                .orElseThrow();
        assertThat(List.of(atFollower.getName(), atLeader.getName())).containsOnly(name);
        assertThat(trace)
                .filteredOn(span -> span.getName().equals("ledger.commit"))
                .allMatch(span -> span.getParentSpanId().equals(atLeader.getSpanId()));
    }

    private static long sum(MetricData metric) {
        return metric.getData().getPoints().stream()
                .map(PointData.class::cast)
                .mapToLong(point -> ((LongPointData) point).getValue())
                .sum();
    }

    private void trace() {
        List<SpanData> all = spans.getFinishedSpanItems();
        SpanData request = all.stream()
                .filter(span -> span.getName().equals("POST /v1/transfers"))
                .findFirst()
                .orElseThrow();
        Map<String, SpanData> trace = all.stream()
                .filter(span -> span.getTraceId().equals(request.getTraceId()))
                .collect(Collectors.toMap(SpanData::getName, span -> span));
        assertThat(trace)
                .containsOnlyKeys(
                        "POST /v1/transfers", "ledger.commit", "ledger.group", "ledger.replicate", "ledger.apply");
        String commit = trace.get("ledger.commit").getSpanId();
        assertThat(trace.get("ledger.commit").getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(List.of("ledger.group", "ledger.replicate", "ledger.apply"))
                .allMatch(part -> trace.get(part).getParentSpanId().equals(commit));
        assertThat(trace.get("ledger.group").getEndEpochNanos())
                .isEqualTo(trace.get("ledger.replicate").getStartEpochNanos());
        assertThat(trace.get("ledger.replicate").getEndEpochNanos())
                .isEqualTo(trace.get("ledger.apply").getStartEpochNanos());
    }

    private static void work(LocalCluster cluster) {
        cluster.openAccounts();
        ok(transfer(cluster, "world", "alice", false));
        ok(transfer(cluster, "world", "alice", true));
        assertThat(transfer(cluster, "alice", "world", false, 1_000_000).status())
                .isEqualTo(422);
        ok(cluster.control("n1", "POST", "/control/snapshot", null));
    }

    private static Answer transfer(LocalCluster cluster, String debit, String credit, boolean pending) {
        return transfer(cluster, debit, credit, pending, 5);
    }

    private static Answer transfer(LocalCluster cluster, String debit, String credit, boolean pending, long amount) {
        return cluster.post(
                "n1",
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + UUID.randomUUID() + "\",\"debit\":\"" + debit + "\",\"credit\":\"" + credit
                        + "\",\"amount\":" + amount + ",\"asset\":\"EUR\""
                        + (pending ? ",\"hold\":true,\"timeoutSeconds\":3600" : "") + "}");
    }

    private static void ok(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
}
