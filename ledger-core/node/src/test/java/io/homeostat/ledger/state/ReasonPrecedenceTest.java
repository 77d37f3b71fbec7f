package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.hold;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.Command.Leg;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that is wrong in two ways is refused with the reason that stands first; one that is just right passes. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReasonPrecedenceTest {
    private static final int MAX_HOLD = (int) LedgerStateLimits.defaults().maxHoldSeconds();
    private static final List<Reason> OF_TRANSFERS = List.of(
            Reason.AMOUNT_MUST_BE_POSITIVE,
            Reason.ACCOUNTS_MUST_DIFFER,
            Reason.DEBIT_ACCOUNT_NOT_FOUND,
            Reason.CREDIT_ACCOUNT_NOT_FOUND,
            Reason.ASSET_MISMATCH,
            Reason.AMOUNT_OVERFLOWS,
            Reason.INSUFFICIENT_FUNDS,
            Reason.CREDITS_EXCEED_DEBITS,
            Reason.TIMEOUT_OUT_OF_RANGE,
            Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
    private static final List<Reason> OF_LEGS = List.of(
            Reason.AMOUNT_MUST_BE_POSITIVE,
            Reason.ACCOUNT_NOT_FOUND,
            Reason.ASSET_MISMATCH,
            Reason.LEGS_UNBALANCED,
            Reason.AMOUNT_OVERFLOWS,
            Reason.INSUFFICIENT_FUNDS,
            Reason.CREDITS_EXCEED_DEBITS,
            Reason.EFFECTIVE_DATE_OUT_OF_RANGE,
            Reason.LEGS_REACH_TIER);
    /** Two of these can not be in one transfer: they are about the same field. */
    private static final List<Set<Reason>> EXCLUSIVE = List.of(
            EnumSet.of(Reason.AMOUNT_MUST_BE_POSITIVE, Reason.AMOUNT_OVERFLOWS, Reason.INSUFFICIENT_FUNDS),
            EnumSet.of(Reason.CREDIT_ACCOUNT_NOT_FOUND, Reason.CREDITS_EXCEED_DEBITS));

    @TempDir
    Path directory;

    private Replica replica;
    private long ids;

    @BeforeEach
    void open() {
        replica = new Replica(directory).withAccounts();
        replica.apply(new Command.CreateAccount("owed", "EUR", 2, Command.AccountClass.EXTERNAL, false, true));
        replica.apply(account("dollars", "USD", true));
        replica.fund("ada", 100);
        replica.apply(transfer(new UUID(1, 1), "ada", "bob", 1));
        replica.apply(transfer(new UUID(1, 2), "owed", "bank", 7));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void a_transfer_that_is_just_right_passes_and_each_fault_alone_is_named() {
        assertThat(replica.apply(faulty(Set.of())).reason()).isEqualTo(Reason.OK);
        for (Reason reason : OF_TRANSFERS) {
            assertThat(replica.apply(faulty(Set.of(reason))).reason()).isEqualTo(reason);
        }
        // The other side of each border.
        assertThat(replica.apply(transfer(next(), "bank", "ada", 1)).reason()).isEqualTo(Reason.OK);
        long funds = replica.ledger.account("ada").orElseThrow().balance();
        assertThat(replica.apply(transfer(next(), "ada", "bob", funds + 1)).reason())
                .isEqualTo(Reason.INSUFFICIENT_FUNDS);
        assertThat(replica.apply(transfer(next(), "ada", "bob", funds)).reason())
                .isEqualTo(Reason.OK);
        assertThat(replica.apply(transfer(next(), "bank", "owed", 8)).reason()).isEqualTo(Reason.CREDITS_EXCEED_DEBITS);
        assertThat(replica.apply(transfer(next(), "bank", "owed", 7)).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(hold(next(), "bank", "ada", 1, MAX_HOLD + 1)).reason())
                .isEqualTo(Reason.TIMEOUT_OUT_OF_RANGE);
        assertThat(replica.apply(hold(next(), "bank", "ada", 1, MAX_HOLD)).reason())
                .isEqualTo(Reason.OK);
        assertThat(replica.apply(dollars(Long.MAX_VALUE)).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(dollars(1)).reason()).isEqualTo(Reason.AMOUNT_OVERFLOWS);
    }

    @Test
    void of_two_faults_of_a_transfer_the_first_is_named() {
        for (Reason first : OF_TRANSFERS) {
            for (Reason second : OF_TRANSFERS) {
                boolean together = first.compareTo(second) < 0
                        && EXCLUSIVE.stream().noneMatch(set -> set.contains(first) && set.contains(second));
                if (together) {
                    assertThat(replica.apply(faulty(EnumSet.of(first, second))).reason())
                            .as("%s and %s", first, second)
                            .isEqualTo(first);
                }
            }
        }
        assertThat(replica.apply(transfer(next(), "ada", "bob", Long.MAX_VALUE)).reason())
                .as("too much for 63 bits and for the account")
                .isEqualTo(Reason.AMOUNT_OVERFLOWS);
    }

    @Test
    void of_two_faults_of_legs_the_first_is_named() {
        assertThat(replica.apply(faultyLegs(Set.of())).reason()).isEqualTo(Reason.OK);
        for (Reason first : OF_LEGS) {
            assertThat(replica.apply(faultyLegs(Set.of(first))).reason()).isEqualTo(first);
            for (Reason second : OF_LEGS) {
                if (first.compareTo(second) < 0) {
                    assertThat(replica.apply(faultyLegs(EnumSet.of(first, second)))
                                    .reason())
                            .as("%s and %s", first, second)
                            .isEqualTo(first);
                }
            }
        }
    }

    @Test
    void of_the_faults_of_a_reversal_the_first_is_named() {
        int tooFar = (int) LegsDecider.day(replica.now) + 400;
        UUID spent = next();
        replica.apply(transfer(spent, "bank", "dora", 5));
        replica.apply(account("dora", "EUR", true));
        UUID gone = next();
        replica.apply(transfer(gone, "bank", "dora", 5));
        replica.apply(transfer(next(), "dora", "bank", 5));

        assertThat(reverse(next(), tooFar)).isEqualTo(Reason.TRANSFER_NOT_FOUND);
        assertThat(reverse(spent, tooFar)).isEqualTo(Reason.NOT_REVERSIBLE);
        assertThat(reverse(gone, tooFar)).isEqualTo(Reason.INSUFFICIENT_FUNDS);
        replica.apply(transfer(next(), "bank", "dora", 5));
        assertThat(reverse(gone, tooFar)).isEqualTo(Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
        assertThat(reverse(gone, Command.NO_DAY)).isEqualTo(Reason.OK);
        assertThat(reverse(gone, tooFar)).isEqualTo(Reason.ALREADY_REVERSED);
    }

    @Test
    void of_the_faults_of_a_post_the_first_is_named() {
        UUID plain = next();
        UUID gated = next();
        replica.apply(hold(plain, "bank", "ada", 50, 60));
        replica.apply(hold(gated, "bank", "ada", 10_000, 60));

        assertThat(post(plain, -1)).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(post(next(), -1)).isEqualTo(Reason.AMOUNT_MUST_BE_POSITIVE);
        assertThat(post(next(), 1)).isEqualTo(Reason.HOLD_NOT_FOUND);
        assertThat(post(new UUID(1, 1), 99_999)).isEqualTo(Reason.NOT_A_HOLD);
        assertThat(post(plain, 51)).isEqualTo(Reason.POST_EXCEEDS_HOLD);
        assertThat(post(gated, 10_001)).isEqualTo(Reason.POST_EXCEEDS_HOLD);
        assertThat(post(gated, 10_000)).isEqualTo(Reason.GATED);
        assertThat(post(plain, 50)).isEqualTo(Reason.OK);
        assertThat(post(plain, 51)).isEqualTo(Reason.HOLD_ALREADY_POSTED);
        UUID voided = next();
        replica.apply(hold(voided, "bank", "ada", 50, 60));
        replica.apply(new Command.VoidHold(voided, "shop"));
        assertThat(post(voided, 51)).isEqualTo(Reason.HOLD_ALREADY_VOIDED);
        UUID late = next();
        replica.apply(hold(late, "bank", "ada", 50, 60));
        replica.now += 61 * SECOND;
        assertThat(post(late, 51)).isEqualTo(Reason.HOLD_EXPIRED);
    }

    @Test
    void a_known_id_outranks_every_fault_and_a_full_table_none() {
        assertThat(replica.apply(new Command.CreateTransfer(new UUID(1, 1), "x", "x", "USD", -1, false, 9, "shop"))
                        .reason())
                .isEqualTo(Reason.ID_CONFLICT);
        LedgerStateLimits d = LedgerStateLimits.defaults();
        try (Replica full = new Replica(
                directory.resolve("full"),
                "n1",
                new LedgerStateLimits(
                        d.maxAccounts(),
                        1,
                        d.recentTransfers(),
                        d.maxCases(),
                        d.maxAssets(),
                        d.defaultHoldSeconds(),
                        d.maxHoldSeconds(),
                        d.expiriesPerBatch(),
                        d.refusedLeavesPerCase(),
                        d.refusedLeavesPerMinute(),
                        d.attestEveryMicros(),
                        d.scrubEvery(),
                        d.attestationsKept()))) {
            full.withAccounts();
            assertThat(full.apply(transfer(new UUID(1, 1), "bank", "ada", 1)).reason())
                    .isEqualTo(Reason.OK);
            assertThat(full.apply(transfer(new UUID(1, 2), "bank", "ada", 1)).reason())
                    .isEqualTo(Reason.LEDGER_FULL);
            assertThat(full.apply(transfer(new UUID(1, 3), "bob", "ada", 1)).reason())
                    .isEqualTo(Reason.INSUFFICIENT_FUNDS);
            assertThat(full.apply(transfer(new UUID(1, 1), "bank", "ada", 1)).reason())
                    .isEqualTo(Reason.DUPLICATE);
        }
    }

    @Test
    void the_page_of_reasons_has_the_order_of_the_enum() throws IOException {
        Path page = Path.of("..", "..", "docs", "reasons.md");
        List<Reason> listed = new ArrayList<>();
        for (String line : Files.readAllLines(page)) {
            String[] cells = line.split("\\|");
            if (cells.length > 3 && cells[1].strip().startsWith("`")) {
                Reason reason = Reason.valueOf(cells[1].strip().replace("`", "").toUpperCase(Locale.ROOT));
                assertThat(cells[2].strip()).isEqualTo(Integer.toString(reason.number()));
                listed.add(reason);
            }
        }

        assertThat(listed)
                .isSorted()
                .doesNotHaveDuplicates()
                .containsAll(OF_TRANSFERS)
                .containsAll(OF_LEGS);
        assertThat(Arrays.stream(Reason.values()).map(Reason::number)).doesNotHaveDuplicates();
    }

    private Command faulty(Set<Reason> faults) {
        String debit = faults.contains(Reason.DEBIT_ACCOUNT_NOT_FOUND) ? "nobody" : "ada";
        String credit = faults.contains(Reason.CREDIT_ACCOUNT_NOT_FOUND)
                ? "none"
                : faults.contains(Reason.CREDITS_EXCEED_DEBITS) ? "owed" : "bob";
        if (faults.contains(Reason.ACCOUNTS_MUST_DIFFER)) {
            boolean fromCredit = credit.equals("none") || credit.equals("owed");
            debit = fromCredit ? credit : debit;
            credit = debit;
        }
        long amount = faults.contains(Reason.AMOUNT_OVERFLOWS)
                ? Long.MAX_VALUE
                : faults.contains(Reason.INSUFFICIENT_FUNDS)
                        ? 5_000
                        : faults.contains(Reason.AMOUNT_MUST_BE_POSITIVE) ? 0 : 8;
        Command.CreateTransfer transfer = new Command.CreateTransfer(
                next(),
                debit,
                credit,
                faults.contains(Reason.ASSET_MISMATCH) ? "USD" : "EUR",
                amount,
                false,
                faults.contains(Reason.TIMEOUT_OUT_OF_RANGE) ? 1 : 0,
                "shop");
        return faults.contains(Reason.EFFECTIVE_DATE_OUT_OF_RANGE)
                ? new Command.CreateDatedTransfer(transfer, (int) LegsDecider.day(replica.now) + 367)
                : transfer;
    }

    /** Each fault brings legs of its own, which are right but for it. */
    private Command faultyLegs(Set<Reason> faults) {
        List<Leg> legs = new ArrayList<>(List.of(new Leg("bank", "EUR", -2), new Leg("bob", "EUR", 2)));
        for (Reason fault : faults) {
            switch (fault) {
                case AMOUNT_MUST_BE_POSITIVE -> legs.add(new Leg("bob", "EUR", 0));
                case ACCOUNT_NOT_FOUND -> legs.addAll(pair("bank", "nobody", "EUR", 1));
                case ASSET_MISMATCH -> legs.addAll(pair("bank", "bob", "USD", 1));
                case LEGS_UNBALANCED -> legs.add(new Leg("bob", "EUR", 1));
                case AMOUNT_OVERFLOWS -> {
                    legs.addAll(pair("usd", "dollars", "USD", Long.MAX_VALUE));
                    legs.addAll(pair("usd", "dollars", "USD", 1));
                }
                case INSUFFICIENT_FUNDS -> legs.addAll(pair("ada", "bob", "EUR", 5_000));
                case CREDITS_EXCEED_DEBITS -> legs.addAll(pair("bank", "owed", "EUR", 8));
                case LEGS_REACH_TIER -> legs.addAll(pair("bank", "bob", "EUR", 10_000));
                default -> {}
            }
        }
        boolean late = faults.contains(Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
        return new Command.CreateLegs(
                next(), legs, late ? (int) LegsDecider.day(replica.now) - 367 : Command.NO_DAY, "shop");
    }

    private static List<Leg> pair(String debit, String credit, String asset, long amount) {
        return List.of(new Leg(debit, asset, -amount), new Leg(credit, asset, amount));
    }

    private Command dollars(long amount) {
        return new Command.CreateTransfer(next(), "usd", "dollars", "USD", amount, false, 0, "shop");
    }

    private Reason reverse(UUID target, int day) {
        return replica.apply(new Command.ReverseTransfer(next(), target, Command.ReversalReason.OTHER, day, "shop"))
                .reason();
    }

    private Reason post(UUID id, long amount) {
        return replica.apply(new Command.PostHold(id, amount, "shop")).reason();
    }

    private UUID next() {
        return new UUID(2, ids++);
    }
}
