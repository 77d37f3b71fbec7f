package io.homeostat.approvals;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.approvals.testing.Eventually;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.Stage;
import io.homeostat.approvals.testing.Stories;
import io.homeostat.approvals.topic.IncidentPublisher;
import io.homeostat.approvals.topic.TopicLimits;
import io.homeostat.approvals.web.Role;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.VerificationReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole module behind its door, with a real broker and the ledger's HTTP edge faked. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApprovalsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final FakeLedger ledger = new FakeLedger();
    private final HttpClient http = HttpClient.newHttpClient();
    private TestBroker kafka;
    private Stage stage;
    private Approvals approvals;

    @BeforeEach
    void open() throws IOException {
        stage = new Stage(folder.resolve("stage"));
        kafka = new TestBroker(stage.folder());
    }

    @AfterEach
    void close() {
        if (approvals != null) {
            approvals.close();
        }
        kafka.close();
        ledger.close();
    }

    @Test
    void events_become_leaves_once_are_explained_once_and_anchored_also_over_restarts() throws IOException {
        List<IncidentEvent> story = new ArrayList<>(Stories.untilPlanned("1", "n2", Stories.START));
        publish(story);
        publish(story);
        publishRaw("no event at all");
        publishRaw("{\"type\":\"io.homeostat.IncidentEscalated\",\"data\":{\"eventId\":\"half\"}}");
        String caseId = ledger.holdTransfer(250_000_000, "rita", 3600);

        approvals = start();
        // 4 of the story, its explanation, the request for the transfer, and that one's explanation.
        Eventually.holds("7 leaves", SOON, () -> leaves().size() == 7);
        Eventually.holds(
                "all anchored",
                SOON,
                () -> leaves().stream().allMatch(l -> l.path("anchoredAt").isNumber()));

        approvals.close();
        publish(story);
        publish(Stories.healed("1", "n2", Stories.START));
        approvals = start();
        Eventually.holds("15 leaves", SOON, () -> leaves().size() == 15);

        approvals.close();
        Files.delete(data().resolve("trail/position"));
        approvals = start();
        Eventually.holds("ready", SOON, () -> status("/health/ready") == 200);
        publish(List.of(Stories.anomaly("2", "n3", Stories.START)));
        Eventually.holds("16 leaves", SOON, () -> leaves().size() == 16);
        assertThat(leaves().stream().map(l -> l.path("eventId").asText()).toList())
                .doesNotHaveDuplicates();
        assertThat(leaves().stream().map(l -> l.path("kind").asText()).filter("ExplanationWritten"::equals))
                .hasSize(2);
        assertThat(get("/api/cases/" + caseId).path("events").toString())
                .contains("ApprovalRequested")
                .contains("EUR 2,500,000.00");
    }

    @Test
    void a_decision_over_the_api_ends_as_one_recorded_event_and_a_bundle_that_verifies() throws IOException {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        approvals = start();
        Eventually.holds("ready", SOON, () -> status("/health/ready") == 200);

        assertThat(decide(caseId, "k-olga")).isEqualTo(200);
        assertThat(decide(caseId, "k-carl")).isEqualTo(200);
        Eventually.holds(
                "the decision is a leaf",
                SOON,
                () -> leaves().stream().anyMatch(l -> l.path("kind").asText().equals("ApprovalDecided")));

        Path bundle = folder.resolve("story.bundle");
        Files.write(bundle, raw("/api/bundles/" + caseId, Role.AUDITOR).body());
        VerificationReport report = BundleVerifier.verify(bundle, Optional.empty());
        assertThat(report.ok()).as(report.toText()).isTrue();
    }

    @Test
    void a_broker_that_goes_away_and_comes_back_is_waited_for() {
        approvals = start();
        Eventually.holds("ready", SOON, () -> status("/health/ready") == 200);
        publish(Stories.untilPlanned("1", "n2", Stories.START));
        Eventually.holds("5 leaves", SOON, () -> leaves().size() == 5);

        kafka.stop();
        assertThat(status("/health/live")).isEqualTo(200);
        kafka.start();
        publish(Stories.healed("1", "n2", Stories.START));

        Eventually.holds("13 leaves", Duration.ofSeconds(40), () -> leaves().size() == 13);
    }

    private int decide(String caseId, String keyId) throws IOException {
        JsonNode held = ledger.heldCase(caseId);
        String reason = "invoice 7781 was checked";
        String body = JSON.createObjectNode()
                .put("keyId", keyId)
                .put("decision", "approve")
                .put("reason", reason)
                .put("payloadDigest", held.path("payloadDigest").asText())
                .put("expiresAtMicros", held.path("expiresAtMicros").asLong())
                .put("signature", ledger.sign(caseId, keyId, true, reason))
                .toString();
        return send(HttpRequest.newBuilder(uri("/api/cases/" + caseId + "/decisions"))
                        .header("Authorization", "Bearer " + Stage.token(Role.APPROVER))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build())
                .statusCode();
    }

    private List<JsonNode> leaves() {
        List<JsonNode> leaves = new ArrayList<>();
        get("/api/trail?from=0&limit=200").path("leaves").forEach(leaves::add);
        return leaves;
    }

    private JsonNode get(String path) {
        try {
            return JSON.readTree(raw(path, Role.VIEWER).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<byte[]> raw(String path, Role role) {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer " + Stage.token(role))
                .build());
    }

    private int status(String path) {
        return send(HttpRequest.newBuilder(uri(path)).build()).statusCode();
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + approvals.webPort() + path);
    }

    private void publish(List<IncidentEvent> events) {
        try (IncidentPublisher publisher = new IncidentPublisher(kafka.bootstrap(), TopicLimits.defaults())) {
            events.forEach(publisher::publish);
        }
    }

    private void publishRaw(String value) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.INCIDENTS, value.getBytes(StandardCharsets.UTF_8)));
            producer.flush();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Approvals start() {
        return Approvals.start(new ApprovalsConfig(
                kafka.bootstrap(),
                data(),
                FakeLedger.NAME,
                List.of(ledger.uri()),
                stage.tokenFile(),
                stage.tokenFile(),
                "127.0.0.1",
                0,
                stage.usersFile(),
                stage.apiTokensFile(),
                Optional.empty(),
                new Stage.RememberingStopButton(),
                ApprovalsLimits.defaults()));
    }
}
