package io.homeostat.ledger.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.journal.LedgerEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AccountTableTest {
    private static final String[] ASSETS = {"EUR", "USD", "SEK"};

    @Test
    void each_of_many_accounts_is_found_by_its_name_and_keeps_what_it_was_made_with() {
        AccountTable accounts = new AccountTable();
        List<String> names = names(30_000);
        for (int i = 0; i < names.size(); i++) {
            assertThat(accounts.find(names.get(i))).isEqualTo(AccountTable.NONE);
            accounts.add(made(i, names.get(i)));
        }

        for (int i = 0; i < names.size(); i++) {
            byte[] around = ("..." + names.get(i) + "...").getBytes(StandardCharsets.US_ASCII);
            int length = names.get(i).length();
            assertThat(accounts.find(names.get(i))).isEqualTo(i);
            assertThat(accounts.find(around, 3, length, Mix.text(around, 3, length)))
                    .isEqualTo(i);
            assertThat(accounts.id(i)).isEqualTo(names.get(i));
            assertThat(accounts.asset(i)).isEqualTo(ASSETS[i % 3]);
            assertThat(accounts.exponent(i)).isEqualTo(i % 3);
            assertThat(accounts.classNumber(i)).isEqualTo(1 + i % 5);
            assertThat(accounts.flagged(i)).isEqualTo(i % 3 == 1);
            assertThat(accounts.creditsLimited(i)).isEqualTo(i % 3 == 2);
        }
        assertThat(accounts.find("nobody has this")).isEqualTo(AccountTable.NONE);
        assertThat(accounts.find("")).isEqualTo(AccountTable.NONE);
    }

    @Test
    void frozen_accounts_stay_as_they_were_while_the_table_grows_and_balances_move() {
        AccountTable accounts = new AccountTable();
        List<String> names = names(5000);
        for (int i = 0; i < 1000; i++) {
            accounts.add(made(i, names.get(i)));
        }
        accounts.post(3, 6, 70);
        accounts.hold(6, 9, 5);

        AccountTable frozen = accounts.freeze();
        for (int i = 1000; i < names.size(); i++) {
            accounts.add(made(i, names.get(i)));
        }
        accounts.post(3, 6, 1);
        accounts.free(6, 9, 5);

        assertThat(frozen.count()).isEqualTo(1000);
        assertThat(frozen.debitsPosted(3)).isEqualTo(70);
        assertThat(frozen.creditsPosted(6)).isEqualTo(70);
        assertThat(frozen.debitsHeld(6)).isEqualTo(5);
        assertThat(frozen.creditsHeld(9)).isEqualTo(5);
        assertThat(accounts.debitsPosted(3)).isEqualTo(71);
        assertThat(accounts.debitsHeld(6)).isZero();
        for (int i = 0; i < 1000; i++) {
            assertThat(frozen.id(i)).isEqualTo(names.get(i));
        }
        assertThat(frozen.sums()).containsExactly(0, 0, 0);
    }

    /** Of every allowed length, many with one beginning or one end. */
    private static List<String> names(int count) {
        Random random = new Random(9);
        Set<String> names = new LinkedHashSet<>();
        while (names.size() < count) {
            String number = Integer.toString(names.size());
            int more = random.nextInt(65 - number.length());
            names.add(random.nextBoolean() ? number + "x".repeat(more) : "x".repeat(more) + number);
        }
        return new ArrayList<>(names);
    }

    private static LedgerEvent.AccountCreated made(int ordinal, String name) {
        return new LedgerEvent.AccountCreated(
                ordinal, name, ASSETS[ordinal % 3], ordinal % 3, 1 + ordinal % 5, ordinal % 3 == 1, ordinal % 3 == 2);
    }
}
