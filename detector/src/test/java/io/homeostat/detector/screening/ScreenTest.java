package io.homeostat.detector.screening;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** A town of ordinary payers, and one thing in it that is not ordinary. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ScreenTest {
    private static final long MINUTE = 60_000_000L;
    private static final int TOWN = 60;
    private final ScreeningLimits limits = ScreeningLimits.defaults();
    private final MemoryBook book = new MemoryBook();
    private Screen screen;
    private Random random;
    private long now = 1_700_000_000_000_000L;
    private long sequence;

    @BeforeEach
    void an_ordinary_month() {
        screen = screen(limits);
        random = new Random(7);
        for (int i = 0; i < 6000; i++) {
            int payer = random.nextInt(TOWN);
            now += 7 * MINUTE;
            screen.file(transfer(payer, (payer + 1 + random.nextInt(3)) % TOWN, 2_000 + random.nextInt(6_000)), book);
        }
    }

    @Test
    void an_ordinary_transfer_is_clear() {
        Screen.Answer answer = screen.file(transfer(3, 4, 4_000), book);

        assertThat(answer.odd()).isFalse();
        assertThat(answer.score()).isLessThan(answer.threshold());
    }

    @Test
    void an_amount_that_nobody_ever_paid_is_odd_and_says_so() {
        Screen.Answer answer = screen.file(transfer(3, 4, 40_000_000), book);

        assertThat(answer.odd()).isTrue();
        assertThat(answer.reasons()).contains(Pattern.AMOUNT_RARE, Pattern.AMOUNT_PAID);
        assertThat(VerdictEvidence.reasons(answer)).first().asString().contains("one transfer in");
    }

    @Test
    void a_new_receiver_is_told_and_the_same_amount_to_a_known_one_is_not() {
        Screen.Answer known = screen.file(transfer(3, 4, 4_000), book);
        Screen.Answer unknown = screen.file(transfer(3, 40, 4_000), book);

        assertThat(surprise(unknown, Pattern.NEW_PEER)).isGreaterThan(surprise(known, Pattern.NEW_PEER));
        assertThat(unknown.score()).isGreaterThan(known.score());
    }

    @Test
    void many_who_pay_one_are_a_fan_in_and_one_who_pays_many_a_fan_out() {
        double in = 0;
        double out = 0;
        for (int i = 20; i < 50; i++) {
            in = Math.max(in, surprise(screen.file(transfer(i, 5, 3_000), book), Pattern.FAN_IN));
            out = Math.max(out, surprise(screen.file(transfer(10, i, 3_000), book), Pattern.FAN_OUT));
        }

        assertThat(in).isGreaterThan(2);
        assertThat(out).isGreaterThan(2);
    }

    @Test
    void money_that_comes_back_over_others_closes_a_ring() {
        screen.file(transfer(10, 30, 5_000), book);
        now += MINUTE;
        screen.file(transfer(30, 50, 4_900), book);
        now += MINUTE;
        Screen.Answer closing = screen.file(transfer(50, 10, 4_800), book);

        assertThat(closing.judgement().features()[Pattern.CYCLE.ordinal()]).isGreaterThan(1.5);
        assertThat(closing.reasons()).contains(Pattern.CYCLE);
    }

    @Test
    void like_amounts_again_and_again_between_two_are_repeats() {
        Screen.Answer last = screen.file(transfer(3, 4, 1_111), book);
        for (int i = 0; i < 6; i++) {
            now += MINUTE;
            last = screen.file(transfer(3, 4, 1_111 + i), book);
        }

        assertThat(last.reasons()).contains(Pattern.REPEATS);
    }

    @Test
    void a_settlement_account_that_drains_moves_its_net_position() {
        for (int i = 0; i < 300; i++) {
            now += 10 * MINUTE;
            int customer = random.nextInt(TOWN);
            screen.file(settlement(i % 2 == 0, customer, 5_000), book);
        }
        double quiet =
                screen.file(settlement(true, 3, 5_000), book).judgement().features()[Pattern.NET_POSITION.ordinal()];
        for (int i = 0; i < 40; i++) {
            screen.file(settlement(true, random.nextInt(TOWN), 5_000), book);
        }
        double drained =
                screen.file(settlement(true, 3, 5_000), book).judgement().features()[Pattern.NET_POSITION.ordinal()];

        assertThat(drained).isGreaterThan(2 * quiet);
    }

    @Test
    void what_waits_teaches_nothing_so_asking_twice_does_not_make_it_ordinary() throws Exception {
        Movement strange = transfer(3, 40, 9_000_000);
        Screen.Answer first = screen.asked(strange, book);
        Screen.Answer second = screen.asked(strange, book);

        assertThat(first.odd()).isTrue();
        assertThat(second.odd()).isTrue();
        assertThat(surprise(second, Pattern.NEW_PEER)).isEqualTo(surprise(first, Pattern.NEW_PEER), within());
        screen.posted(strange, book);
        assertThat(surprise(screen.asked(strange, book), Pattern.NEW_PEER)).isZero();
    }

    @Test
    void the_first_transfers_of_an_asset_go_to_people() {
        Screen fresh = screen(limits);
        Screen.Answer answer = fresh.file(transfer(1, 2, 100), new MemoryBook());

        assertThat(answer.odd()).isTrue();
        assertThat(VerdictEvidence.reasons(answer)).first().asString().contains("too short");
    }

    @Test
    void the_same_history_gives_the_same_bits() {
        List<byte[]> first = evidence();
        List<byte[]> second = evidence();

        assertThat(first).hasSameSizeAs(second);
        for (int i = 0; i < first.size(); i++) {
            assertThat(first.get(i)).isEqualTo(second.get(i));
        }
    }

    @Test
    void a_score_does_not_depend_on_what_comes_later() {
        List<byte[]> all = evidence();
        MemoryBook other = new MemoryBook();
        Screen again = screen(limits);
        Random dice = new Random(11);
        for (int i = 0; i < 500; i++) {
            Movement m = walk(dice, i);
            assertThat(VerdictEvidence.of(m, again.file(m, other)))
                    .as("transfer %d", i)
                    .isEqualTo(all.get(i));
        }
    }

    @Test
    void idle_accounts_are_forgotten_and_the_number_of_profiles_stays_bounded() {
        Screen small = screen(limits.withAccounts(100));
        MemoryBook bounded = new MemoryBook();
        for (int i = 0; i < 5_000; i++) {
            now += MINUTE;
            small.file(transfer(i % 1_000, 1_000 + i % 700, 500), bounded);
            assertThat(bounded.accounts()).isLessThanOrEqualTo(102);
            assertThat(bounded.asset().accounts).isEqualTo(bounded.accounts());
        }
        AccountProfile profile = bounded.get(4_999 % 1_000);
        assertThat(profile).isNotNull();
        assertThat(profile.peer.length).isLessThanOrEqualTo(limits.peers());
        assertThat(profile.origin.length).isLessThanOrEqualTo(limits.trails());
    }

    private List<byte[]> evidence() {
        MemoryBook other = new MemoryBook();
        Screen again = screen(limits);
        Random dice = new Random(11);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Movement m = walk(dice, i);
            all.add(VerdictEvidence.of(m, again.file(m, other)));
        }
        return all;
    }

    private static Movement walk(Random dice, int i) {
        return movement(
                i,
                1_700_000_000_000_000L + i * MINUTE,
                dice.nextInt(50),
                50 + dice.nextInt(50),
                0,
                100 + dice.nextInt(10_000));
    }

    private Movement transfer(int debit, int credit, long amount) {
        return movement(sequence++, now, debit, credit, 1, amount);
    }

    private Movement settlement(boolean pays, int customer, long amount) {
        Movement m = transfer(pays ? 900 : customer, pays ? customer : 900, amount);
        return new Movement(
                m.sequence(),
                m.timeMicros(),
                m.kind(),
                m.transfer(),
                m.asset(),
                m.debit(),
                m.credit(),
                m.debitId(),
                m.creditId(),
                pays ? Movement.CLASS_SETTLEMENT : 1,
                pays ? 1 : Movement.CLASS_SETTLEMENT,
                m.amountMinor(),
                m.exponent(),
                m.payloadDigest(),
                m.dueMicros());
    }

    private static Movement movement(long sequence, long time, int debit, int credit, int accountClass, long amount) {
        return new Movement(
                sequence,
                time,
                Movement.POSTED,
                "t" + sequence,
                "EUR",
                debit,
                credit,
                "a" + debit,
                "a" + credit,
                accountClass,
                accountClass,
                amount,
                2,
                "",
                0);
    }

    private static Screen screen(ScreeningLimits limits) {
        return new Screen(limits, new TransferScorer(limits), OfflineScreening.budget(50));
    }

    private static double surprise(Screen.Answer answer, Pattern pattern) {
        return answer.judgement().surprises()[pattern.ordinal()];
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(0.5);
    }
}
