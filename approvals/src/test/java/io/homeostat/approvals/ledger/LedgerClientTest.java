package io.homeostat.approvals.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.events.Decision;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerClientTest {
    private static final String REASON = "invoice 7781 was checked";
    private static final LedgerLimits QUICK = new LedgerLimits(Duration.ofMillis(500), 2, 65_536);
    private final FakeLedger ledger = new FakeLedger();
    private final FakeLedger second = new FakeLedger();

    @TempDir
    Path folder;

    private Path token;

    @BeforeEach
    void writeToken() throws IOException {
        token = Files.writeString(folder.resolve("token"), FakeLedger.TOKEN + "\n");
    }

    @AfterEach
    void close() {
        ledger.close();
        second.close();
    }

    @Test
    void reads_a_case_with_its_tier_and_recomputes_the_payload_digest() {
        String caseId = ledger.holdTransfer(250_000_000, "rita", 3600);
        LedgerClient client = client(ledger.uri());

        LedgerCase held = client.findCase(caseId).orElseThrow();

        assertThat(client.cases("all")).containsExactly(held);
        assertThat(client.policy().tierOf(held)).contains("huge");
        assertThat(held.payloadIsShownTransfer()).isTrue();
        assertThat(held.progress()).extracting(LedgerCase.RoleProgress::wanted).containsExactly(2, 1);
        assertThat(client.findCase("transfer:none")).isEmpty();
    }

    @Test
    void an_amount_one_cent_off_does_not_give_the_payload_digest() {
        LedgerCase held = client(ledger.uri())
                .findCase(ledger.holdTransfer(250_000_000, "rita", 3600))
                .orElseThrow();
        LedgerCase.Transfer t = held.transfer();
        LedgerCase changed = new LedgerCase(
                held.caseId(),
                held.kind(),
                held.state(),
                held.payloadDigest(),
                held.requester(),
                held.expiresAtMicros(),
                held.demands(),
                held.approvals(),
                held.openedAtMicros(),
                held.openedIndex(),
                null,
                new LedgerCase.Transfer(t.id(), t.debit(), t.credit(), t.amount() + 1, t.asset(), t.exponent()));

        assertThat(changed.payloadIsShownTransfer()).isFalse();
    }

    @Test
    void a_node_that_is_away_is_passed_over() {
        ledger.goAway();
        second.holdTransfer(1_900_000, "rita", 3600);

        assertThat(client(ledger.uri(), second.uri()).cases("all")).hasSize(1);
    }

    @Test
    void a_node_that_accepts_and_never_answers_is_passed_over_in_time() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            LedgerClient client = client(URI.create("http://127.0.0.1:" + silent.getLocalPort()), second.uri());

            assertThat(client.nodes().leader()).isEqualTo("n1");
            assertThat(client.statuses()).extracting(NodeStatus::gate).containsExactly("no answer", "open");
        }
    }

    @Test
    void when_no_node_answers_the_fault_says_what_was_expected() {
        ledger.goAway();

        assertThatThrownBy(() -> client(ledger.uri()).cases("all"))
                .isInstanceOf(LedgerFault.class)
                .hasMessageContaining("expected an answer of one of 1 nodes")
                .hasMessageContaining("503")
                .hasMessageNotContaining(FakeLedger.TOKEN);
    }

    @Test
    void an_approval_whose_answer_was_lost_is_found_in_the_case_and_counts_once() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);
        LedgerClient client = client(ledger.uri());
        SignedApproval approval = signed(caseId, "k-olga");
        ledger.loseNextAnswer();

        LedgerAnswer<LedgerCase> answer = client.approve(caseId, approval);

        assertThat(answer).isInstanceOf(LedgerAnswer.Accepted.class);
        assertThat(ledger.heldCase(caseId).path("approvals")).hasSize(1);
    }

    @Test
    void a_refusal_carries_the_ledgers_reason() {
        String caseId = ledger.holdTransfer(1_900_000, "rita", 3600);

        LedgerAnswer<LedgerCase> answer = client(ledger.uri()).approve(caseId, signed(caseId, "k-rita"));

        assertThat(answer)
                .isEqualTo(new LedgerAnswer.Refused<LedgerCase>(
                        403, "approver_is_requester", "the gate refuses: approver_is_requester"));
    }

    private SignedApproval signed(String caseId, String keyId) {
        var held = ledger.heldCase(caseId);
        return new SignedApproval(
                keyId,
                Decision.APPROVE,
                held.path("payloadDigest").asText(),
                held.path("expiresAtMicros").asLong(),
                ledger.sign(caseId, keyId, true, REASON),
                EventCodec.digestOfText(REASON));
    }

    private LedgerClient client(URI... nodes) {
        return new LedgerClient(List.of(nodes), token, QUICK);
    }
}
