package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SnapshotPaceTest {
    private static final long SECOND = 1_000_000_000L;
    private final SnapshotPace pace = new SnapshotPace(1000);

    private void apply(int entries, int commands, long nanosEach) {
        for (int i = 0; i < entries; i++) {
            pace.applied(commands, nanosEach);
        }
    }

    @Test
    void so_many_entries_are_enough_however_fast_they_were() {
        apply(999, 1, 0);
        assertThat(pace.due()).isFalse();

        apply(1, 1, 0);
        assertThat(pace.due()).isTrue();
    }

    @Test
    void a_large_entry_counts_by_its_commands() {
        apply(12, 8000, 0);
        assertThat(pace.due()).isFalse();

        apply(1, 8000, 0);
        assertThat(pace.due()).isTrue();
    }

    @Test
    void a_second_of_applying_is_enough_for_work_that_is_worth_it() {
        apply(50, 1, SECOND / 50 - 1);
        assertThat(pace.due()).isFalse();

        apply(1, 1, 50);
        assertThat(pace.due()).isTrue();
    }

    @Test
    void a_slow_beginning_is_no_work() {
        apply(49, 1, SECOND);

        assertThat(pace.due()).isFalse();
    }

    @Test
    void a_costly_write_makes_the_next_one_wait() {
        pace.written(SECOND / 2);
        apply(399, 1, SECOND / 100);
        assertThat(pace.due()).isFalse();

        apply(1, 1, SECOND / 100);
        assertThat(pace.due()).isTrue();
    }

    @Test
    void it_begins_anew_after_each() {
        apply(1000, 1, SECOND);
        pace.reset();

        assertThat(pace.due()).isFalse();
    }
}
