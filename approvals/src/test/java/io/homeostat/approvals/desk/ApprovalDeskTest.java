package io.homeostat.approvals.desk;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerLimits;
import io.homeostat.approvals.testing.AdjustableClock;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.Stories;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailLimits;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApprovalDeskTest {
    private static final String REASON = "invoice 7781 was checked";
    private final FakeLedger ledger = new FakeLedger();
    private final AdjustableClock clock = new AdjustableClock(Instant.parse("2026-11-20T03:00:00Z"));
    private final List<IncidentEvent> published = new ArrayList<>();

    @TempDir
    Path folder;

    private ReasoningTrail trail;
    private LedgerBoard board;
    private LedgerClient client;
    private ApprovalDesk desk;

    @BeforeEach
    void open() throws IOException {
        trail = ReasoningTrail.open(folder.resolve("trail"), TrailLimits.defaults());
        Path token = Files.writeString(folder.resolve("token"), FakeLedger.TOKEN);
        client = new LedgerClient(List.of(ledger.uri()), token, LedgerLimits.defaults());
        board = new LedgerBoard(client, clock);
        desk = newDesk();
    }

    @AfterEach
    void close() {
        trail.close();
        ledger.close();
    }

    @Test
    void a_held_transfer_is_asked_for_once_also_over_a_restart() {
        String caseId = ledger.holdTransfer(250_000_000, "rita", 3600);

        turn();
        turn();
        trail.append(published);
        desk = newDesk();
        turn();

        assertThat(published).hasSize(1);
        IncidentEvent.ApprovalRequested requested = (IncidentEvent.ApprovalRequested) published.get(0);
        assertThat(requested.storyId()).isEqualTo(caseId);
        assertThat(requested.summary())
                .isEqualTo("EUR 2,500,000.00 from cust:acme to cust:globex is held for approval");
        assertThat(requested.demands()).hasSize(2);
    }

    @Test
    void a_restart_before_the_trail_has_it_publishes_the_same_id_again() {
        ledger.holdTransfer(250_000_000, "rita", 3600);
        turn();
        desk = newDesk();
        turn();

        assertThat(published).hasSize(2);
        assertThat(published.get(0).eventId()).isEqualTo(published.get(1).eventId());
        assertThat(trail.append(published)).isEqualTo(1);
    }

    @Test
    void an_event_that_did_not_reach_the_trail_is_published_again_after_its_time_and_not_before() {
        ledger.holdTransfer(250_000_000, "rita", 3600);
        turn();
        clock.advance(Duration.ofSeconds(30).minusMillis(1));
        turn();
        assertThat(published).hasSize(1);

        clock.advance(Duration.ofMillis(1));
        turn();
        assertThat(published).hasSize(2);
    }

    @Test
    void the_decision_is_recorded_once_when_the_case_left_open() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        assertThat(decide(caseId, "k-olga", "approve", REASON)).isInstanceOf(DecisionOutcome.Recorded.class);
        turn();
        assertThat(published).extracting(IncidentEvent::kind).containsExactly("ApprovalRequested");

        decide(caseId, "k-carl", "approve", REASON);
        turn();
        turn();

        assertThat(published).extracting(IncidentEvent::kind).containsExactly("ApprovalRequested", "ApprovalDecided");
        IncidentEvent.ApprovalDecided decided = (IncidentEvent.ApprovalDecided) published.get(1);
        assertThat(decided.decision()).isEqualTo(Decision.APPROVE);
        assertThat(decided.approvals()).hasSize(2);
        assertThat(decided.ledgerIndex())
                .isEqualTo(ledger.heldCase(caseId).path("decidedIndex").asLong());
    }

    @Test
    void an_expired_case_is_recorded_as_expired() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        ledger.expire(caseId);
        turn();

        assertThat(((IncidentEvent.ApprovalDecided) published.get(1)).decision())
                .isEqualTo(Decision.EXPIRED);
    }

    @Test
    void a_recovery_case_belongs_to_the_story_that_the_healer_named() {
        String caseId = ledger.openRecovery("recovery:plan-1", EventCodec.digest(Stories.plan("1", "n2")));
        trail.append(List.of(Stories.requested("1", "n2", Stories.START, caseId)));
        decide(caseId, "k-olga", "deny", REASON);
        turn();

        assertThat(published).hasSize(1);
        assertThat(published.get(0).storyId()).isEqualTo("incident-1");
        assertThat(published.get(0).node()).isEqualTo("n2");
    }

    @Test
    void a_decided_recovery_case_waits_for_its_story_and_then_stands_alone() {
        String caseId = ledger.openRecovery("recovery:plan-1", EventCodec.digest(Stories.plan("1", "n2")));
        decide(caseId, "k-olga", "deny", REASON);
        turn();
        clock.advance(Duration.ofSeconds(15).minusMillis(1));
        turn();
        assertThat(published).isEmpty();

        clock.advance(Duration.ofMillis(1));
        turn();
        assertThat(published).hasSize(1);
        assertThat(published.get(0).storyId()).isEqualTo(caseId);
    }

    @Test
    void the_reason_is_kept_by_its_digest_and_only_the_digest_goes_to_the_ledger() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        decide(caseId, "k-olga", "approve", REASON);

        String digest = ledger.heldCase(caseId)
                .path("approvals")
                .get(0)
                .path("reasonDigest")
                .asText();
        assertThat(digest).isEqualTo(EventCodec.digestOfText(REASON));
        assertThat(trail.texts().find(digest)).contains(REASON);
    }

    @Test
    void a_reason_of_nine_characters_is_refused_and_of_ten_is_sent() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);

        assertThat(decide(caseId, "k-olga", "approve", "123456789 "))
                .isEqualTo(
                        new DecisionOutcome.Incomplete("reason", "reason must have 10 to 2000 characters but has 9"));
        assertThat(ledger.requests()).doesNotContain("POST /v1/cases/" + caseId + "/approvals");
        assertThat(decide(caseId, "k-olga", "approve", "1234567890")).isInstanceOf(DecisionOutcome.Recorded.class);
    }

    @Test
    void a_decision_with_a_malformed_field_names_the_field() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        String digest = "a".repeat(64);

        assertThat(field(caseId, new SignedDecision("k-olga", "maybe", REASON, digest, 1, "x")))
                .isEqualTo("decision");
        assertThat(field(caseId, new SignedDecision("K OLGA", "deny", REASON, digest, 1, "x")))
                .isEqualTo("keyId");
        assertThat(field(caseId, new SignedDecision("k-olga", "deny", REASON, "AA", 1, "x")))
                .isEqualTo("payloadDigest");
        assertThat(field(caseId, new SignedDecision("k-olga", "deny", REASON, digest, 0, "x")))
                .isEqualTo("expiresAtMicros");
        assertThat(field(caseId, new SignedDecision("k-olga", "deny", REASON, digest, 1, "eA==")))
                .isEqualTo("signature");
    }

    @Test
    void the_ledgers_refusal_is_said_in_words() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);

        DecisionOutcome.Refused refused = (DecisionOutcome.Refused) decide(caseId, "k-rita", "approve", REASON);

        assertThat(refused.reason()).isEqualTo("approver_is_requester");
        assertThat(refused.words()).contains("nobody approves their own request");
    }

    private String field(String caseId, SignedDecision decision) {
        return ((DecisionOutcome.Incomplete) desk.forward(caseId, decision)).field();
    }

    private DecisionOutcome decide(String caseId, String keyId, String decision, String reason) {
        var held = ledger.heldCase(caseId);
        return desk.forward(
                caseId,
                new SignedDecision(
                        keyId,
                        decision,
                        reason,
                        held.path("payloadDigest").asText(),
                        held.path("expiresAtMicros").asLong(),
                        ledger.sign(caseId, keyId, decision.equals("approve"), reason)));
    }

    private void turn() {
        board.refresh();
        desk.record();
    }

    private ApprovalDesk newDesk() {
        return new ApprovalDesk(board, client, trail, published::add, clock, DeskLimits.defaults());
    }
}
