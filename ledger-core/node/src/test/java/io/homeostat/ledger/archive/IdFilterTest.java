package io.homeostat.ledger.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class IdFilterTest {
    /** The small first layers make all four and overfill the last. */
    @ParameterizedTest
    @CsvSource({"1,32", "2,100", "3,4096", "4,524288"})
    void an_id_that_was_added_is_never_denied(long seed, long firstIds) {
        IdFilter filter = new IdFilter(firstIds);
        Random random = new Random(seed);
        List<UUID> added = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            UUID id = switch (i % 3) {
                case 0 -> new UUID(0, i);
                case 1 -> new UUID(i, -1);
                default -> new UUID(random.nextLong(), random.nextLong());
            };
            filter.add(id.getMostSignificantBits(), id.getLeastSignificantBits());
            added.add(id);
            UUID before = added.get(random.nextInt(added.size()));
            if (!filter.mayHold(before.getMostSignificantBits(), before.getLeastSignificantBits())) {
                throw new AssertionError("denied after " + added.size() + " ids: " + before);
            }
        }
        assertThat(added).allMatch(id -> filter.mayHold(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }

    @Test
    void of_new_ids_few_pass_when_layers_are_full_and_all_when_nothing_was_added_are_denied() {
        IdFilter filter = new IdFilter(10_000);
        assertThat(filter.mayHold(1, 2)).isFalse();
        for (long i = 0; i < 50_000; i++) {
            filter.add(i, i * i);
        }
        int passed = 0;
        for (long i = 0; i < 100_000; i++) {
            passed += filter.mayHold(i, -i - 1) ? 1 : 0;
        }
        // Two full layers: two in a thousand are expected.
        assertThat(passed).isLessThan(1000);
    }
}
