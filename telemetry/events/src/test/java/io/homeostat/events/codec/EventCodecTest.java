package io.homeostat.events.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.ActionReport;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentStory;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.SidecarStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EventCodecTest {
    /** Where a new event's golden file is written when the test runs with {@code -Dgolden.write=true}. */
    private static final Path GOLDEN_SOURCES = Path.of("src/test/resources/golden");

    static Stream<IncidentEvent> story() {
        return IncidentStory.inOrder().stream();
    }

    @Test
    void the_story_holds_every_kind_of_event() {
        assertThat(story().map(e -> e.getClass().getName()).collect(Collectors.toSet()))
                .isEqualTo(Arrays.stream(IncidentEvent.class.getPermittedSubclasses())
                        .map(Class::getName)
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("story")
    void an_event_encodes_exactly_as_its_golden_file(IncidentEvent event) throws IOException {
        byte[] encoded = EventCodec.toCloudEvent(event, "/test");

        assertThat(new String(encoded, StandardCharsets.UTF_8)).isEqualTo(golden(file(event), encoded));
    }

    @ParameterizedTest
    @MethodSource("story")
    void a_golden_file_decodes_to_the_very_event(IncidentEvent event) throws IOException {
        String stored = golden(file(event), EventCodec.toCloudEvent(event, "/test"));

        assertThat(EventCodec.fromCloudEvent(stored.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(event);
    }

    @Test
    void an_alert_of_before_onset_and_lead_time_were_told_is_still_read() throws IOException {
        IncidentEvent.AnomalyRaised old = (IncidentEvent.AnomalyRaised) EventCodec.fromCloudEvent(
                golden("AnomalyRaised.v1.json", new byte[0]).getBytes(StandardCharsets.UTF_8));

        assertThat(old.onset()).isEqualTo(old.windowStart());
        assertThat(old.rules()).isEmpty();
        assertThat(old.shadow()).isEmpty();
    }

    @Test
    void events_of_before_origins_were_ranked_are_still_read() throws IOException {
        IncidentEvent raised = EventCodec.fromCloudEvent(
                golden("AnomalyRaised.v2.json", new byte[0]).getBytes(StandardCharsets.UTF_8));
        IncidentEvent opened = EventCodec.fromCloudEvent(
                golden("IncidentOpened.v1.json", new byte[0]).getBytes(StandardCharsets.UTF_8));

        assertThat(((IncidentEvent.AnomalyRaised) raised).origins()).isEmpty();
        assertThat(((IncidentEvent.IncidentOpened) opened).origins()).isEmpty();
    }

    @Test
    void canonical_json_of_a_plan_and_its_digest_are_golden() throws IOException {
        byte[] canonical = EventCodec.canonicalJson(IncidentStory.plan());

        assertThat(new String(canonical, StandardCharsets.UTF_8)).isEqualTo(golden("RecoveryPlan.v1.json", canonical));
        assertThat(EventCodec.digest(IncidentStory.plan())).isEqualTo(EventCodec.sha256Hex(canonical));
        assertThat(EventCodec.read(canonical, RecoveryPlan.class)).isEqualTo(IncidentStory.plan());
    }

    @Test
    void canonical_json_does_not_depend_on_the_order_in_which_a_map_was_filled() {
        Map<String, Object> forward = new LinkedHashMap<>();
        Map<String, Object> backward = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            forward.put("key" + i, Map.of("inner", i));
            backward.put("key" + (49 - i), Map.of("inner", 49 - i));
        }

        assertThat(EventCodec.canonicalJson(forward)).isEqualTo(EventCodec.canonicalJson(backward));
        assertThat(EventCodec.canonicalJson(forward)).isEqualTo(EventCodec.canonicalJson(new TreeMap<>(backward)));
    }

    @Test
    void canonical_json_survives_a_round_trip_through_itself() {
        for (IncidentEvent event : IncidentStory.inOrder()) {
            byte[] once = EventCodec.canonicalJson(event);

            assertThat(EventCodec.canonicalJson(EventCodec.read(once, event.getClass())))
                    .isEqualTo(once);
            assertThat(EventCodec.canonicalJson(EventCodec.readMap(once))).isEqualTo(once);
        }
    }

    @Test
    void a_double_is_written_the_same_on_every_jdk() {
        // Double.toString of Java 17 says 1.9999999999999998E23 here, that of Java 19 and later 2.0E23.
        assertThat(json(Map.of("v", 2e23))).isEqualTo("{\"v\":2.0E23}");
        assertThat(json(Map.of("v", 0.1))).isEqualTo("{\"v\":0.1}");
        assertThat(json(Map.of("v", -0.0))).isEqualTo("{\"v\":-0.0}");
    }

    @Test
    void an_instant_is_written_the_same_whatever_its_precision() {
        assertThat(json(Map.of("at", Instant.parse("2026-11-20T10:00:00.000Z"))))
                .isEqualTo("{\"at\":\"2026-11-20T10:00:00Z\"}");
        assertThat(json(Map.of("at", Instant.parse("2026-11-20T10:00:00.100Z"))))
                .isEqualTo("{\"at\":\"2026-11-20T10:00:00.100Z\"}");
    }

    @Test
    void a_consumer_ignores_fields_that_it_does_not_know() {
        IncidentEvent event = IncidentStory.inOrder().get(1);
        String encoded = new String(EventCodec.toCloudEvent(event, "/test"), StandardCharsets.UTF_8);
        String newer = encoded.replace("\"incidentId\"", "\"addedLater\":{\"a\":[1]},\"incidentId\"")
                .replace("\"specversion\"", "\"traceparent\":\"00-1\",\"specversion\"");

        assertThat(newer).isNotEqualTo(encoded);
        assertThat(EventCodec.fromCloudEvent(newer.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(event);
    }

    @Test
    void what_is_no_event_is_refused_with_what_was_expected() {
        assertRefused("not json", "CloudEvents");
        assertRefused("", "CloudEvents");
        assertRefused("[]", "io.homeostat.");
        assertRefused("{\"type\":\"io.homeostat.Unknown\",\"data\":{}}", "io.homeostat.Unknown");
        assertRefused("{\"type\":\"AnomalyCleared\",\"data\":{}}", "AnomalyCleared");
        assertRefused("{\"type\":\"io.homeostat.AnomalyRaised\",\"data\":{}}", "'eventId'");
        assertRefused(
                "{\"type\":\"io.homeostat.AnomalyCleared\",\"data\":{\"eventId\":\"e\",\"at\":\"2026-11-20T10:00:00Z\",\"node\":\"n\"}}",
                "names no anomaly");
        assertRefused(
                "{\"type\":\"io.homeostat.AnomalyRaised\",\"data\":{\"eventId\":\"e\",\"at\":\"yesterday\",\"node\":\"n\"}}",
                "is malformed");
        assertRefused("{\"type\":\"io.homeostat.AnomalyCleared\"}", "io.homeostat.AnomalyCleared");
        assertRefused("{\"type\":\"io.homeostat.AnomalyCleared\",\"data\":null}", "io.homeostat.AnomalyCleared");
    }

    @Test
    void the_records_of_the_control_apis_survive_a_round_trip_with_and_without_optional_parts() {
        NodeProbe probe = new NodeProbe(
                "n1", 42, "leader", "n1", 3, 120, 118, 100, "ab", true, true, true, "open", "", false, 50);
        Instant at = Instant.parse("2026-11-20T10:00:00.5Z");
        for (Object value : List.of(
                new SidecarStatus("n1", ProcessState.RUNNING, 42, 1, "exit code 3", probe, at),
                new SidecarStatus("n1", ProcessState.STARTING, 42, 0, "", null, null),
                new ActionReport("a", ActionKind.FENCE, ActionOutcome.RUNNING, "started", at, null),
                new ActionReport("a", ActionKind.FENCE, ActionOutcome.FAILED, "why", at, at))) {
            assertThat(EventCodec.<Object>read(EventCodec.canonicalJson(value), classOf(value)))
                    .isEqualTo(value);
        }
    }

    @Test
    void the_approval_text_is_six_lines_that_a_person_can_read() {
        ApprovalStatement statement = new ApprovalStatement(
                "recovery:plan-1", "0".repeat(64), Decision.APPROVE, 1_795_182_000_000_000L, "f".repeat(64));

        assertThat(new String(statement.bytes(), StandardCharsets.UTF_8))
                .isEqualTo("homeostat approval v1\n"
                        + "case: recovery:plan-1\n"
                        + "payload: " + "0".repeat(64) + "\n"
                        + "decision: approve\n"
                        + "expires: 1795182000000000\n"
                        + "reason: " + "f".repeat(64) + "\n");
    }

    @Test
    void an_approval_text_can_not_smuggle_a_line() {
        String digest = "0".repeat(64);

        assertThatThrownBy(() -> new ApprovalStatement("a\ndecision: deny", digest, Decision.APPROVE, 1, digest))
                .hasMessageContaining("caseId");
        assertThatThrownBy(() -> new ApprovalStatement("a", digest + "\n", Decision.APPROVE, 1, digest))
                .hasMessageContaining("payloadDigest");
        assertThatThrownBy(() -> new ApprovalStatement("a", digest, Decision.EXPIRED, 1, digest))
                .hasMessageContaining("EXPIRED");
    }

    @SuppressWarnings("unchecked")
    private static Class<Object> classOf(Object value) {
        return (Class<Object>) value.getClass();
    }

    private static String json(Object value) {
        return new String(EventCodec.canonicalJson(value), StandardCharsets.UTF_8);
    }

    private static void assertRefused(String json, String expectedInMessage) {
        assertThatThrownBy(() -> EventCodec.fromCloudEvent(json.getBytes(StandardCharsets.UTF_8)))
                .as(json)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expectedInMessage);
    }

    /** The stored file; a stored one is never edited, a new version is added beside it. */
    private static String file(IncidentEvent event) {
        int version = event instanceof IncidentEvent.AnomalyRaised
                ? 3
                : event instanceof IncidentEvent.IncidentOpened ? 2 : 1;
        return event.kind() + ".v" + version + ".json";
    }

    private static String golden(String name, byte[] encoded) throws IOException {
        Path source = GOLDEN_SOURCES.resolve(name);
        if (Boolean.getBoolean("golden.write") && !Files.exists(source)) {
            Files.write(source, encoded);
        }
        try (InputStream in = EventCodecTest.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new AssertionError(
                        "no golden file " + name + ": run once with -Dgolden.write=true and look at it");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
