package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;
import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.Command.AccountClass;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ledger against {@link ReferenceLedger}, after each command: reason, status, every balance, holds and sums. The ledger
 * keeps few transfers in memory and begins again from snapshots meanwhile. {@code -Dseed=N} one seed alone,
 * {@code -Dreference.seeds=N} so many.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReferenceLedgerTest {
    private static final int SEEDS = Integer.getInteger("reference.seeds", 6);
    private static final int COMMANDS = 2_500;
    private static final List<String> KRONER = List.of("ada", "bob", "bank", "fees", "debts", "nobody");
    private static final List<String> YEN = List.of("yen-a", "yen-b", "yen-debts");

    @TempDir
    Path directory;

    @Test
    void every_command_does_what_the_plain_model_says() throws IOException {
        Map<Reason, Integer> reached = new EnumMap<>(Reason.class);
        Set<String> statuses = new HashSet<>();
        Long only = Long.getLong("seed");
        for (long seed = only == null ? 1 : only; seed <= (only == null ? SEEDS : only); seed++) {
            new Comparison(seed).run(reached, statuses);
        }
        if (only == null) {
            assertThat(statuses).contains("posted", "held", "voided", "expired", "rejected");
            assertThat(reached.keySet())
                    .as("the histories are worth something only if they get everywhere")
                    .contains(
                            Reason.OK,
                            Reason.DUPLICATE,
                            Reason.ID_CONFLICT,
                            Reason.AMOUNT_MUST_BE_POSITIVE,
                            Reason.ACCOUNTS_MUST_DIFFER,
                            Reason.DEBIT_ACCOUNT_NOT_FOUND,
                            Reason.CREDIT_ACCOUNT_NOT_FOUND,
                            Reason.ACCOUNT_NOT_FOUND,
                            Reason.TRANSFER_NOT_FOUND,
                            Reason.NOT_REVERSIBLE,
                            Reason.ALREADY_REVERSED,
                            Reason.ASSET_MISMATCH,
                            Reason.LEGS_UNBALANCED,
                            Reason.AMOUNT_OVERFLOWS,
                            Reason.INSUFFICIENT_FUNDS,
                            Reason.CREDITS_EXCEED_DEBITS,
                            Reason.ACCOUNT_EXISTS_WITH_OTHER_CONTENT,
                            Reason.TIMEOUT_OUT_OF_RANGE,
                            Reason.EFFECTIVE_DATE_OUT_OF_RANGE,
                            Reason.HOLD_NOT_FOUND,
                            Reason.NOT_A_HOLD,
                            Reason.HOLD_ALREADY_POSTED,
                            Reason.HOLD_ALREADY_VOIDED,
                            Reason.HOLD_EXPIRED,
                            Reason.POST_EXCEEDS_HOLD);
        }
    }

    private final class Comparison {
        private final long seed;
        private final Random random;
        private final ReferenceLedger model = new ReferenceLedger();
        private final List<Command> asked = new ArrayList<>();
        private final List<UUID> ids = new ArrayList<>();
        private long now = START;

        Comparison(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run(Map<Reason, Integer> reached, Set<String> statuses) throws IOException {
            try (Forgetful forgetful =
                    new Forgetful(directory.resolve("seed-" + seed), 1 + random.nextInt(200), 200, random.nextLong())) {
                int index = 1;
                forgetful.apply(index, new Command.Batch(now, List.of(new Command.Begin(GENESIS.body()))));
                model.apply(new Command.Batch(now, List.of()));
                for (Command made : accounts()) {
                    compare(forgetful, ++index, made, reached, statuses);
                }
                for (int i = 0; i < COMMANDS; i++) {
                    now += random.nextInt(20) == 0 ? random.nextInt(30) * SECOND : random.nextInt(1000) - 100;
                    compare(forgetful, ++index, command(), reached, statuses);
                }
                compareTransfers(forgetful.ledger());
            }
        }

        private void compare(
                Forgetful forgetful, int index, Command command, Map<Reason, Integer> reached, Set<String> statuses)
                throws IOException {
            Command.Batch batch = new Command.Batch(now, List.of(command));
            Command.Outcome outcome = forgetful.apply(index, batch).get(0);
            ReferenceLedger.Told told = model.apply(batch).get(0);
            String where = "-Dseed=" + seed + ", command " + index + " " + command;

            assertThat(outcome.reason()).as(where).isEqualTo(told.reason());
            assertThat(outcome.status()).as(where).isEqualTo(told.status());
            reached.merge(told.reason(), 1, Integer::sum);
            statuses.add(told.status());
            Ledger ledger = forgetful.ledger();
            assertThat(ledger.counts().openHolds()).as(where).isEqualTo((int) model.openHolds());
            for (ReferenceLedger.Account account : model.accounts.values()) {
                AccountView view = ledger.account(account.made.id()).orElseThrow();
                assertThat(List.of(view.debitsPosted(), view.creditsPosted(), view.debitsHeld(), view.creditsHeld()))
                        .as("%s: account %s", where, view.id())
                        .isEqualTo(List.of(
                                account.debits.longValueExact(),
                                account.credits.longValueExact(),
                                account.heldDebits.longValueExact(),
                                account.heldCredits.longValueExact()));
            }
            model.sums()
                    .forEach((asset, sum) -> assertThat(
                                    BigInteger.valueOf(ledger.sums().sums().get(asset)))
                            .as(where)
                            .isEqualTo(sum)
                            .isEqualTo(BigInteger.ZERO));
        }

        private void compareTransfers(Ledger ledger) {
            model.ids.forEach((id, known) -> {
                TransferView view = ledger.transfer(id).orElseThrow();
                assertThat(view.status()).as("-Dseed=%d, transfer %s", seed, id).isEqualTo(known.status);
                if (!known.legs.isEmpty() && view.legs().isEmpty()) {
                    assertThat(view.debit())
                            .isEqualTo(
                                    known.reversal
                                            ? debitOf(known)
                                            : known.legs.get(0).getKey());
                    assertThat(BigInteger.valueOf(view.amount()))
                            .isEqualTo(known.legs.get(0).getValue().abs());
                }
            });
        }

        private String debitOf(ReferenceLedger.Known known) {
            return known.legs.stream()
                    .filter(leg -> leg.getValue().signum() < 0)
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }

        private List<Command> accounts() {
            return List.of(
                    account("ada", "NOK", true, false),
                    account("bob", "NOK", true, false),
                    account("bank", "NOK", false, false),
                    account("fees", "NOK", false, false),
                    account("debts", "NOK", false, true),
                    account("yen-a", "JPY", false, false),
                    account("yen-b", "JPY", true, false),
                    account("yen-debts", "JPY", false, true));
        }

        private Command account(String id, String asset, boolean debits, boolean credits) {
            return new Command.CreateAccount(id, asset, 2, AccountClass.CUSTOMER, debits, credits);
        }

        private Command command() {
            Command command = switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4 -> transfer();
                case 5 -> new Command.CreateDatedTransfer(transfer(), day());
                case 6, 7 -> legs();
                case 8, 9 ->
                    new Command.ReverseTransfer(id(), someId(), Command.ReversalReason.MISTAKE, day(), principal());
                case 10 -> asked.isEmpty() ? new Command.Tick() : asked.get(random.nextInt(asked.size()));
                case 11, 12 -> new Command.PostHold(someId(), random.nextInt(4) * 300L - 100, principal());
                case 13 -> new Command.VoidHold(someId(), principal());
                case 14 ->
                    random.nextInt(4) != 0
                            ? new Command.Tick()
                            : account(
                                    random.nextBoolean() ? "new-" + random.nextInt(5) : "ada",
                                    random.nextBoolean() ? "NOK" : "JPY",
                                    random.nextInt(3) == 0,
                                    false);
                default -> transfer();
            };
            asked.add(command);
            return command;
        }

        private Command.CreateTransfer transfer() {
            boolean hold = random.nextInt(3) == 0;
            List<String> from = random.nextInt(4) == 0 ? YEN : KRONER;
            int timeout = random.nextInt(12) == 0 ? random.nextInt(3) * 7_776_000 - 1 : hold ? random.nextInt(60) : 0;
            return new Command.CreateTransfer(
                    id(),
                    from.get(random.nextInt(from.size())),
                    from.get(random.nextInt(from.size())),
                    random.nextInt(20) == 0 ? "NOK" : from == YEN ? "JPY" : "NOK",
                    amount(from == YEN),
                    hold,
                    timeout,
                    principal());
        }

        private long amount(boolean large) {
            return switch (random.nextInt(12)) {
                case 0 -> random.nextInt(3) - 1;
                case 1 -> large ? Long.MAX_VALUE - random.nextInt(3) : 1 + random.nextInt(2000);
                case 2 -> large ? Long.MAX_VALUE / 2 + random.nextInt(3) - 1 : 1;
                default -> 1 + random.nextInt(900);
            };
        }

        /** Mostly balanced: what one account gives, the others get. */
        private Command legs() {
            List<Command.Leg> legs = new ArrayList<>();
            boolean yen = random.nextInt(4) == 0;
            List<String> of = yen ? YEN : KRONER;
            String asset = yen ? "JPY" : "NOK";
            long given = 0;
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                long amount = 1 + random.nextInt(700);
                legs.add(new Command.Leg(of.get(random.nextInt(of.size())), asset, amount));
                given += amount;
            }
            if (random.nextInt(10) == 0) {
                long much = Long.MAX_VALUE - random.nextInt(3);
                legs.add(new Command.Leg(of.get(random.nextInt(of.size())), asset, much));
                legs.add(new Command.Leg(of.get(random.nextInt(of.size())), asset, -much));
            }
            if (random.nextInt(3) == 0) {
                legs.add(new Command.Leg("yen-a", "JPY", -9));
                legs.add(new Command.Leg("yen-b", random.nextInt(9) == 0 ? "NOK" : "JPY", 9));
            }
            given -= random.nextInt(12) == 0 ? 1 : 0;
            legs.add(new Command.Leg(of.get(random.nextInt(of.size())), asset, -given));
            if (random.nextInt(12) == 0) {
                legs.add(new Command.Leg("bank", "NOK", random.nextBoolean() ? 0 : Long.MIN_VALUE));
            }
            return new Command.CreateLegs(id(), legs, day(), principal());
        }

        private int day() {
            int today = (int) LegsDecider.day(now);
            return switch (random.nextInt(4)) {
                case 0, 1 -> Command.NO_DAY;
                case 2 -> today + (random.nextBoolean() ? 1 : -1) * (365 + random.nextInt(3));
                default -> today + random.nextInt(7) - 3;
            };
        }

        /** Mostly new; sometimes one of long ago, with other content. */
        private UUID id() {
            UUID id = !ids.isEmpty() && random.nextInt(10) == 0 ? someId() : new UUID(seed, ids.size());
            ids.add(id);
            return id;
        }

        /** A recent one or any one of the whole history. */
        private UUID someId() {
            int back = random.nextBoolean() ? Math.min(ids.size(), 12) : ids.size();
            return back == 0 ? new UUID(-1, -1) : ids.get(ids.size() - 1 - random.nextInt(back));
        }

        private String principal() {
            return random.nextInt(10) == 0 ? "desk" : "shop";
        }
    }
}
