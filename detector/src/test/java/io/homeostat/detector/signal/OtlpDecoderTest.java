package io.homeostat.detector.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.Otlp;
import io.homeostat.detector.template.TemplateMiner;
import io.homeostat.detector.template.TemplateState;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.detector.window.WindowState;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OtlpDecoderTest {
    private static final long NOW = 1_795_000_000_000L;
    private final SignalCatalog catalog = SignalCatalog.standard();
    private final OtlpDecoder decoder = new OtlpDecoder(catalog, Set.of("n1"), DecodeLimits.defaults());

    @Test
    void gauges_counters_and_histograms_become_samples_of_the_node() {
        Decoded decoded = decoder.metrics(
                Otlp.ledger("n1", NOW)
                        .gauge("ledger.apply.lag", 7)
                        .counter("ledger.transfers", NOW - 5_000, 42, Map.of())
                        .histogram("ledger.commit.duration", NOW - 5_000, List.of(0.1, 0.2), List.of(1L, 2L, 3L))
                        .gauge("not.in.the.catalog", 1)
                        .bytes(),
                NOW);

        assertThat(decoded.batches()).hasSize(1);
        NodeSamples batch = decoded.batches().get(0);
        assertThat(batch.node()).isEqualTo("n1");
        assertThat(batch.timeMillis()).isEqualTo(NOW);
        assertThat(batch.samples().stream().map(Sample::signal))
                .containsExactly("ledger.apply.lag", "ledger.transfers rate", "ledger.commit.duration p99");
        assertThat(batch.samples().stream().map(Sample::kind))
                .containsExactly(Sample.Kind.GAUGE, Sample.Kind.CUMULATIVE, Sample.Kind.CUMULATIVE_HISTOGRAM);
        assertThat(batch.samples().get(2).counts()).containsExactly(1, 2, 3);
    }

    @Test
    void malformed_bytes_are_counted_and_never_thrown() {
        byte[] good = Otlp.sidecar("n1", NOW).gauge("node.up", 1).bytes();
        Random random = new Random(42);
        int malformed = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            malformed += decoder.metrics(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), NOW)
                    .malformed();
        }

        assertThat(malformed).isPositive();
        assertThat(decoder.metrics(good, NOW).malformed()).isZero();
        assertThat(decoder.logs(new byte[] {1, 2, 3}, NOW).malformed()).isEqualTo(1);
        assertThat(decoder.spans(new byte[] {1, 2, 3}, NOW).malformed()).isEqualTo(1);
    }

    @Test
    void other_nodes_and_other_services_are_foreign() {
        assertThat(decoder.metrics(Otlp.sidecar("n9", NOW).gauge("node.up", 1).bytes(), NOW)
                        .foreign())
                .isEqualTo(1);
        assertThat(decoder.metrics(
                                Otlp.of("shop", "n1", NOW).gauge("node.up", 1).bytes(), NOW)
                        .foreign())
                .isEqualTo(1);
    }

    @Test
    void a_node_id_that_is_no_id_is_foreign_where_any_node_is_judged() {
        OtlpDecoder any = new OtlpDecoder(catalog, Set.of(), DecodeLimits.defaults());

        assertThat(any.metrics(Otlp.sidecar("n7", NOW).gauge("node.up", 1).bytes(), NOW)
                        .batches())
                .hasSize(1);
        assertThat(any.metrics(
                                Otlp.sidecar("ignore previous instructions", NOW)
                                        .gauge("node.up", 1)
                                        .bytes(),
                                NOW)
                        .foreign())
                .isEqualTo(1);
    }

    @Test
    void a_point_from_the_future_counts_up_to_the_bound_and_not_beyond() {
        long bound = DecodeLimits.defaults().maxAhead().toMillis();

        assertThat(decoder.metrics(
                                Otlp.sidecar("n1", NOW + bound)
                                        .gauge("node.up", 1)
                                        .bytes(),
                                NOW)
                        .batches())
                .hasSize(1);
        Decoded beyond = decoder.metrics(
                Otlp.sidecar("n1", NOW + bound + 1).gauge("node.up", 1).bytes(), NOW);
        assertThat(beyond.batches()).isEmpty();
        assertThat(beyond.ahead()).isEqualTo(1);
    }

    @Test
    void points_beyond_the_limit_are_counted() {
        OtlpDecoder narrow = new OtlpDecoder(catalog, Set.of(), new DecodeLimits(2, 10, Duration.ofSeconds(2)));
        Otlp export = Otlp.sidecar("n1", NOW);
        for (int i = 0; i < 3; i++) {
            export.gauge("node.up", 1, Map.of("i", Integer.toString(i)));
        }

        assertThat(narrow.metrics(export.bytes(), NOW).overflow()).isEqualTo(1);
    }

    @Test
    void not_a_number_and_a_histogram_whose_buckets_do_not_fit_are_malformed() {
        Decoded decoded = decoder.metrics(
                Otlp.ledger("n1", NOW)
                        .gauge("ledger.apply.lag", Double.NaN)
                        .histogram("ledger.commit.duration", 0, List.of(0.1, 0.2), List.of(1L, 2L))
                        .histogram("ledger.append.duration", 0, List.of(0.2, 0.1), List.of(1L, 2L, 3L))
                        .bytes(),
                NOW);

        assertThat(decoded.malformed()).isEqualTo(3);
        assertThat(decoded.batches()).isEmpty();
    }

    @Test
    void an_export_over_two_seconds_becomes_a_batch_for_each() {
        byte[] first = Otlp.sidecar("n1", NOW).gauge("node.up", 1).bytes();
        byte[] second = Otlp.sidecar("n1", NOW + 1_000).gauge("node.up", 1).bytes();
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);

        assertThat(decoder.metrics(both, NOW + 1_000).batches().stream().map(NodeSamples::timeMillis))
                .containsExactly(NOW, NOW + 1_000);
    }

    @Test
    void errors_are_counted_from_logs_and_durations_from_spans() {
        Resource resource = Resource.newBuilder()
                .addAttributes(text("service.name", "homeostat-ledger"))
                .addAttributes(text("service.instance.id", "n1"))
                .build();
        byte[] logs = ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .setResource(resource)
                        .addScopeLogs(ScopeLogs.newBuilder()
                                .addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_ERROR))
                                .addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_WARN4))))
                .build()
                .toByteArray();
        byte[] spans = ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(resource)
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .addSpans(Span.newBuilder()
                                        .setStartTimeUnixNano((NOW - 250) * 1_000_000)
                                        .setEndTimeUnixNano(NOW * 1_000_000))))
                .build()
                .toByteArray();

        assertThat(decoder.logs(logs, NOW).batches().get(0).samples())
                .extracting(Sample::signal)
                .containsExactly("log.errors rate");
        assertThat(decoder.spans(spans, NOW).batches().get(0).samples())
                .extracting(Sample::value)
                .containsExactly(0.25, 0.0);
    }

    @Test
    void spans_tell_of_their_operation_and_whether_it_failed() {
        Resource resource = Resource.newBuilder()
                .addAttributes(text("service.name", "homeostat-ledger"))
                .addAttributes(text("service.instance.id", "n1"))
                .build();
        byte[] spans = ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(resource)
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .addSpans(Span.newBuilder()
                                        .setName("ledger.commit")
                                        .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR))
                                        .setStartTimeUnixNano((NOW - 500) * 1_000_000)
                                        .setEndTimeUnixNano(NOW * 1_000_000))))
                .build()
                .toByteArray();

        assertThat(decoder.spans(spans, NOW).batches().get(0).samples())
                .extracting(sample -> sample.signal() + " " + sample.value())
                .containsExactly(
                        "span.duration p99 0.5",
                        "span.failed share 1.0",
                        "span ledger.commit p99 0.5",
                        "span ledger.commit failed share 1.0");
    }

    @Test
    void log_lines_become_one_masked_line_and_then_the_counts_of_their_templates() {
        Resource resource = Resource.newBuilder()
                .addAttributes(text("service.name", "homeostat-ledger"))
                .addAttributes(text("service.instance.id", "n1"))
                .build();
        ScopeLogs.Builder lines = ScopeLogs.newBuilder();
        for (String body : List.of("peer n2 closed after 12 ms", "peer n3 closed after 7 ms", "\u0000")) {
            lines.addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_INFO).toBuilder()
                    .setBody(AnyValue.newBuilder().setStringValue(body)));
        }
        byte[] logs = ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder().setResource(resource).addScopeLogs(lines))
                .build()
                .toByteArray();

        NodeSamples decoded = decoder.logs(logs, NOW).batches().get(0);
        assertThat(decoded.samples()).extracting(Sample::kind).containsExactly(Sample.Kind.LINE, Sample.Kind.LINE);
        assertThat(decoded.samples().get(0).series()).isEqualTo("peer n2 closed after <num> ms");

        TemplateState state = new TemplateState();
        TemplateMiner miner = new TemplateMiner(catalog);
        NodeSamples mined = miner.mine(decoded, () -> state).batch();
        WindowState windows = new WindowState();
        FeatureAccumulator accumulator = new FeatureAccumulator(catalog, WindowLimits.defaults());
        accumulator.add(windows, mined, Long.MIN_VALUE);
        NodeWindow window = accumulator.close(windows, "n1", NOW);

        assertThat(window.values()).containsEntry("log.templates.new rate", 1.0);
        assertThat(TemplateMiner.counts(catalog, window.samples()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("t0 peer n2 closed after <num> ms", 1, "t0 peer <*> closed after <num> ms", 1));
        assertThat(accumulator.again(window)).as("without the tree").isEqualTo(window.values());
        assertThat(miner.mine(decoded, () -> state).changed())
                .as("nothing is new")
                .isFalse();
    }

    private static LogRecord log(SeverityNumber severity) {
        return LogRecord.newBuilder()
                .setTimeUnixNano(NOW * 1_000_000)
                .setSeverityNumber(severity)
                .build();
    }

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
