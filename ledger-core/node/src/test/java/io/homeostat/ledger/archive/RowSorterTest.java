package io.homeostat.ledger.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RowSorterTest {
    private static final int ROWS = 3000;
    private final RowSorter sorter = new RowSorter();
    private final Random random = new Random(3);

    @Test
    void random_ids() {
        assertSorted(high -> random.nextLong(), low -> random.nextLong());
    }

    @Test
    void ids_with_the_time_in_front() {
        assertSorted(i -> 0x0192_0000_0000_7000L + (i / 40 << 16) + random.nextInt(1 << 12), low -> random.nextLong());
    }

    @Test
    void ids_that_share_their_beginnings_and_differ_behind() {
        assertSorted(i -> random.nextInt(2) == 0 ? 5 : Long.MIN_VALUE, low -> random.nextInt(1 << 16));
        assertSorted(i -> i % 3 << 56 | random.nextInt(1 << 20), low -> -random.nextInt(1 << 16));
    }

    @Test
    void equal_ids_stay_as_they_came() {
        assertSorted(i -> random.nextInt(5), low -> 0);
        assertSorted(i -> 7, low -> 7);
    }

    @Test
    void one_row_and_none() {
        assertThat(sorter.sort(new byte[0], 0, Order.BY_ID)).isNotNull();
        assertThat(sorter.sort(new byte[ArchivedRow.BYTES], 1, Order.BY_ID)).startsWith(0);
    }

    private void assertSorted(LongUnaryOperator high, LongUnaryOperator low) {
        byte[] rows = new byte[ROWS * ArchivedRow.BYTES];
        ByteBuffer out = ByteBuffer.wrap(rows);
        for (int i = 0; i < ROWS; i++) {
            out.putLong(i * ArchivedRow.BYTES, ROWS - i);
            out.putLong(i * ArchivedRow.BYTES + 8, high.applyAsLong(i));
            out.putLong(i * ArchivedRow.BYTES + 16, low.applyAsLong(i));
        }
        for (Order order : Order.values()) {
            Integer[] expected = IntStream.range(0, ROWS).boxed().toArray(Integer[]::new);
            Arrays.sort(
                    expected,
                    Comparator.comparingLong((Integer row) -> order.high(rows, row * ArchivedRow.BYTES))
                            .thenComparingLong(row -> order.low(rows, row * ArchivedRow.BYTES)));
            int[] found = Arrays.copyOf(sorter.sort(rows, ROWS, order), ROWS);
            assertThat(found)
                    .isEqualTo(Arrays.stream(expected).mapToInt(row -> row).toArray());
        }
    }
}
