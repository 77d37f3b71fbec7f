package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.by;
import static io.homeostat.ledger.state.LedgerFixture.recovery;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.gate.RefusalBook;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApprovalGateTest {
    private static final UUID ID = new UUID(9, 9);
    private static final String CASE = "transfer:" + ID;

    @TempDir
    Path directory;

    private Replica replica;
    private Ledger ledger;

    @BeforeEach
    void open() {
        replica = new Replica(directory).withAccounts();
        ledger = replica.ledger;
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void one_valid_approval_posts_a_transfer_of_the_middle_tier() {
        CaseView opened = gated(10_000);

        Command.Outcome outcome = replica.apply(approve(opened, "t1", true));

        assertThat(outcome.reason()).isEqualTo(Reason.OK);
        assertThat(outcome.status()).isEqualTo("approved");
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("posted");
        assertThat(ledger.account("ada").orElseThrow().balance()).isEqualTo(10_000);
        CaseView decided = ledger.caseOf(CASE).orElseThrow();
        assertThat(decided.state()).isEqualTo("approved");
        assertThat(decided.approvals()).singleElement().satisfies(approval -> {
            assertThat(approval.person()).isEqualTo("t1");
            assertThat(approval.role()).isEqualTo("treasury");
        });
        assertThat(lastLeaves(3))
                .satisfiesExactly(
                        leaf -> assertThat(leaf).isInstanceOf(Leaf.ApprovalRecorded.class),
                        leaf -> assertThat(leaf).isInstanceOf(Leaf.CaseDecided.class),
                        leaf -> assertThat(leaf).isInstanceOf(Leaf.HoldPosted.class));
    }

    @Test
    void every_demand_must_be_filled_by_persons_of_its_role() {
        CaseView opened = gated(50_000);

        assertThat(replica.apply(approve(opened, "t1", true)).status()).isEqualTo("open");
        assertThat(replica.apply(approve(opened, "t2", true)).status()).isEqualTo("open");
        assertThat(ledger.account("ada").orElseThrow().balance()).isZero();
        assertThat(replica.apply(approve(opened, "r1", true)).status()).isEqualTo("approved");
        assertThat(ledger.account("ada").orElseThrow().balance()).isEqualTo(50_000);
    }

    @Test
    void a_person_with_two_roles_fills_the_first_unfilled_one_only() {
        CaseView opened = gated(50_000);

        replica.apply(approve(opened, "t3", true));
        replica.apply(approve(opened, "t1", true));
        assertThat(ledger.caseOf(CASE).orElseThrow().state())
                .as("risk is still missing")
                .isEqualTo("open");
        refused(Reason.ROLE_NOT_DEMANDED, approve(opened, "t2", true));
        assertThat(replica.apply(approve(opened, "r1", true)).status()).isEqualTo("approved");
    }

    @Test
    void a_person_with_two_roles_fills_the_second_when_the_first_is_full() {
        CaseView opened = gated(50_000);
        replica.apply(approve(opened, "t1", true));
        replica.apply(approve(opened, "t2", true));

        assertThat(replica.apply(approve(opened, "t3", true)).status()).isEqualTo("approved");
        assertThat(ledger.caseOf(CASE).orElseThrow().approvals().get(2).role()).isEqualTo("risk");
    }

    @Test
    void one_valid_deny_voids_the_hold_for_good() {
        CaseView opened = gated(50_000);
        replica.apply(approve(opened, "t1", true));

        assertThat(replica.apply(approve(opened, "r1", false)).status()).isEqualTo("denied");

        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("voided");
        assertThat(ledger.account("bank").orElseThrow().debitsHeld()).isZero();
        refused(Reason.CASE_NOT_OPEN, approve(opened, "t2", true));
        assertThat(((Leaf.HoldVoided) lastLeaves(2).get(0)).deniedByApprovers()).isTrue();
    }

    @Test
    void a_deny_counts_also_when_the_persons_role_is_filled_but_not_without_a_demanded_role() {
        CaseView opened = gated(50_000);
        replica.apply(approve(opened, "t1", true));
        replica.apply(approve(opened, "t2", true));

        refused(Reason.ROLE_NOT_DEMANDED, approve(opened, "o1", false));
        assertThat(replica.apply(by("x", new UUID(1, 1), "bank", "ada", 1)).reason())
                .isEqualTo(Reason.OK);
        assertThat(replica.apply(approve(opened, "t3", false)).status()).isEqualTo("denied");
    }

    @Test
    void nobody_posts_or_voids_a_gated_hold_and_the_attempt_is_on_record() {
        gated(10_000);
        long size = ledger.journalSize();

        assertThat(replica.apply(new Command.PostHold(ID, 0, "eve")).reason()).isEqualTo(Reason.GATED);
        assertThat(replica.apply(new Command.VoidHold(ID, "eve")).reason()).isEqualTo(Reason.GATED);

        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("held");
        assertThat(ledger.journalSize()).isEqualTo(size + 2);
        Leaf.Refused refused = (Leaf.Refused) lastLeaves(1).get(0);
        assertThat(refused.command()).isEqualTo(2);
        assertThat(refused.subject()).isEqualTo(ID.toString());
        assertThat(refused.by()).isEqualTo("eve");
        assertThat(refused.reasonCode()).isEqualTo(Reason.GATED.number());
    }

    @Test
    void the_reason_that_stands_first_wins() {
        CaseView opened = gated(10_000);
        byte[] payload = opened.payloadDigest();
        long expires = opened.expiresAtMicros();
        long now = ledger.timeMicros();

        refused(Reason.CASE_NOT_FOUND, approve("transfer:none", sha("x"), "t1", true, 0));
        refused(Reason.PAYLOAD_DIFFERS, approve(CASE, sha("x"), "t1", true, 0));
        refused(Reason.STATEMENT_EXPIRED, approve(CASE, payload, "t1", true, now));
        refused(Reason.STATEMENT_OUTLIVES_CASE, approve(CASE, payload, "t1", true, expires + 1));
        refused(Reason.KEY_UNKNOWN, with(approve(CASE, payload, "t1", true, expires), "nobody"));
        refused(Reason.SIGNATURE_INVALID, with(approve(CASE, payload, "r1", true, expires), "t1"));
        refused(Reason.ROLE_NOT_DEMANDED, approve(CASE, payload, "r1", true, expires));
        assertThat(ledger.caseOf(CASE).orElseThrow().approvals()).isEmpty();
        assertThat(ledger.caseOf(CASE).orElseThrow().refusals()).isEqualTo(6);
    }

    @Test
    void a_signature_counts_through_its_last_microsecond() {
        CaseView opened = gated(50_000);
        long next = ledger.timeMicros() + 10 * SECOND;

        replica.now = next;
        assertThat(replica.apply(approve(CASE, opened.payloadDigest(), "t1", true, next))
                        .reason())
                .isEqualTo(Reason.OK);
        refused(Reason.STATEMENT_EXPIRED, approve(CASE, opened.payloadDigest(), "t2", true, next));
    }

    @Test
    void a_signature_may_last_as_long_as_the_case_and_not_longer() {
        CaseView opened = gated(50_000);
        long expires = opened.expiresAtMicros();

        refused(Reason.STATEMENT_OUTLIVES_CASE, approve(CASE, opened.payloadDigest(), "t1", true, expires + 1));
        assertThat(replica.apply(approve(CASE, opened.payloadDigest(), "t1", true, expires))
                        .reason())
                .isEqualTo(Reason.OK);
    }

    @Test
    void every_signed_field_is_bound_by_the_signature() {
        CaseView opened = gated(50_000);
        Command.Approve good = approve(opened, "t1", true);
        byte[] flipped = good.signature().clone();
        flipped[17] ^= 1;

        refused(
                Reason.SIGNATURE_INVALID,
                new Command.Approve(
                        CASE, good.payloadDigest(), true, "t1", good.expiresAtMicros(), good.reasonDigest(), flipped));
        refused(
                Reason.SIGNATURE_INVALID,
                new Command.Approve(
                        CASE,
                        good.payloadDigest(),
                        false,
                        "t1",
                        good.expiresAtMicros(),
                        good.reasonDigest(),
                        good.signature()));
        refused(
                Reason.SIGNATURE_INVALID,
                new Command.Approve(
                        CASE,
                        good.payloadDigest(),
                        true,
                        "t1",
                        good.expiresAtMicros() - 1,
                        good.reasonDigest(),
                        good.signature()));
        refused(
                Reason.SIGNATURE_INVALID,
                new Command.Approve(
                        CASE,
                        good.payloadDigest(),
                        true,
                        "t1",
                        good.expiresAtMicros(),
                        sha("other"),
                        good.signature()));
        assertThat(replica.apply(good).reason()).isEqualTo(Reason.OK);
    }

    @Test
    void an_approval_of_one_case_is_nothing_for_another_with_the_same_money() {
        CaseView opened = gated(10_000);
        UUID twin = new UUID(9, 10);
        replica.apply(by("eve", twin, "bank", "ada", 10_000));
        CaseView other = ledger.caseOf("transfer:" + twin).orElseThrow();
        Command.Approve good = approve(opened, "t1", true);

        refused(
                Reason.PAYLOAD_DIFFERS,
                new Command.Approve(
                        other.caseId(),
                        good.payloadDigest(),
                        true,
                        "t1",
                        good.expiresAtMicros(),
                        good.reasonDigest(),
                        good.signature()));
        refused(
                Reason.SIGNATURE_INVALID,
                new Command.Approve(
                        other.caseId(),
                        other.payloadDigest(),
                        true,
                        "t1",
                        good.expiresAtMicros(),
                        good.reasonDigest(),
                        good.signature()));
    }

    @Test
    void the_requester_can_not_approve_also_with_a_second_key() {
        replica.apply(by("t1", ID, "bank", "ada", 10_000));
        CaseView opened = ledger.caseOf(CASE).orElseThrow();

        refused(Reason.APPROVER_IS_REQUESTER, approve(opened, "t1", true));
        refused(Reason.APPROVER_IS_REQUESTER, approve(opened, "t1b", true));
        assertThat(replica.apply(approve(opened, "t2", true)).status()).isEqualTo("approved");
    }

    @Test
    void a_person_counts_once_also_with_a_second_key() {
        CaseView opened = gated(50_000);
        // The second key first: a person is not the name of a key.
        replica.apply(approve(opened, "t1b", true));

        refused(Reason.PERSON_HAS_DECIDED, approve(opened, "t1", true));
        refused(Reason.PERSON_HAS_DECIDED, approve(opened, "t1b", true));
        refused(Reason.PERSON_HAS_DECIDED, approve(opened, "t1b", false));
        assertThat(ledger.caseOf(CASE).orElseThrow().approvals()).hasSize(1);
    }

    @Test
    void a_case_lives_through_its_last_microsecond_and_its_hold_expires_with_it() {
        CaseView opened = gated(50_000);
        replica.now = opened.expiresAtMicros();
        assertThat(replica.apply(approve(opened, "t1", true)).reason()).isEqualTo(Reason.OK);

        replica.apply(new Command.Tick());

        assertThat(ledger.caseOf(CASE).orElseThrow().state()).isEqualTo("expired");
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("expired");
        assertThat(ledger.account("bank").orElseThrow().debitsHeld()).isZero();
        refused(Reason.CASE_NOT_OPEN, approve(opened, "t2", true));
    }

    @Test
    void a_case_past_its_time_that_still_waits_for_its_turn_takes_no_approval() {
        LedgerStateLimits one = new LedgerStateLimits(100, 1000, 64, 10, 10, 60, 600, 1, 4, 4, 1_000_000, 4, 8);
        try (Replica slow = new Replica(directory.resolve("slow"), "n1", one).withAccounts()) {
            slow.apply(LedgerFixture.hold(new UUID(1, 1), "bank", "ada", 1, 1));
            slow.apply(by("eve", ID, "bank", "ada", 10_000));
            CaseView opened = slow.ledger.caseOf(CASE).orElseThrow();
            slow.now = opened.expiresAtMicros() + 1;

            Command.Outcome outcome = slow.apply(approve(opened, "t1", true));

            assertThat(outcome.reason()).isEqualTo(Reason.CASE_EXPIRED);
            assertThat(slow.ledger.transfer(ID).orElseThrow().status()).isEqualTo("held");
        }
    }

    @Test
    void refusals_of_a_case_are_written_up_to_the_limit_and_counted_beyond() {
        LedgerStateLimits four = new LedgerStateLimits(100, 1000, 64, 10, 10, 60, 600, 10, 4, 2, 1_000_000_000L, 4, 8);
        try (Replica small = new Replica(directory.resolve("small"), "n1", four).withAccounts()) {
            small.apply(by("eve", ID, "bank", "ada", 10_000));
            CaseView opened = small.ledger.caseOf(CASE).orElseThrow();
            long size = small.ledger.journalSize();
            for (int i = 0; i < 7; i++) {
                assertThat(small.apply(approve(opened, "r1", true)).reason()).isEqualTo(Reason.ROLE_NOT_DEMANDED);
            }
            assertThat(small.ledger.journalSize())
                    .as("four of their own, and the count of the others at 1 and 2")
                    .isEqualTo(size + 4 + 2);
            assertThat(small.ledger.caseOf(CASE).orElseThrow().refusals()).isEqualTo(7);

            for (int i = 0; i < 7; i++) {
                small.apply(approve("transfer:none", sha("x"), "t1", true, 0));
            }
            assertThat(small.ledger.journalSize())
                    .as("two of their own, and the count of the others at 1, 2 and 4")
                    .isEqualTo(size + 6 + 2 + 3);
            small.later(60 * SECOND, approve("transfer:none", sha("x"), "t1", true, 0));
            assertThat(small.ledger.journalSize()).as("a new minute").isEqualTo(size + 12);
        }
    }

    @Test
    void refusals_that_claim_one_key_are_written_up_to_the_bound_of_an_hour_and_counted_beyond() {
        long size = ledger.journalSize();
        for (int i = 0; i < RefusalBook.LEAVES_PER_KEY + 5; i++) {
            replica.apply(approve("transfer:none" + i, sha("x"), "t1", true, 0));
        }

        assertThat(ledger.journalSize())
                .as("the count of the others at 1, 2 and 4")
                .isEqualTo(size + RefusalBook.LEAVES_PER_KEY + 3);
        Leaf.RefusalsCounted counted = (Leaf.RefusalsCounted) lastLeaves(1).get(0);
        assertThat(counted.scope()).isEqualTo("key:t1");
        assertThat(counted.count()).isEqualTo(4);
        replica.apply(approve("transfer:none", sha("x"), "t2", true, 0));
        assertThat(lastLeaves(1).get(0)).as("another key").isInstanceOf(Leaf.ApprovalRefused.class);
        replica.later(3600 * SECOND, approve("transfer:none", sha("x"), "t1", true, 0));
        assertThat(lastLeaves(1).get(0)).as("another hour").isInstanceOf(Leaf.ApprovalRefused.class);
    }

    @Test
    void a_recovery_case_is_opened_once_and_approved_without_any_money() {
        assertThat(replica.apply(recovery("a", "healer")).status()).isEqualTo("open");
        CaseView opened = ledger.caseOf("recovery:a").orElseThrow();
        assertThat(opened.kind()).isEqualTo("recovery");
        assertThat(opened.transfer()).isNull();

        assertThat(replica.apply(recovery("a", "healer")).reason()).isEqualTo(Reason.DUPLICATE);
        assertThat(replica.apply(recovery("a", "other")).reason()).isEqualTo(Reason.CASE_EXISTS);
        assertThat(replica.apply(new Command.OpenRecoveryCase("recovery:b", sha("b"), "mid", "healer"))
                        .reason())
                .as("a transfer tier is no recovery tier")
                .isEqualTo(Reason.TIER_NOT_FOUND);
        assertThat(replica.apply(approve(opened, "o1", true)).status()).isEqualTo("approved");
        assertThat(((Leaf.CaseDecided) lastLeaves(1).get(0)).caseId()).isEqualTo("recovery:a");
    }

    @Test
    void cases_are_listed_newest_first_by_state() {
        replica.apply(recovery("a", "healer"));
        replica.apply(recovery("b", "healer"));
        gated(10_000);
        replica.apply(approve(ledger.caseOf("recovery:b").orElseThrow(), "o1", false));

        assertThat(ledger.cases(CaseFilter.ALL, 10))
                .extracting(CaseView::caseId)
                .containsExactly(CASE, "recovery:b", "recovery:a");
        assertThat(ledger.cases(CaseFilter.OPEN, 10))
                .extracting(CaseView::caseId)
                .containsExactly(CASE, "recovery:a");
        assertThat(ledger.cases(CaseFilter.DECIDED, 10))
                .extracting(CaseView::state)
                .containsExactly("denied");
        assertThat(ledger.cases(CaseFilter.ALL, 1)).hasSize(1);
    }

    private CaseView gated(long amount) {
        replica.apply(by("eve", ID, "bank", "ada", amount));
        return ledger.caseOf(CASE).orElseThrow();
    }

    private void refused(Reason reason, Command.Approve approval) {
        long size = ledger.journalSize();

        assertThat(replica.apply(approval).reason()).isEqualTo(reason);

        Leaf.ApprovalRefused leaf = lastLeaves((int) (ledger.journalSize() - size)).stream()
                .filter(Leaf.ApprovalRefused.class::isInstance)
                .map(Leaf.ApprovalRefused.class::cast)
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(leaf.what()).isEqualTo(1);
        assertThat(leaf.reasonCode()).isEqualTo(reason.number());
        assertThat(leaf.caseId()).isEqualTo(approval.caseId());
        assertThat(leaf.keyId()).isEqualTo(approval.keyId());
        assertThat(leaf.signatureDigest().toArray()).isEqualTo(MerkleTree.sha256(approval.signature()));
    }

    private List<Leaf> lastLeaves(int count) {
        return ledger.readJournal(ledger.journalSize() - count, count, 1 << 20).stream()
                .map(LeafDecoder::decode)
                .toList();
    }

    private static Command.Approve with(Command.Approve approval, String keyId) {
        return new Command.Approve(
                approval.caseId(),
                approval.payloadDigest(),
                approval.approve(),
                keyId,
                approval.expiresAtMicros(),
                approval.reasonDigest(),
                approval.signature());
    }
}
