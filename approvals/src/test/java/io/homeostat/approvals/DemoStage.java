package io.homeostat.approvals;

import io.homeostat.approvals.explain.LlmConfig;
import io.homeostat.approvals.testing.Eventually;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.FakeModel;
import io.homeostat.approvals.testing.Stage;
import io.homeostat.approvals.testing.Stories;
import io.homeostat.approvals.topic.IncidentPublisher;
import io.homeostat.approvals.topic.TopicLimits;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.events.testing.TestBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The module with a few stories, to be looked at in a browser. Arguments: port, and a folder for its data. Sign in as olga,
 * carl, rita, ada, otto, mara or vera; every password is that of {@link Stage}; keys lie in the folder as PEM files.
 */
public final class DemoStage {
    private DemoStage() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        Stage stage = new Stage(folder);
        for (String key : List.of("k-olga", "k-carl", "k-rita")) {
            io.homeostat.merkle.Ed25519.writePem(
                    folder.resolve(key + ".pem"), FakeLedger.keys(key).privateKey());
        }
        TestBroker kafka = new TestBroker(folder);
        FakeLedger ledger = new FakeLedger();
        FakeModel model = new FakeModel(
                request ->
                        "{\"sentences\":[{\"text\":\"Node n2 showed a commit time of 0.3481 s where 0.0124 s was expected, while its peers stayed near 0.0119 s.\",\"evidence\":[\"anomaly-raised-2\"]},{\"text\":\"The score of 7.25 lies above the threshold of 3.1.\",\"evidence\":[\"anomaly-raised-2\"]},{\"text\":\"The plan has 2 steps and moves the old data aside.\",\"evidence\":[\"recovery-planned-2\"]},{\"text\":\"It was 99 times slower.\",\"evidence\":[\"anomaly-raised-2\"]}],\"inconclusive\":false}");
        Instant now = Instant.now();
        List<IncidentEvent> events = new ArrayList<>(Stories.untilPlanned("1", "n3", now.minusSeconds(5400)));
        events.addAll(Stories.healed("1", "n3", now.minusSeconds(5400)));
        events.addAll(Stories.untilPlanned("2", "n2", now.minusSeconds(70)));
        String recovery = ledger.openRecovery("recovery:plan-2", EventCodec.digest(Stories.plan("2", "n2")));
        events.add(Stories.requested("2", "n2", now.minusSeconds(66), recovery));
        ledger.holdTransfer(250_000_000, "rita", 540);
        ledger.holdTransfer(4_750_000, "tomas", 3400);
        String denied = ledger.holdTransfer(1_900_000, "tomas", 3400);
        String approved = ledger.holdTransfer(12_345_600, "rita", 3400);
        approve(ledger, denied, "k-carl", false, "The payee is not on the list of known suppliers.");
        approve(ledger, approved, "k-olga", true, "Invoice 7781 and contract were checked.");
        approve(ledger, approved, "k-carl", true, "Limits and sanctions lists were checked.");
        try (IncidentPublisher publisher = new IncidentPublisher(kafka.bootstrap(), TopicLimits.defaults())) {
            events.forEach(publisher::publish);
        }
        Optional<LlmConfig> llm = args.length > 2
                ? Optional.of(new LlmConfig(model.baseUrl(), "granite-3.3", Optional.empty()))
                : Optional.empty();
        Files.createDirectories(folder.resolve("data"));
        Approvals approvals = Approvals.start(new ApprovalsConfig(
                kafka.bootstrap(),
                folder.resolve("data"),
                FakeLedger.NAME,
                List.of(ledger.uri()),
                stage.tokenFile(),
                stage.tokenFile(),
                "127.0.0.1",
                Integer.parseInt(args[0]),
                stage.usersFile(),
                stage.apiTokensFile(),
                llm,
                new Stage.RememberingStopButton(),
                ApprovalsLimits.defaults()));
        Eventually.holds("a port", Duration.ofSeconds(5), () -> approvals.webPort() > 0);
        System.out.println("http://127.0.0.1:" + approvals.webPort());
        new CountDownLatch(1).await();
    }

    private static void approve(FakeLedger ledger, String caseId, String keyId, boolean approve, String reason) {
        var client = new io.homeostat.approvals.ledger.LedgerClient(
                List.of(ledger.uri()), tokenFile(), io.homeostat.approvals.ledger.LedgerLimits.defaults());
        var held = ledger.heldCase(caseId);
        client.approve(
                caseId,
                new io.homeostat.events.SignedApproval(
                        keyId,
                        approve ? io.homeostat.events.Decision.APPROVE : io.homeostat.events.Decision.DENY,
                        held.path("payloadDigest").asText(),
                        held.path("expiresAtMicros").asLong(),
                        ledger.sign(caseId, keyId, approve, reason),
                        EventCodec.digestOfText(reason)));
    }

    private static Path tokenFile() {
        try {
            Path file = Files.createTempFile("token", "");
            Files.writeString(file, FakeLedger.TOKEN);
            file.toFile().deleteOnExit();
            return file;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
