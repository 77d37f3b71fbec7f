package io.homeostat.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.deploy.chaos.HistoryCheck.Verdict;
import io.homeostat.deploy.chaos.ModelLedger.Fault;
import io.homeostat.deploy.chaos.Violation.Promise;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judge is judged first: what is right passes, and each planted fault is found by name. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HistoryCheckTest {
    @Test
    void histories_of_a_right_ledger_are_clean() {
        for (long seed = 1; seed <= 20; seed++) {
            Verdict verdict = check(new ModelLedger(seed, Fault.NONE, 0).run(3000));

            assertThat(verdict.violations()).as("seed %d", seed).isEmpty();
            assertThat(verdict.clean()).isTrue();
            assertThat(verdict.operations()).isGreaterThanOrEqualTo(3000);
            assertThat(verdict.acknowledged()).isPositive();
            assertThat(verdict.refused()).isPositive();
            assertThat(verdict.reads()).isPositive();
            assertThat(verdict.unknownApplied()).isPositive();
            assertThat(verdict.unknownNothing()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "LOST_ACK, ACKNOWLEDGED_IS_KEPT",
        "DOUBLED_LEAF, ONCE",
        "DOUBLED_APPLY, EXACT_PREFIX",
        "STALE_READ, REAL_TIME_ORDER NEVER_BACK",
        "INDEX_BACK, NEVER_BACK",
        "WRONG_BALANCE, EXACT_PREFIX",
        "UNKNOWN_TWICE, ONCE",
        "REFUSED_APPLIED, REFUSED_IS_NOTHING",
        "NOT_WRITTEN_APPLIED, NOT_WRITTEN_IS_NOTHING",
        "OVERDRAWN, LIMITS_HOLD",
        "INVENTED, NOTHING_INVENTED",
        "REORDERED, REAL_TIME_ORDER NEVER_BACK"
    })
    void a_planted_fault_is_found_and_named(Fault fault, String promises) {
        for (long seed = 1; seed <= 10; seed++) {
            ModelLedger ledger = new ModelLedger(seed, fault, 1000).run(3000);
            Verdict verdict = check(ledger);

            assertThat(ledger.planted)
                    .as("seed %d: the fault was planted", seed)
                    .isPositive();
            assertThat(verdict.clean()).as("seed %d", seed).isFalse();
            assertThat(promises.split(" "))
                    .as("seed %d: %s", seed, verdict.broken())
                    .anyMatch(name -> verdict.count(Promise.valueOf(name)) > 0);
            if (fault != Fault.DOUBLED_APPLY && fault != Fault.INVENTED) {
                assertThat(verdict.violations())
                        .as("seed %d: the verdict names the operation", seed)
                        .anyMatch(violation -> violation.operations().contains(ledger.planted));
            }
        }
    }

    @Test
    void a_posting_of_other_content_than_was_asked_is_found() {
        History history = new History(1);
        int bank = history.account("bank", false);
        int ada = history.account("ada", true);
        int op = history.transfer(1, bank, ada, 5);
        history.done(op, 3);
        Book book = new Book();
        book.posting(3, history.id(op), "bank", "ada", 6);

        Verdict verdict = HistoryCheck.of(history, book);

        assertThat(verdict.count(Promise.NOTHING_INVENTED)).isEqualTo(1);
        assertThat(verdict.violations().get(0).words()).contains("operation 0").contains("bank -> ada 6");
    }

    @Test
    void a_repeat_under_the_same_id_is_no_second_transfer() {
        History history = new History(1);
        int bank = history.account("bank", false);
        int ada = history.account("ada", true);
        int op = history.transfer(1, bank, ada, 5);
        history.unknown(op);
        int again = history.repeat(1, op);
        history.doneBefore(again, 4);
        int read = history.readTransfer(2, op);
        history.sawTransfer(read, 3, History.Told.POSTED);
        Book book = new Book();
        book.posting(3, history.id(op), "bank", "ada", 5);

        Verdict verdict = HistoryCheck.of(history, book);

        assertThat(history.id(again)).isEqualTo(history.id(op));
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.unknownApplied()).isEqualTo(1);
    }

    @Test
    void what_was_never_seen_must_not_stand_before_the_read() {
        History history = new History(1);
        int bank = history.account("bank", false);
        int ada = history.account("ada", true);
        int op = history.transfer(1, bank, ada, 5);
        history.unknown(op);
        int read = history.readTransfer(2, op);
        history.sawTransfer(read, 9, History.Told.NEVER_SEEN);
        Book before = new Book();
        before.posting(8, history.id(op), "bank", "ada", 5);
        Book after = new Book();
        after.posting(10, history.id(op), "bank", "ada", 5);

        assertThat(HistoryCheck.of(history, before).count(Promise.EXACT_PREFIX)).isEqualTo(1);
        assertThat(HistoryCheck.of(history, after).clean()).isTrue();
    }

    @Test
    void sums_that_are_off_are_found() {
        History history = new History(1);
        history.sawSums(history.readSums(1), 4, 0);
        history.sawSums(history.readSums(1), 4, 1);

        assertThat(HistoryCheck.of(history, new Book()).count(Promise.SUMS_ARE_ZERO))
                .isEqualTo(1);
    }

    @Test
    void an_operation_ends_once() {
        History history = new History(1);
        int op = history.readSums(1);
        history.notWritten(op);

        assertThatThrownBy(() -> history.sawSums(op, 1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("operation 0 has ended already");
    }

    @Test
    void an_id_of_another_run_belongs_to_no_operation() {
        History history = new History(1);
        int bank = history.account("bank", false);
        int op = history.transfer(1, bank, history.account("ada", true), 5);

        assertThat(history.operation(history.id(op))).isEqualTo(op);
        assertThat(history.operation(new UUID(2, op))).isEqualTo(-1);
        assertThat(history.operation(new UUID(1, -5))).isEqualTo(-1);
    }

    @Test
    void a_million_operations_are_checked_in_the_memory_of_a_test() {
        Verdict verdict = check(new ModelLedger(1, Fault.NONE, 0).run(1_000_000));

        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.operations()).isGreaterThanOrEqualTo(1_000_000);
    }

    private static Verdict check(ModelLedger ledger) {
        return HistoryCheck.of(ledger.history, ledger.book);
    }
}
