package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.hold;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.Command.Leg;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LegsTest {
    private static final UUID ID = new UUID(7, 7);
    private static final UUID OTHER = new UUID(7, 8);

    @TempDir
    Path directory;

    private Replica replica;
    private Ledger ledger;

    @BeforeEach
    void open() {
        replica = new Replica(directory).withAccounts();
        replica.apply(new Command.CreateAccount("owed", "EUR", 2, Command.AccountClass.EXTERNAL, false, true));
        ledger = replica.ledger;
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void all_legs_are_posted_together_in_one_leaf() {
        long size = ledger.journalSize();

        Command.Outcome outcome =
                legs(ID, new Leg("bank", "EUR", -500), new Leg("ada", "EUR", 300), new Leg("bob", "EUR", 200));

        assertThat(outcome).isEqualTo(new Command.Outcome(Reason.OK, size, "posted", null));
        assertThat(ledger.journalSize()).isEqualTo(size + 1);
        assertThat(balance("bank")).isEqualTo(-500);
        assertThat(balance("ada")).isEqualTo(300);
        assertThat(balance("bob")).isEqualTo(200);
        assertThat(ledger.transfer(ID).orElseThrow().legs())
                .containsExactly(
                        new TransferView.Leg("bank", "EUR", -500),
                        new TransferView.Leg("ada", "EUR", 300),
                        new TransferView.Leg("bob", "EUR", 200));
        assertThat(ledger.sums().sums().values()).containsOnly(0L);
    }

    @Test
    void nothing_is_posted_when_one_leg_is_refused() {
        assertThat(legs(ID, new Leg("bank", "EUR", -5), new Leg("nobody", "EUR", 5))
                        .reason())
                .isEqualTo(Reason.ACCOUNT_NOT_FOUND);
        assertThat(balance("bank")).isZero();
        assertThat(ledger.transfer(ID).orElseThrow().status()).isEqualTo("rejected");
        assertThat(legs(ID, new Leg("bank", "EUR", -5), new Leg("nobody", "EUR", 5))
                        .reason())
                .isEqualTo(Reason.DUPLICATE);
        assertThat(legs(ID, new Leg("bank", "EUR", -6), new Leg("nobody", "EUR", 6))
                        .reason())
                .isEqualTo(Reason.ID_CONFLICT);
    }

    @Test
    void every_asset_is_balanced_by_itself() {
        replica.apply(account("dollars", "USD", false));

        assertThat(legs(ID, new Leg("bank", "EUR", -5), new Leg("usd", "USD", 5))
                        .reason())
                .isEqualTo(Reason.LEGS_UNBALANCED);
        assertThat(legs(
                                OTHER,
                                new Leg("bank", "EUR", -5),
                                new Leg("ada", "EUR", 5),
                                new Leg("usd", "USD", -7),
                                new Leg("dollars", "USD", 7))
                        .reason())
                .isEqualTo(Reason.OK);
        assertThat(legs(new UUID(7, 9), new Leg("bank", "USD", -5), new Leg("usd", "USD", 5))
                        .reason())
                .isEqualTo(Reason.ASSET_MISMATCH);
    }

    @Test
    void an_account_is_limited_by_the_combined_effect_of_its_legs() {
        replica.fund("ada", 100);

        assertThat(legs(ID, new Leg("ada", "EUR", -60), new Leg("ada", "EUR", -41), new Leg("bob", "EUR", 101))
                        .reason())
                .isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(legs(
                                OTHER,
                                new Leg("ada", "EUR", -60),
                                new Leg("ada", "EUR", -41),
                                new Leg("ada", "EUR", 1),
                                new Leg("bob", "EUR", 100))
                        .reason())
                .isEqualTo(Reason.OK);
        assertThat(balance("ada")).isZero();
    }

    @Test
    void credits_stop_at_the_debits_where_the_account_says_so() {
        assertThat(replica.apply(transfer(ID, "bank", "owed", 1)).reason()).isEqualTo(Reason.CREDITS_EXCEED_DEBITS);
        replica.apply(transfer(OTHER, "owed", "ada", 50));
        replica.apply(hold(new UUID(8, 1), "bank", "owed", 20, 60));

        assertThat(replica.apply(transfer(new UUID(8, 2), "bank", "owed", 31)).reason())
                .isEqualTo(Reason.CREDITS_EXCEED_DEBITS);
        assertThat(legs(new UUID(8, 3), new Leg("bank", "EUR", -31), new Leg("owed", "EUR", 31))
                        .reason())
                .isEqualTo(Reason.CREDITS_EXCEED_DEBITS);
        assertThat(legs(new UUID(8, 4), new Leg("bank", "EUR", -30), new Leg("owed", "EUR", 30))
                        .reason())
                .isEqualTo(Reason.OK);
        assertThat(ledger.account("owed").orElseThrow().creditsMustNotExceedDebits())
                .isTrue();
    }

    @Test
    void legs_do_not_go_round_the_gate_in_small_parts() {
        assertThat(legs(
                                ID,
                                new Leg("bank", "EUR", -6_000),
                                new Leg("bank", "EUR", -4_000),
                                new Leg("ada", "EUR", 10_000))
                        .reason())
                .isEqualTo(Reason.LEGS_REACH_TIER);
        assertThat(legs(
                                OTHER,
                                new Leg("bank", "EUR", -6_000),
                                new Leg("bank", "EUR", -3_999),
                                new Leg("ada", "EUR", 9_999))
                        .reason())
                .isEqualTo(Reason.OK);
    }

    @Test
    void amounts_that_do_not_fit_are_refused_before_limits() {
        assertThat(legs(
                                ID,
                                new Leg("ada", "EUR", -Long.MAX_VALUE),
                                new Leg("ada", "EUR", -1),
                                new Leg("bob", "EUR", Long.MAX_VALUE),
                                new Leg("bob", "EUR", 1))
                        .reason())
                .isEqualTo(Reason.AMOUNT_OVERFLOWS);
        assertThat(legs(OTHER, new Leg("ada", "EUR", -Long.MAX_VALUE), new Leg("bob", "EUR", Long.MAX_VALUE))
                        .reason())
                .isEqualTo(Reason.INSUFFICIENT_FUNDS);
    }

    @Test
    void sixty_four_legs_fit() {
        List<Leg> legs = new ArrayList<>();
        legs.add(new Leg("bank", "EUR", -63));
        for (int i = 1; i < Command.CreateLegs.MAX_LEGS; i++) {
            legs.add(new Leg(i % 2 == 0 ? "ada" : "bob", "EUR", 1));
        }

        assertThat(legs(ID, legs.toArray(Leg[]::new)).reason()).isEqualTo(Reason.OK);
        assertThat(balance("ada") + balance("bob")).isEqualTo(63);
    }

    @Test
    void the_effective_day_lies_at_most_a_year_from_the_booking() {
        int today = (int) LegsDecider.day(replica.now);

        assertThat(dated(ID, today - 367)).isEqualTo(Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
        assertThat(dated(new UUID(8, 1), today - 366)).isEqualTo(Reason.OK);
        assertThat(dated(new UUID(8, 2), today + 366)).isEqualTo(Reason.OK);
        assertThat(dated(new UUID(8, 3), today + 367)).isEqualTo(Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
        TransferView view = ledger.transfer(new UUID(8, 1)).orElseThrow();
        assertThat(view.bookingDate()).isEqualTo(LocalDate.ofEpochDay(today));
        assertThat(view.effectiveDate()).isEqualTo(LocalDate.ofEpochDay(today - 366));
        assertThat(ledger.transfer(ID).orElseThrow().bookingDate()).isNull();
    }

    @Test
    void a_reversal_posts_the_opposite_once_and_each_shows_the_other() {
        replica.apply(transfer(ID, "bank", "ada", 500));

        Command.Outcome outcome = reverse(OTHER, ID);

        assertThat(outcome.status()).isEqualTo("posted");
        assertThat(balance("ada")).isZero();
        assertThat(balance("bank")).isZero();
        assertThat(ledger.transfer(ID).orElseThrow().reversedBy()).isEqualTo(OTHER);
        assertThat(ledger.transfer(OTHER).orElseThrow().reverses()).isEqualTo(ID);
        assertThat(ledger.transfer(OTHER).orElseThrow().reversalReason()).isEqualTo(Command.ReversalReason.MISTAKE);
        assertThat(reverse(OTHER, ID).reason()).isEqualTo(Reason.DUPLICATE);
        assertThat(reverse(new UUID(8, 1), ID).reason()).isEqualTo(Reason.ALREADY_REVERSED);
        assertThat(reverse(new UUID(8, 2), OTHER).reason()).isEqualTo(Reason.NOT_REVERSIBLE);
        assertThat(reverse(new UUID(8, 3), new UUID(9, 9)).reason()).isEqualTo(Reason.TRANSFER_NOT_FOUND);
    }

    @Test
    void a_reversal_of_legs_turns_each_of_them() {
        legs(ID, new Leg("bank", "EUR", -500), new Leg("ada", "EUR", 300), new Leg("bob", "EUR", 200));

        assertThat(reverse(OTHER, ID).reason()).isEqualTo(Reason.OK);

        assertThat(List.of(balance("bank"), balance("ada"), balance("bob"))).containsOnly(0L);
        assertThat(ledger.transfer(OTHER).orElseThrow().legs())
                .containsExactly(
                        new TransferView.Leg("bank", "EUR", 500),
                        new TransferView.Leg("ada", "EUR", -300),
                        new TransferView.Leg("bob", "EUR", -200));
    }

    @Test
    void what_the_account_has_spent_is_not_reversed() {
        replica.apply(transfer(ID, "bank", "ada", 500));
        replica.apply(transfer(new UUID(8, 1), "ada", "bank", 1));

        assertThat(reverse(OTHER, ID).reason()).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        replica.apply(transfer(new UUID(8, 2), "bank", "ada", 1));
        assertThat(reverse(new UUID(8, 3), ID).reason()).isEqualTo(Reason.OK);
    }

    @Test
    void what_was_posted_of_a_hold_is_reversed_and_an_open_hold_is_not() {
        replica.apply(hold(ID, "bank", "ada", 500, 60));
        assertThat(reverse(OTHER, ID).reason()).isEqualTo(Reason.NOT_REVERSIBLE);
        replica.apply(new Command.PostHold(ID, 200, "shop"));

        assertThat(reverse(new UUID(8, 1), ID).reason()).isEqualTo(Reason.OK);

        assertThat(balance("ada")).isZero();
        assertThat(ledger.transfer(new UUID(8, 1)).orElseThrow().amount()).isEqualTo(200);
    }

    @Test
    void a_reversal_that_needs_approvals_waits_for_them_and_frees_the_transfer_when_denied() {
        replica.apply(transfer(ID, "bank", "ada", 10_000));
        replica.apply(approve(ledger.caseOf("transfer:" + ID).orElseThrow(), "t1", true));

        Command.Outcome first = reverse(OTHER, ID);

        assertThat(first.status()).isEqualTo("held");
        assertThat(first.subject()).isEqualTo("transfer:" + OTHER);
        assertThat(ledger.transfer(ID).orElseThrow().reversedBy()).isEqualTo(OTHER);
        assertThat(reverse(new UUID(8, 1), ID).reason()).isEqualTo(Reason.ALREADY_REVERSED);
        replica.apply(approve(ledger.caseOf("transfer:" + OTHER).orElseThrow(), "t1", false));
        assertThat(ledger.transfer(ID).orElseThrow().reversedBy()).isNull();
        assertThat(reverse(new UUID(8, 2), ID).status()).isEqualTo("held");
        replica.apply(approve(ledger.caseOf("transfer:" + new UUID(8, 2)).orElseThrow(), "t1", true));
        assertThat(ledger.transfer(ID).orElseThrow().reversedBy()).isEqualTo(new UUID(8, 2));
        assertThat(balance("ada")).isZero();
    }

    private Command.Outcome legs(UUID id, Leg... legs) {
        return replica.apply(new Command.CreateLegs(id, List.of(legs), Command.NO_DAY, "shop"));
    }

    private Reason dated(UUID id, int day) {
        return replica.apply(new Command.CreateDatedTransfer(transfer(id, "bank", "ada", 5), day))
                .reason();
    }

    private Command.Outcome reverse(UUID id, UUID target) {
        return replica.apply(
                new Command.ReverseTransfer(id, target, Command.ReversalReason.MISTAKE, Command.NO_DAY, "shop"));
    }

    private long balance(String account) {
        return ledger.account(account).orElseThrow().balance();
    }
}
