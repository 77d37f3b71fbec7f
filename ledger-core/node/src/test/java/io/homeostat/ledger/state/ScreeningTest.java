package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.keys;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static io.homeostat.ledger.state.LedgerFixture.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A screened transfer waits for the detector's signed verdict, and for people when it is odd or late. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ScreeningTest {
    private static final UUID ID = new UUID(7, 7);
    private static final String CASE = "transfer:" + ID;

    @TempDir
    Path directory;

    private Replica replica;
    private Ledger ledger;

    @BeforeEach
    void open() {
        replica = new Replica(directory.resolve("a")).withAccounts();
        ledger = replica.ledger;
        replica.apply(LedgerFixture.account("gb-bank", "SEK", false));
        replica.apply(LedgerFixture.account("gb-shop", "SEK", true));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void below_the_limit_nothing_waits_and_at_it_the_funds_are_reserved() {
        assertThat(replica.apply(pay(new UUID(1, 1), 999)).status()).isEqualTo("posted");
        assertThat(replica.apply(pay(ID, 1_000)).status()).isEqualTo("held");

        assertThat(ledger.account("gb-bank").orElseThrow().debitsHeld()).isEqualTo(1_000);
        assertThat(ledger.caseOf(CASE)).isEmpty();
        assertThat(ledger.screenings(10)).singleElement().satisfies(s -> {
            assertThat(s.transfer().amount()).isEqualTo(1_000);
            assertThat(s.dueMicros()).isEqualTo(ledger.timeMicros() + 2_000_000);
        });
    }

    @Test
    void a_clear_verdict_posts_the_transfer() {
        ScreeningView waiting = screened();

        assertThat(replica.apply(verdict(waiting, "d1", true)).status()).isEqualTo("posted");

        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("posted");
        assertThat(ledger.screenings(10)).isEmpty();
        assertThat(replica.apply(verdict(waiting, "d1", true)).reason()).isEqualTo(Reason.SCREENING_NOT_OPEN);
    }

    @Test
    void an_odd_verdict_brings_it_to_people() {
        ScreeningView waiting = screened();

        assertThat(replica.apply(verdict(waiting, "d1", false)).status()).isEqualTo("held");

        CaseView opened = ledger.caseOf(CASE).orElseThrow();
        assertThat(opened.payloadDigest()).isEqualTo(waiting.payloadDigest());
        assertThat(replica.apply(approve(opened, "t1", true)).status()).isEqualTo("approved");
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("posted");
    }

    @Test
    void silence_brings_it_to_people_after_the_last_microsecond() {
        ScreeningView waiting = screened();
        replica.now = waiting.dueMicros();
        replica.apply(new Command.Tick());
        assertThat(ledger.caseOf(CASE)).isEmpty();

        replica.now = waiting.dueMicros() + 1;
        assertThat(replica.apply(verdict(waiting, "d1", true)).reason()).isEqualTo(Reason.SCREENING_NOT_OPEN);

        CaseView opened = ledger.caseOf(CASE).orElseThrow();
        assertThat(opened.state()).isEqualTo("open");
        replica.now = opened.expiresAtMicros() + 1;
        replica.apply(new Command.Tick());
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("expired");
        assertThat(ledger.account("gb-bank").orElseThrow().debitsHeld()).isZero();
    }

    @Test
    void a_verdict_that_does_not_count_changes_nothing() {
        ScreeningView waiting = screened();
        byte[] payload = waiting.payloadDigest();
        long due = waiting.dueMicros();

        refused(Reason.SCREENING_NOT_OPEN, verdict(new UUID(1, 2), payload, "d1", true, due));
        refused(Reason.PAYLOAD_DIFFERS, verdict(ID, sha("another"), "d1", true, due));
        refused(Reason.STATEMENT_EXPIRED, verdict(ID, payload, "d1", true, replica.now));
        refused(Reason.STATEMENT_OUTLIVES_CASE, verdict(ID, payload, "d1", true, due + 1));
        refused(Reason.KEY_UNKNOWN, verdict(ID, payload, "d2", true, due));
        refused(Reason.NOT_A_DETECTOR, verdict(ID, payload, "t1", true, due));
        Command.ScreeningVerdict odd = verdict(ID, payload, "d1", false, due);
        refused(
                Reason.SIGNATURE_INVALID,
                new Command.ScreeningVerdict(ID, payload, true, "d1", due, odd.evidenceDigest(), odd.signature()));
        assertThat(replica.apply(new Command.PostHold(ID, 0, "shop")).reason()).isEqualTo(Reason.GATED);
        assertThat(replica.apply(new Command.VoidHold(ID, "shop")).reason()).isEqualTo(Reason.GATED);
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("held");
    }

    @Test
    void a_detector_approves_nothing_and_its_revoked_key_gives_no_verdict() {
        CaseView lost = propose(keys("lost", new KeyChange.Revoke("d1")));
        assertThat(replica.apply(approve(lost, "d1", false)).reason()).isEqualTo(Reason.APPROVER_IS_SUBJECT);
        replica.apply(LedgerFixture.transfer(new UUID(3, 3), "bank", "ada", 10_000));
        CaseView money = ledger.caseOf("transfer:" + new UUID(3, 3)).orElseThrow();
        assertThat(replica.apply(approve(money, "d1", true)).reason()).isEqualTo(Reason.ROLE_NOT_DEMANDED);
        replica.apply(approve(lost, "t1", true));
        replica.apply(approve(lost, "t2", true));

        refused(Reason.KEY_NOT_ACTIVE, verdict(screened(), "d1", true));
    }

    @Test
    void a_replica_that_begins_from_a_snapshot_waits_for_the_same_verdicts() throws Exception {
        ScreeningView waiting = screened();
        ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
        ledger.writeSnapshot(snapshot);

        try (Replica other = new Replica(directory.resolve("b"))) {
            other.ledger.restore(new ByteArrayInputStream(snapshot.toByteArray()));
            other.ledger.backfill(ledger.readJournal(0, 10_000, 1 << 24));
            other.index = replica.index;
            other.now = waiting.dueMicros() + 1;
            replica.now = other.now;
            other.apply(new Command.Tick());
            replica.apply(new Command.Tick());

            assertThat(other.ledger.caseOf(CASE).orElseThrow().state()).isEqualTo("open");
            assertThat(other.ledger.root()).isEqualTo(ledger.root());
        }
    }

    private CaseView propose(Command.ProposeChange change) {
        assertThat(replica.apply(change).reason()).isEqualTo(Reason.OK);
        return ledger.caseOf(change.caseId()).orElseThrow();
    }

    private ScreeningView screened() {
        replica.apply(pay(ID, 1_000));
        return ledger.screenings(1).get(0);
    }

    private void refused(Reason reason, Command.ScreeningVerdict verdict) {
        assertThat(replica.apply(verdict).reason()).isEqualTo(reason);
    }

    private static Command.CreateTransfer pay(UUID id, long amount) {
        return new Command.CreateTransfer(id, "gb-bank", "gb-shop", "SEK", amount, false, 0, "shop");
    }
}
