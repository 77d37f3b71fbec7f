package io.homeostat.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferIdsTest {
    private final TransferIds ids = new TransferIds(42);

    @Test
    void an_id_tells_its_number_and_a_foreign_one_tells_none() {
        Set<UUID> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            long number = ids.take();
            assertThat(ids.number(ids.high(number), ids.low(number))).isEqualTo(i);
            seen.add(new UUID(ids.high(number), ids.low(number)));
        }

        assertThat(seen).hasSize(10_000);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10_000; i++) {
            assertThat(ids.number(random.nextLong(), random.nextLong())).isEqualTo(-1);
        }
    }

    @Test
    void an_acknowledged_id_that_is_not_struck_remains() {
        for (int i = 0; i < 3_000_000; i++) {
            ids.take();
        }
        ids.acknowledge(0);
        ids.acknowledge(2_999_999);
        ids.acknowledge(2_999_999);
        assertThat(ids.remaining()).isEqualTo(2);

        assertThat(ids.strike(2_999_999)).isTrue();
        assertThat(ids.strike(2_999_999)).isFalse();
        assertThat(ids.strike(5)).isFalse();
        assertThat(ids.strike(-1)).isFalse();

        assertThat(ids.remaining()).isEqualTo(1);
    }

    @Test
    void accounts_are_drawn_by_their_popularity() {
        AccountChoice choice = new AccountChoice(1000, 1.0, new SplittableRandom(3));
        int[] drawn = new int[1000];
        for (int i = 0; i < 1_000_000; i++) {
            drawn[choice.next()]++;
        }

        // The sum of 1/i up to 1000 is 7.485.
        assertThat(drawn[0]).isBetween(132_000, 135_000);
        assertThat(drawn[1]).isBetween(65_500, 68_000);
        assertThat(drawn[999]).isBetween(80, 190);
        assertThat(choice.other(7)).isNotEqualTo(7);
    }
}
