package io.homeostat.approvals.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerFault;
import io.homeostat.approvals.ledger.LedgerLimits;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.Stories;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailAnchoring;
import io.homeostat.approvals.trail.TrailLimits;
import io.homeostat.events.Decision;
import io.homeostat.events.SignedApproval;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.Verdict;
import io.homeostat.merkle.bundle.VerificationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BundleExportTest {
    private static final String REASON = "invoice 7781 was checked";
    private final FakeLedger ledger = new FakeLedger();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    @TempDir
    Path folder;

    private ReasoningTrail trail;
    private LedgerClient client;
    private BundleExport export;

    @BeforeEach
    void open() throws IOException {
        trail = ReasoningTrail.open(folder.resolve("trail"), TrailLimits.defaults());
        Path token = Files.writeString(folder.resolve("token"), FakeLedger.TOKEN);
        client = new LedgerClient(List.of(ledger.uri()), token, LedgerLimits.defaults());
        TrailAnchoring anchoring =
                new TrailAnchoring(trail, client, FakeLedger.NAME, scheduler, TrailLimits.defaults());
        export = new BundleExport(
                client,
                trail,
                anchoring,
                folder.resolve("bundles"),
                InstantSource.system(),
                BundleExportLimits.defaults());
        export.prepare();
    }

    @AfterEach
    void close() {
        export.close();
        scheduler.shutdownNow();
        trail.close();
        ledger.close();
    }

    @Test
    void a_bundle_of_a_released_transfer_passes_the_verifier() throws IOException {
        String caseId = released();
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        trail.append(Stories.healed("1", "n2", Stories.START));

        VerificationReport report = BundleVerifier.verify(export.write(caseId), Optional.empty());

        assertThat(report.integrity()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(report.completeness()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(report.ok()).isTrue();
    }

    @Test
    void it_holds_the_reasons_and_explanations_and_the_plan_that_leaves_cite() throws IOException {
        String caseId = released();
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));

        String bundle = Files.readString(export.write(caseId), StandardCharsets.ISO_8859_1);

        assertThat(bundle)
                .contains(REASON)
                .contains("commit is 28 times slower")
                .contains("\"planId\":\"plan-1\"");
        assertThat(bundle).doesNotContain("never cited");
    }

    @Test
    void a_bundle_of_an_empty_trail_passes_too() throws IOException {
        VerificationReport report = BundleVerifier.verify(export.write(released()), Optional.empty());

        assertThat(report.integrity()).as(report.toText()).isEqualTo(Verdict.PASS);
    }

    @Test
    void a_flipped_byte_anywhere_is_noticed() throws IOException {
        String caseId = released();
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        Path file = export.write(caseId);
        byte[] sound = Files.readAllBytes(file);
        for (int at = 20; at < sound.length; at += sound.length / 23) {
            byte[] changed = sound.clone();
            changed[at] ^= 0x01;
            Files.write(file, changed);

            assertThat(BundleVerifier.verify(file, Optional.empty()).ok())
                    .as("byte %d", at)
                    .isFalse();
        }
    }

    @Test
    void without_a_ledger_there_is_no_bundle_and_nothing_is_left_over() throws IOException {
        String caseId = released();
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        ledger.goAway();

        assertThatThrownBy(() -> export.write(caseId)).isInstanceOf(LedgerFault.class);
        try (Stream<Path> left = Files.list(folder.resolve("bundles"))) {
            assertThat(left).isEmpty();
        }
        ledger.comeBack();
        assertThat(export.write(caseId)).exists();
    }

    private String released() {
        trail.texts().keep("never cited by any leaf");
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        for (String keyId : List.of("k-olga", "k-carl")) {
            var held = ledger.heldCase(caseId);
            client.approve(
                    caseId,
                    new SignedApproval(
                            keyId,
                            Decision.APPROVE,
                            held.path("payloadDigest").asText(),
                            held.path("expiresAtMicros").asLong(),
                            ledger.sign(caseId, keyId, true, REASON),
                            trail.texts().keep(REASON)));
        }
        return caseId;
    }
}
