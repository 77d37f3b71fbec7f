package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.by;
import static io.homeostat.ledger.state.LedgerFixture.hold;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.state.LedgerFixture.Replica;
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
class TransferTest {
    private static final UUID ID = new UUID(7, 7);

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
    void a_transfer_debits_one_account_and_credits_the_other() {
        Command.Outcome outcome = replica.apply(transfer(ID, "bank", "ada", 500));

        assertThat(outcome).isEqualTo(new Command.Outcome(Reason.OK, ledger.journalSize() - 1, "posted", null));
        assertThat(ledger.account("ada").orElseThrow().balance()).isEqualTo(500);
        assertThat(ledger.account("bank").orElseThrow().balance()).isEqualTo(-500);
        assertThat(ledger.sums().sums()).containsEntry("EUR", 0L).containsEntry("USD", 0L);
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("posted");
    }

    @Test
    void the_same_request_again_is_a_duplicate_and_moves_nothing() {
        replica.apply(transfer(ID, "bank", "ada", 500));
        long size = ledger.journalSize();

        Command.Outcome again = replica.apply(transfer(ID, "bank", "ada", 500));

        assertThat(again.reason()).isEqualTo(Reason.DUPLICATE);
        assertThat(again.status()).isEqualTo("posted");
        assertThat(ledger.journalSize()).isEqualTo(size);
        assertThat(ledger.account("ada").orElseThrow().creditsPosted()).isEqualTo(500);
    }

    @Test
    void a_rejected_request_stays_rejected_also_when_it_would_pass_now() {
        Command.Outcome first = replica.apply(transfer(ID, "ada", "bob", 500));
        replica.fund("ada", 500);

        Command.Outcome again = replica.apply(transfer(ID, "ada", "bob", 500));

        assertThat(first.reason()).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(again.reason()).isEqualTo(Reason.DUPLICATE);
        assertThat(again.status()).isEqualTo("rejected");
        assertThat(ledger.transfer(ID).orElseThrow().reason()).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(ledger.account("bob").orElseThrow().balance()).isZero();
    }

    @Test
    void the_same_id_with_any_other_content_is_a_conflict() {
        replica.apply(hold(ID, "bank", "ada", 500, 60));

        List<Command> others = List.of(
                hold(ID, "bank", "ada", 501, 60),
                hold(ID, "bank", "bob", 500, 60),
                hold(ID, "ada", "bank", 500, 60),
                hold(ID, "bank", "ada", 500, 61),
                transfer(ID, "bank", "ada", 500),
                new Command.CreateTransfer(ID, "bank", "ada", "USD", 500, true, 60, "shop"),
                new Command.CreateTransfer(ID, "bank", "ada", "EUR", 500, true, 60, "other"));

        for (Command other : others) {
            assertThat(replica.apply(other).reason()).as("%s", other).isEqualTo(Reason.ID_CONFLICT);
        }
        assertThat(replica.apply(hold(ID, "bank", "ada", 500, 60)).reason()).isEqualTo(Reason.DUPLICATE);
    }

    @Test
    void a_duplicate_within_one_batch_is_seen() {
        List<Command.Outcome> outcomes =
                replica.applyAll(transfer(ID, "bank", "ada", 5), transfer(ID, "bank", "ada", 5));

        assertThat(outcomes).extracting(Command.Outcome::reason).containsExactly(Reason.OK, Reason.DUPLICATE);
    }

    @Test
    void the_reason_that_stands_first_wins() {
        assertThat(reason(transfer(new UUID(1, 1), "no", "no", 0))).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(reason(transfer(new UUID(1, 2), "no", "no", 1))).isEqualTo(Reason.ACCOUNTS_MUST_DIFFER);
        assertThat(reason(transfer(new UUID(1, 3), "no", "nix", 1))).isEqualTo(Reason.DEBIT_ACCOUNT_NOT_FOUND);
        assertThat(reason(transfer(new UUID(1, 4), "ada", "nix", 1))).isEqualTo(Reason.CREDIT_ACCOUNT_NOT_FOUND);
        assertThat(reason(transfer(new UUID(1, 5), "ada", "usd", 1))).isEqualTo(Reason.ASSET_MISMATCH);
        assertThat(reason(transfer(new UUID(1, 6), "usd", "ada", 1))).isEqualTo(Reason.ASSET_MISMATCH);
        assertThat(reason(hold(new UUID(1, 7), "ada", "bob", 1, -1))).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(reason(hold(new UUID(1, 8), "bank", "bob", 1, -1))).isEqualTo(Reason.TIMEOUT_OUT_OF_RANGE);
        assertThat(ledger.sums().sums().values()).containsOnly(0L);
    }

    @Test
    void an_amount_of_one_is_allowed_and_of_zero_or_less_is_not() {
        assertThat(reason(transfer(new UUID(1, 1), "bank", "ada", 1))).isEqualTo(Reason.OK);
        assertThat(reason(transfer(new UUID(1, 2), "bank", "ada", 0))).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(reason(transfer(new UUID(1, 3), "bank", "ada", -1))).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(reason(transfer(new UUID(1, 4), "bank", "ada", Long.MIN_VALUE)))
                .isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
    }

    @Test
    void a_flagged_account_gives_its_last_unit_and_not_one_more() {
        replica.fund("ada", 100);

        assertThat(reason(transfer(new UUID(1, 1), "ada", "bob", 101))).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(reason(transfer(new UUID(1, 2), "ada", "bob", 100))).isEqualTo(Reason.OK);
        assertThat(reason(transfer(new UUID(1, 3), "ada", "bob", 1))).isEqualTo(Reason.INSUFFICIENT_FUNDS);
    }

    @Test
    void held_debits_are_spent_and_held_credits_are_not_there_yet() {
        replica.fund("ada", 100);
        replica.apply(hold(new UUID(1, 1), "ada", "bob", 60, 60));

        assertThat(reason(transfer(new UUID(1, 2), "ada", "bank", 41))).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(reason(transfer(new UUID(1, 3), "bob", "bank", 1))).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(reason(transfer(new UUID(1, 4), "ada", "bank", 40))).isEqualTo(Reason.OK);
    }

    @Test
    void sums_of_an_account_fill_63_bits_and_not_one_more() {
        replica.apply(account("x", "GBP", false));
        replica.apply(account("y", "GBP", false));

        assertThat(reason(gbp(1, Long.MAX_VALUE - 1, true))).isEqualTo(Reason.OK);
        assertThat(reason(gbp(2, 2, false))).isEqualTo(Reason.AMOUNT_OVERFLOWS);
        assertThat(reason(gbp(3, 1, false))).isEqualTo(Reason.OK);
        assertThat(reason(gbp(4, 1, false))).isEqualTo(Reason.AMOUNT_OVERFLOWS);
        assertThat(replica.apply(new Command.PostHold(new UUID(2, 1), 0, "shop"))
                        .reason())
                .isEqualTo(Reason.OK);
        assertThat(ledger.account("x").orElseThrow().debitsPosted()).isEqualTo(Long.MAX_VALUE);
        assertThat(ledger.sums().sums()).containsEntry("GBP", 0L);
    }

    @Test
    void a_timeout_is_for_holds_and_within_its_range() {
        int most = (int) LedgerStateLimits.defaults().maxHoldSeconds();

        assertThat(reason(hold(new UUID(1, 1), "bank", "ada", 1, most))).isEqualTo(Reason.OK);
        assertThat(reason(hold(new UUID(1, 2), "bank", "ada", 1, most + 1))).isEqualTo(Reason.TIMEOUT_OUT_OF_RANGE);
        assertThat(reason(new Command.CreateTransfer(new UUID(1, 3), "bank", "ada", "EUR", 1, false, 1, "shop")))
                .isEqualTo(Reason.TIMEOUT_OUT_OF_RANGE);
    }

    @Test
    void a_hold_reserves_and_posting_a_part_frees_the_rest() {
        replica.fund("ada", 100);
        replica.apply(hold(ID, "ada", "bob", 100, 60));
        assertThat(ledger.account("ada").orElseThrow().debitsHeld()).isEqualTo(100);
        assertThat(ledger.openHoldsOldestMicros()).hasValue(ledger.timeMicros());

        assertThat(post(ID, -1).reason()).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(post(ID, 101).reason()).isEqualTo(Reason.POST_EXCEEDS_HOLD);
        assertThat(post(ID, 30).status()).isEqualTo("posted");

        assertThat(ledger.account("ada").orElseThrow().debitsHeld()).isZero();
        assertThat(ledger.account("bob").orElseThrow().balance()).isEqualTo(30);
        assertThat(ledger.transfer(ID).orElseThrow().amount()).isEqualTo(30);
        assertThat(ledger.openHoldsOldestMicros()).isEmpty();
    }

    @Test
    void what_is_closed_stays_closed_and_says_how() {
        replica.apply(hold(new UUID(1, 1), "bank", "ada", 10, 60));
        replica.apply(hold(new UUID(1, 2), "bank", "ada", 10, 60));
        replica.apply(hold(new UUID(1, 3), "bank", "ada", 10, 60));
        replica.apply(transfer(new UUID(1, 4), "bank", "ada", 10));
        post(new UUID(1, 1), 0);
        replica.apply(new Command.VoidHold(new UUID(1, 2), "shop"));
        replica.later(61 * SECOND, new Command.Tick());

        assertThat(post(new UUID(1, 1), 0).reason()).isEqualTo(Reason.HOLD_ALREADY_POSTED);
        assertThat(post(new UUID(1, 2), 0).reason()).isEqualTo(Reason.HOLD_ALREADY_VOIDED);
        assertThat(post(new UUID(1, 3), 0).reason()).isEqualTo(Reason.HOLD_EXPIRED);
        assertThat(post(new UUID(1, 4), 0).reason()).isEqualTo(Reason.NOT_A_HOLD);
        assertThat(post(new UUID(1, 5), 0).reason()).isEqualTo(Reason.HOLD_NOT_FOUND);
        assertThat(replica.apply(new Command.VoidHold(new UUID(1, 3), "shop")).reason())
                .isEqualTo(Reason.HOLD_EXPIRED);
        assertThat(ledger.transfer(new UUID(1, 3)).orElseThrow().status()).isEqualTo("expired");
        assertThat(ledger.account("bank").orElseThrow().debitsHeld()).isZero();
    }

    @Test
    void a_hold_lives_through_its_last_microsecond() {
        replica.now = START + 1000;
        replica.apply(hold(ID, "bank", "ada", 10, 60));
        long made = ledger.timeMicros();

        replica.now = made + 60 * SECOND;
        replica.apply(new Command.Tick());
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("held");

        replica.now = made + 60 * SECOND + 1;
        replica.apply(new Command.Tick());
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("expired");
    }

    @Test
    void expiries_of_one_batch_are_bounded_and_what_waits_can_not_be_posted() throws Exception {
        LedgerStateLimits few = new LedgerStateLimits(100, 1000, 64, 10, 10, 60, 600, 2, 4, 4, 1_000_000, 4, 8);
        try (Replica small = new Replica(directory.resolve("small"), "n1", few).withAccounts()) {
            for (int i = 0; i < 5; i++) {
                small.apply(hold(new UUID(3, i), "bank", "ada", 10, 10 - i));
            }

            Command.Outcome late = small.later(60 * SECOND, new Command.PostHold(new UUID(3, 0), 0, "shop"));

            assertThat(late.reason()).isEqualTo(Reason.HOLD_EXPIRED);
            assertThat(small.ledger.account("bank").orElseThrow().debitsHeld()).isEqualTo(30);
            assertThat(small.ledger.transfer(new UUID(3, 4)).orElseThrow().status())
                    .as("the earliest goes first")
                    .isEqualTo("expired");
            small.apply(new Command.Tick());
            small.apply(new Command.Tick());
            assertThat(small.ledger.account("bank").orElseThrow().debitsHeld()).isZero();
        }
    }

    @Test
    void tables_take_what_their_limit_says_and_a_full_one_forgets_its_refusal() {
        LedgerStateLimits few = new LedgerStateLimits(2, 2, 64, 1, 1, 60, 600, 2, 4, 4, 1_000_000, 4, 8);
        try (Replica small = new Replica(directory.resolve("small"), "n1", few).begun()) {
            assertThat(small.apply(account("a", "EUR", false)).reason()).isEqualTo(Reason.OK);
            assertThat(small.apply(account("b", "USD", false)).reason()).isEqualTo(Reason.LEDGER_FULL);
            assertThat(small.apply(account("b", "EUR", false)).reason()).isEqualTo(Reason.OK);
            assertThat(small.apply(account("c", "EUR", false)).reason()).isEqualTo(Reason.LEDGER_FULL);
            assertThat(small.apply(transfer(new UUID(1, 1), "a", "b", 1)).reason())
                    .isEqualTo(Reason.OK);
            assertThat(small.apply(transfer(new UUID(1, 2), "a", "b", 10_000)).status())
                    .isEqualTo("held");
            assertThat(small.apply(transfer(new UUID(1, 3), "a", "b", 1)).reason())
                    .isEqualTo(Reason.LEDGER_FULL);
            assertThat(small.ledger.transfer(new UUID(1, 3))).isEmpty();
        }
    }

    @Test
    void an_account_may_be_asked_for_again_but_not_changed() {
        assertThat(reason(account("ada", "EUR", true))).isEqualTo(Reason.DUPLICATE);
        assertThat(reason(account("ada", "EUR", false))).isEqualTo(Reason.ACCOUNT_EXISTS_WITH_OTHER_CONTENT);
        assertThat(reason(account("ada", "USD", true))).isEqualTo(Reason.ACCOUNT_EXISTS_WITH_OTHER_CONTENT);
        assertThat(reason(new Command.CreateAccount("new", "EUR", 3, Command.AccountClass.FEE, false)))
                .isEqualTo(Reason.ASSET_MISMATCH);
        assertThat(ledger.account("new")).isEmpty();
    }

    @Test
    void nothing_happens_before_genesis_and_genesis_happens_once() {
        try (Replica fresh = new Replica(directory.resolve("fresh"))) {
            Command.Outcome early = fresh.apply(transfer(ID, "bank", "ada", 1));

            assertThat(early).isEqualTo(new Command.Outcome(Reason.NOT_BEGUN, -1, "refused", null));
            assertThat(fresh.ledger.begun()).isFalse();
            fresh.begun();
            assertThat(fresh.ledger.begun()).isTrue();
            assertThat(fresh.ledger.transfer(ID)).as("not remembered").isEmpty();
            assertThat(fresh.apply(new Command.Begin(LedgerFixture.GENESIS.body()))
                            .reason())
                    .isEqualTo(Reason.GENESIS_EXISTS);
            assertThat(fresh.ledger.journalSize()).isEqualTo(1);
        }
    }

    @Test
    void another_genesis_than_this_nodes_file_stops_the_node() {
        io.homeostat.ledger.gate.Genesis mine = LedgerFixture.GENESIS;
        io.homeostat.ledger.gate.Genesis other =
                new io.homeostat.ledger.gate.Genesis("other", mine.nodes(), mine.keys(), mine.tiers());
        try (Replica fresh = new Replica(directory.resolve("fresh"))) {
            assertThatThrownBy(() -> fresh.apply(new Command.Begin(other.body())))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining("n1")
                    .hasMessageContaining("genesis file");
            assertThatThrownBy(() -> fresh.apply(new Command.Tick()))
                    .as("a ledger that failed half-way is not used any more")
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> fresh.ledger.sums()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void ledger_time_never_stands_still_and_never_goes_back() {
        replica.now = START + 10 * SECOND;
        replica.apply(new Command.Tick());
        replica.apply(new Command.Tick());
        assertThat(ledger.timeMicros()).isEqualTo(START + 10 * SECOND + 1);

        replica.now = START;
        replica.apply(new Command.Tick());
        assertThat(ledger.timeMicros()).isEqualTo(START + 10 * SECOND + 2);
    }

    @Test
    void a_raft_index_that_does_not_grow_stops_the_node() {
        replica.index--;

        assertThatThrownBy(() -> replica.apply(new Command.Tick())).isInstanceOf(InvariantViolation.class);
    }

    @Test
    void one_minor_unit_below_the_tier_is_posted_and_at_the_tier_is_gated() {
        assertThat(replica.apply(transfer(new UUID(1, 1), "bank", "ada", 9_999)).status())
                .isEqualTo("posted");
        Command.Outcome gated = replica.apply(by("eve", new UUID(1, 2), "bank", "ada", 10_000));

        assertThat(gated.status()).isEqualTo("held");
        assertThat(gated.subject()).isEqualTo("transfer:" + new UUID(1, 2));
        TransferView view = ledger.transfer(new UUID(1, 2)).orElseThrow();
        assertThat(view.gated()).isTrue();
        assertThat(view.caseId()).isEqualTo(gated.subject());
        assertThat(view.requester()).isEqualTo("eve");
        CaseView opened = ledger.caseOf("transfer:" + new UUID(1, 2)).orElseThrow();
        assertThat(opened.demands()).hasSize(1);
        assertThat(opened.state()).isEqualTo("open");
        assertThat(opened.expiresAtMicros()).isEqualTo(ledger.timeMicros() + 3600 * SECOND);
        assertThat(opened.transfer().amount()).isEqualTo(10_000);
    }

    private Command.Outcome post(UUID id, long amount) {
        return replica.apply(new Command.PostHold(id, amount, "shop"));
    }

    private Reason reason(Command command) {
        return replica.apply(command).reason();
    }

    private static Command gbp(int number, long amount, boolean hold) {
        return new Command.CreateTransfer(new UUID(2, number), "x", "y", "GBP", amount, hold, 0, "shop");
    }
}
