package io.homeostat.telemetry.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.testing.Otlp;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DecodingTest {
    @ParameterizedTest
    @EnumSource(OtlpSignal.class)
    void every_signal_has_the_shape_that_the_code_relies_on(OtlpSignal signal) {
        var request = signal.request().getDescriptorForType();
        var resources = request.findFieldByNumber(OtlpSignal.RESOURCES);
        var scopes = resources.getMessageType().findFieldByNumber(OtlpSignal.SCOPES);
        var records = scopes.getMessageType().findFieldByNumber(OtlpSignal.RECORDS);

        assertThat(resources.isRepeated()).isTrue();
        assertThat(resources
                        .getMessageType()
                        .findFieldByNumber(OtlpSignal.RESOURCE)
                        .getMessageType())
                .isEqualTo(Resource.getDescriptor());
        assertThat(scopes.getName()).startsWith("scope_");
        assertThat(records.isRepeated()).isTrue();
        assertThat(signal.response(3, "why").toString()).contains("rejected_", "3", "why");
        assertThat(signal.response(0, "why").getSerializedSize()).isZero();
    }

    @Test
    void gzip_up_to_the_limit_is_inflated_and_one_byte_more_is_refused() throws RefusedBody {
        byte[] fits = Otlp.gzip(new byte[5000]);
        byte[] over = Otlp.gzip(new byte[5001]);

        assertThat(BoundedInflater.inflate(fits, 5000)).hasSize(5000);
        assertRefused(Refusal.TOO_LARGE, () -> BoundedInflater.inflate(over, 5000));
    }

    @Test
    void what_is_not_gzip_or_is_cut_off_is_malformed() {
        byte[] whole = Otlp.gzip(new byte[5000]);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 9);

        assertRefused(Refusal.MALFORMED, () -> BoundedInflater.inflate(new byte[] {1, 2, 3}, 5000));
        assertRefused(Refusal.MALFORMED, () -> BoundedInflater.inflate(cut, 5000));
    }

    @Test
    void as_many_objects_as_allowed_pass_and_one_more_is_refused() throws RefusedBody {
        byte[] three = {0x0a, 0, 0x0a, 0, 0x0a, 0};
        byte[] four = {0x0a, 0, 0x0a, 0, 0x0a, 0, 0x0a, 0};
        var schema = ExportMetricsServiceRequest.getDescriptor();

        ShapeGuard.checkProtobuf(three, schema, 3);
        assertRefused(Refusal.TOO_LARGE, () -> ShapeGuard.checkProtobuf(four, schema, 3));
    }

    @Test
    void nested_objects_and_unknown_fields_count_too() throws RefusedBody {
        // One resource metrics and its resource, one metric with its gauge and point, and the scope: all are objects.
        byte[] request = Otlp.metrics("m", 1).toByteArray();
        byte[] unknown = {(byte) 0xf8, 0x01, 7, (byte) 0xf8, 0x01, 7};
        var schema = ExportMetricsServiceRequest.getDescriptor();

        ShapeGuard.checkProtobuf(request, schema, 11);
        assertRefused(Refusal.TOO_LARGE, () -> ShapeGuard.checkProtobuf(request, schema, 10));
        ShapeGuard.checkProtobuf(unknown, schema, 2);
        assertRefused(Refusal.TOO_LARGE, () -> ShapeGuard.checkProtobuf(unknown, schema, 1));
    }

    @Test
    void endless_nesting_is_refused_and_never_a_stack_overflow() {
        AnyValue value = AnyValue.newBuilder().setStringValue("x").build();
        for (int i = 0; i < 90; i++) {
            value = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(value))
                    .build();
        }
        byte[] body = ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(KeyValue.newBuilder().setKey("k").setValue(value))))
                .build()
                .toByteArray();

        assertRefused(
                Refusal.MALFORMED,
                () -> ShapeGuard.checkProtobuf(body, ExportMetricsServiceRequest.getDescriptor(), 500_000));
    }

    @Test
    void hex_ids_of_json_become_the_bytes_that_protobuf_has() throws Exception {
        String json =
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5B8EFFF798038103D269B633813FC60C\","
                        + "\"spanId\":\"EEE19B7EC3C1B174\",\"parentSpanId\":\"eee19b7ec3c1b173\",\"name\":\"commit\",\"kind\":2,"
                        + "\"startTimeUnixNano\":\"1544712660000000000\"}]}]}]}";
        ExportTraceServiceRequest.Builder builder = ExportTraceServiceRequest.newBuilder();
        JsonFormat.parser().merge(json, builder);

        HexIds.restore(builder);

        Span span = builder.build().getResourceSpans(0).getScopeSpans(0).getSpans(0);
        assertThat(span.getTraceId())
                .isEqualTo(Otlp.bytes(
                        0x5B, 0x8E, 0xFF, 0xF7, 0x98, 0x03, 0x81, 0x03, 0xD2, 0x69, 0xB6, 0x33, 0x81, 0x3F, 0xC6,
                        0x0C));
        assertThat(span.getSpanId()).isEqualTo(Otlp.bytes(0xEE, 0xE1, 0x9B, 0x7E, 0xC3, 0xC1, 0xB1, 0x74));
        assertThat(span.getParentSpanId()).isEqualTo(Otlp.bytes(0xEE, 0xE1, 0x9B, 0x7E, 0xC3, 0xC1, 0xB1, 0x73));
    }

    @Test
    void ids_of_another_length_or_alphabet_are_malformed() throws Exception {
        ExportTraceServiceRequest.Builder shortId = ExportTraceServiceRequest.newBuilder();
        JsonFormat.parser()
                .merge("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"spanId\":\"EEE19B7E\"}]}]}]}", shortId);
        ExportTraceServiceRequest.Builder noHex = ExportTraceServiceRequest.newBuilder();
        JsonFormat.parser()
                .merge(
                        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"spanId\":\"zzzzzzzzzzzzzzzz\"}]}]}]}",
                        noHex);

        assertRefused(Refusal.MALFORMED, () -> HexIds.restore(shortId));
        assertRefused(Refusal.MALFORMED, () -> HexIds.restore(noHex));
    }

    @Test
    void a_resource_within_its_bounds_is_the_very_same() {
        Message resource = Otlp.resourceMetrics(Otlp.resource("n1"), Otlp.gauge("m", 1));

        assertThat(new ResourceHygiene(IntakeLimits.defaults()).bounded(resource))
                .isSameAs(resource);
    }

    @Test
    void too_many_and_too_long_resource_attributes_are_bounded_and_counted() {
        Resource.Builder resource = Resource.newBuilder()
                .addAttributes(Otlp.attribute("long", "\u00e4".repeat(3000)))
                .addAttributes(Otlp.attribute("k".repeat(257), "v"));
        for (int i = 0; i < 128; i++) {
            resource.addAttributes(Otlp.attribute("a" + i, "v"));
        }

        ResourceMetrics bounded = (ResourceMetrics) new ResourceHygiene(IntakeLimits.defaults())
                .bounded(Otlp.resourceMetrics(resource.build(), Otlp.gauge("m", 1)));

        Resource kept = bounded.getResource();
        assertThat(kept.getAttributesCount()).isEqualTo(128);
        assertThat(kept.getDroppedAttributesCount()).isEqualTo(2);
        assertThat(kept.getAttributes(0).getValue().getStringValue()).isEqualTo("\u00e4".repeat(2048));
        assertThat(bounded.getScopeMetricsCount()).isEqualTo(1);
    }

    @Test
    void a_request_over_the_message_limit_is_divided_and_no_record_is_lost() throws Exception {
        List<Metric> metrics = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            metrics.add(Otlp.gauge("metric.with.a.rather.long.name." + i, i));
        }
        Message big = Otlp.resourceMetrics(Otlp.resource("n1"), metrics.toArray(Metric[]::new));
        Message small = Otlp.resourceMetrics(Otlp.resource("n2"), Otlp.gauge("m", 1));

        Divider.Division division = Divider.divide(OtlpSignal.METRICS, List.of(small, big), 2000);

        List<String> names = new ArrayList<>();
        for (var piece : division.pieces()) {
            assertThat(piece.value().length).isLessThanOrEqualTo(2000);
            for (ResourceMetrics r :
                    ExportMetricsServiceRequest.parseFrom(piece.value()).getResourceMetricsList()) {
                assertThat(r.getResource().getAttributesCount()).isEqualTo(2);
                assertThat(r.getScopeMetrics(0).getScope().getName()).isEqualTo("test");
                r.getScopeMetricsList().forEach(s -> s.getMetricsList().forEach(m -> names.add(m.getName())));
            }
        }
        assertThat(names).hasSize(201).doesNotHaveDuplicates();
        assertThat(division.points()).isEqualTo(201);
        assertThat(division.rejected()).isZero();
    }

    @Test
    void a_single_record_over_the_message_limit_is_rejected_and_the_others_are_kept() {
        Message resource =
                Otlp.resourceMetrics(Otlp.resource("n1"), Otlp.gauge("x".repeat(3000), 1), Otlp.gauge("fits", 2));

        Divider.Division division = Divider.divide(OtlpSignal.METRICS, List.of(resource), 2000);

        assertThat(division.points()).isEqualTo(1);
        assertThat(division.rejected()).isEqualTo(1);
    }

    @Test
    void json_structure_is_bounded() throws RefusedBody {
        byte[] json = "{\"resourceMetrics\":[{},{}]}".getBytes(StandardCharsets.UTF_8);

        ShapeGuard.checkJson(json, 5);
        assertRefused(Refusal.TOO_LARGE, () -> ShapeGuard.checkJson(json, 4));
    }

    private static void assertRefused(Refusal expected, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedBody.class, e -> assertThat(e.answer().refusal()).isEqualTo(expected));
    }
}
