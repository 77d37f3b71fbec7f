package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.hold;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AsOfTest {
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
    void the_balance_at_an_index_is_the_one_after_that_leaf_and_not_before() {
        long opened = ledger.journalSize();
        replica.apply(transfer(new UUID(1, 1), "bank", "ada", 10));
        replica.apply(transfer(new UUID(1, 2), "bank", "ada", 20));

        assertThat(balance("ada", opened - 1)).isZero();
        assertThat(balance("ada", opened)).isEqualTo(10);
        assertThat(balance("ada", opened + 1)).isEqualTo(30);
    }

    @Test
    void what_is_not_known_is_said_and_is_no_zero() {
        long head = ledger.journalSize();
        replica.apply(account("late", "EUR", false));

        assertThat(ledger.accountAsOf("late", head - 1)).isEqualTo(new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_YET_OPEN));
        assertThat(ledger.accountAsOf("late", head)).isInstanceOf(AsOf.Known.class);
        assertThat(ledger.accountAsOf("late", head + 1)).isEqualTo(new AsOf.Unknown(AsOf.Why.BEYOND_HEAD));
        assertThat(ledger.accountAsOf("never", head)).isEqualTo(new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_FOUND));
    }

    @Test
    void a_time_means_everything_committed_up_to_that_microsecond() {
        replica.later(SECOND, transfer(new UUID(1, 1), "bank", "ada", 10));
        long first = ledger.timeMicros();
        replica.later(SECOND, transfer(new UUID(1, 2), "bank", "ada", 20));
        long second = ledger.timeMicros();

        assertThat(((AsOf.Known) ledger.accountAsOfTime("ada", first - 1))
                        .account()
                        .balance())
                .isZero();
        assertThat(((AsOf.Known) ledger.accountAsOfTime("ada", first)).account().balance())
                .isEqualTo(10);
        assertThat(((AsOf.Known) ledger.accountAsOfTime("ada", second - 1)).timeMicros())
                .isEqualTo(first);
        assertThat(((AsOf.Known) ledger.accountAsOfTime("ada", second))
                        .account()
                        .balance())
                .isEqualTo(30);
        assertThat(ledger.accountAsOfTime("ada", second + 1)).isEqualTo(new AsOf.Unknown(AsOf.Why.BEYOND_HEAD));
        assertThat(ledger.accountAsOfTime("ada", START - 1)).isEqualTo(new AsOf.Unknown(AsOf.Why.BEFORE_HISTORY));
    }

    @Test
    void a_hold_that_was_open_then_is_held_then_whatever_became_of_it() {
        replica.fund("ada", 1000);
        replica.apply(hold(new UUID(2, 1), "ada", "bob", 100, 60));
        replica.apply(hold(new UUID(2, 2), "ada", "bob", 200, 60));
        replica.apply(hold(new UUID(2, 3), "ada", "bob", 300, 60));
        long index = ledger.journalSize() - 1;
        AccountView then = ledger.account("ada").orElseThrow();
        replica.apply(new Command.PostHold(new UUID(2, 1), 40, "shop"));
        replica.apply(new Command.VoidHold(new UUID(2, 2), "shop"));
        replica.later(61 * SECOND, new Command.Tick());

        assertThat(((AsOf.Known) ledger.accountAsOf("ada", index)).account()).isEqualTo(then);
        assertThat(then.debitsHeld()).isEqualTo(600);
        assertThat(ledger.account("ada").orElseThrow().debitsHeld()).isZero();
    }

    @Test
    void holds_are_found_by_account_and_by_what_became_of_them() {
        replica.fund("ada", 1000);
        replica.apply(hold(new UUID(2, 1), "ada", "bob", 100, 60));
        replica.apply(hold(new UUID(2, 2), "ada", "bob", 200, 120));
        replica.apply(hold(new UUID(2, 3), "bank", "bob", 300, 60));
        replica.apply(new Command.VoidHold(new UUID(2, 3), "shop"));
        replica.later(61 * SECOND, new Command.Tick());

        assertThat(ledger.holds("ada", null, Long.MAX_VALUE, 10).holds())
                .extracting(HoldPage.View::id)
                .containsExactly(new UUID(2, 2), new UUID(2, 1));
        assertThat(ledger.holds(null, "expired", Long.MAX_VALUE, 10).holds())
                .extracting(HoldPage.View::id, HoldPage.View::amount)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(new UUID(2, 1), 100L));
        assertThat(ledger.holds("bob", "voided", Long.MAX_VALUE, 10).holds()).hasSize(1);
        assertThat(ledger.holds("ada", "held", Long.MAX_VALUE, 10)
                        .holds()
                        .get(0)
                        .expiresMicros())
                .isPresent();
        assertThatThrownBy(() -> ledger.holds("nobody", null, Long.MAX_VALUE, 10))
                .hasMessageContaining("no account 'nobody'");
    }

    @Test
    void pages_of_holds_meet_without_a_gap_and_the_last_has_no_next() {
        for (int i = 0; i < 5; i++) {
            replica.apply(hold(new UUID(2, i), "bank", "bob", 10 + i, 60));
        }

        HoldPage first = ledger.holds("bob", null, Long.MAX_VALUE, 2);
        HoldPage second = ledger.holds("bob", null, first.next().orElseThrow(), 2);
        HoldPage third = ledger.holds("bob", null, second.next().orElseThrow(), 2);

        assertThat(first.holds()).extracting(HoldPage.View::amount).containsExactly(14L, 13L);
        assertThat(second.holds()).extracting(HoldPage.View::amount).containsExactly(12L, 11L);
        assertThat(third.holds()).extracting(HoldPage.View::amount).containsExactly(10L);
        assertThat(third.next()).isEmpty();
    }

    private long balance(String id, long index) {
        return ((AsOf.Known) ledger.accountAsOf(id, index)).account().balance();
    }
}
