package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EffectiveBalanceTest {
    private static final long DAY = 86_400 * SECOND;
    private static final int FIRST_DAY = (int) (START / DAY);

    @TempDir
    Path directory;

    private Replica replica;

    @BeforeEach
    void open() {
        replica = new Replica(directory).withAccounts();
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void a_posting_counts_from_its_effective_day_on_and_not_a_day_earlier() {
        dated(1, 10, FIRST_DAY - 3);
        dated(2, 100, FIRST_DAY + 2);
        dated(3, 1000, Command.NO_DAY);

        assertThat(balance(FIRST_DAY - 4)).isZero();
        assertThat(balance(FIRST_DAY - 3)).isEqualTo(10);
        assertThat(balance(FIRST_DAY - 1)).isEqualTo(10);
        assertThat(balance(FIRST_DAY)).isEqualTo(1010);
        assertThat(balance(FIRST_DAY + 1)).isEqualTo(1010);
        assertThat(balance(FIRST_DAY + 2)).isEqualTo(1110);
    }

    @Test
    void what_is_not_known_is_said_and_is_no_zero() {
        dated(1, 10, Command.NO_DAY);

        assertThat(replica.ledger.accountEffective("never", FIRST_DAY))
                .isEqualTo(new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_FOUND));
        assertThat(replica.ledger.accountEffective("ada", FIRST_DAY - 367))
                .as("nothing can be dated so far back")
                .isEqualTo(new AsOf.Unknown(AsOf.Why.BEFORE_HISTORY));
        assertThat(balance(FIRST_DAY - 366)).isZero();
    }

    @Test
    void a_day_may_change_as_long_as_a_posting_can_still_name_it() {
        assertThat(effective(FIRST_DAY - 366).mayChange()).isTrue();
        replica.later(DAY, new Command.Tick());
        assertThat(effective(FIRST_DAY - 366).mayChange()).isFalse();
        assertThat(effective(FIRST_DAY - 365).mayChange()).isTrue();
    }

    @Test
    void every_day_of_a_random_history_is_what_a_plain_sum_says() {
        Random random = new Random(20261121);
        TreeMap<Integer, Long> byDay = new TreeMap<>();
        Map<UUID, Integer> holds = new HashMap<>();
        List<UUID> open = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            replica.now += random.nextInt(3) * DAY / 2 + 1;
            int today = (int) (replica.now / DAY);
            int day = random.nextInt(3) == 0 ? Command.NO_DAY : today + random.nextInt(60) - 50;
            UUID id = new UUID(1, i);
            int counts = day == Command.NO_DAY ? today : day;
            switch (random.nextInt(5)) {
                case 0 -> {
                    replica.apply(new Command.CreateLegs(
                            id,
                            List.of(
                                    new Command.Leg("ada", "EUR", 5),
                                    new Command.Leg("bob", "EUR", 2),
                                    new Command.Leg("bank", "EUR", -7)),
                            day,
                            "shop"));
                    byDay.merge(counts, 5L, Long::sum);
                }
                case 1 -> {
                    replica.apply(new Command.CreateDatedTransfer(
                            new Command.CreateTransfer(id, "bank", "ada", "EUR", 9, true, 7_000_000, "shop"), day));
                    holds.put(id, day);
                    open.add(id);
                }
                case 2 -> {
                    if (!open.isEmpty()) {
                        UUID hold = open.remove(random.nextInt(open.size()));
                        Command.Outcome outcome = replica.apply(new Command.PostHold(hold, 4, "shop"));
                        if (outcome.reason() == Reason.OK) {
                            int of = holds.get(hold);
                            byDay.merge(of == Command.NO_DAY ? today : of, 4L, Long::sum);
                        }
                    }
                }
                case 3 -> {
                    Command.Outcome outcome = replica.apply(new Command.ReverseTransfer(
                            id, new UUID(1, Math.max(0, i - 1)), Command.ReversalReason.OTHER, day, "shop"));
                    if (outcome.reason() == Reason.OK) {
                        TransferView view = replica.ledger.transfer(id).orElseThrow();
                        long moved = view.legs().isEmpty()
                                ? "ada".equals(view.debit()) ? -view.amount() : view.amount()
                                : -5;
                        byDay.merge(counts, moved, Long::sum);
                    }
                }
                default -> {
                    replica.apply(new Command.CreateDatedTransfer(
                            new Command.CreateTransfer(id, "bank", "ada", "EUR", 3, false, 0, "shop"), day));
                    byDay.merge(counts, 3L, Long::sum);
                }
            }
        }

        int last = (int) (replica.now / DAY);
        for (int day = FIRST_DAY - 100; day <= last + 20; day++) {
            long expected = byDay.headMap(day, true).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(balance(day))
                    .as("day %d of %d..%d", day, FIRST_DAY, last)
                    .isEqualTo(expected);
        }
        assertThat(balance(last + 20))
                .isEqualTo(replica.ledger.account("ada").orElseThrow().balance());
    }

    private void dated(int number, long amount, int day) {
        Command.Outcome outcome = replica.apply(new Command.CreateDatedTransfer(
                new Command.CreateTransfer(new UUID(7, number), "bank", "ada", "EUR", amount, false, 0, "shop"), day));
        assertThat(outcome.reason()).isEqualTo(Reason.OK);
    }

    private AsOf.Effective effective(int day) {
        return (AsOf.Effective) replica.ledger.accountEffective("ada", day);
    }

    private long balance(int day) {
        return effective(day).account().balance();
    }
}
