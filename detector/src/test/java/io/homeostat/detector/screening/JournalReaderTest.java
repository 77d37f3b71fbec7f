package io.homeostat.detector.screening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JournalReaderTest {
    private final Journal journal = new Journal();
    private final MapMemory memory = new MapMemory();

    @Test
    void leaves_become_movements_with_what_earlier_leaves_said_of_their_accounts() throws Exception {
        int a = journal.account("alice");
        int b = journal.account("bob");
        journal.posted(a, b, 500);
        journal.other(57);
        String transfer = journal.asked(b, a, 700);
        journal.released(transfer, 700);

        List<Movement> movements = read();

        assertThat(movements)
                .extracting(Movement::kind)
                .containsExactly(Movement.POSTED, Movement.ASKED, Movement.RELEASED);
        Movement asked = movements.get(1);
        assertThat(asked.debitId()).isEqualTo("bob");
        assertThat(asked.creditId()).isEqualTo("alice");
        assertThat(asked.asset()).isEqualTo("EUR");
        assertThat(asked.amountMinor()).isEqualTo(700);
        assertThat(asked.transfer()).isEqualTo(transfer);
        assertThat(asked.payloadDigest()).hasSize(64);
        assertThat(asked.dueMicros()).isGreaterThan(asked.timeMicros());
    }

    @Test
    void a_hold_that_was_voided_is_no_movement() throws Exception {
        int a = journal.account("alice");
        String transfer = journal.asked(a, journal.account("bob"), 700);
        journal.voided(transfer);
        journal.released(transfer, 700);

        assertThat(read()).extracting(Movement::kind).containsExactly(Movement.ASKED);
    }

    @Test
    void a_leaf_that_is_cut_off_or_of_another_version_is_refused() {
        journal.posted(0, 1, 5);
        byte[] leaf = journal.leaves().get(0).leaf();

        for (int length = 0; length < leaf.length; length++) {
            byte[] cut = Arrays.copyOf(leaf, length);
            assertThatThrownBy(() -> new JournalReader().read(new LeafRecord(0, cut), memory))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("leaf 0");
        }
        leaf[0] = 2;
        assertThatThrownBy(() -> new JournalReader().read(new LeafRecord(0, leaf), memory))
                .hasMessageContaining("version 1");
    }

    private List<Movement> read() throws Exception {
        JournalReader reader = new JournalReader();
        List<Movement> movements = new java.util.ArrayList<>();
        for (LeafRecord leaf : journal.leaves()) {
            movements.add(reader.read(leaf, memory));
        }
        return movements.stream().filter(Objects::nonNull).toList();
    }
}
