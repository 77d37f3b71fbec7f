package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.util.Arrays;

/**
 * Puts rows of one buffer in order without moving them: a byte of the key at a time, the last first, bytes that all rows share
 * left out. The same number of steps whatever their keys are. Not thread-safe.
 */
final class RowSorter {
    private static final int VALUES = 256;

    private final int[] starts = new int[VALUES];
    private long[] high = new long[0];
    private long[] low = new long[0];
    private int[] order = new int[0];
    private int[] spare = new int[0];

    /** @return numbers of the rows in order; valid until the next call, and longer than {@code count} */
    int[] sort(byte[] rows, int count, Order by) {
        if (count > order.length) {
            high = new long[count];
            low = new long[count];
            order = new int[count];
            spare = new int[count];
        }
        for (int i = 0; i < count; i++) {
            // Signed longs in order are these in order of their bytes.
            high[i] = by.high(rows, i * ArchivedRow.BYTES) ^ Long.MIN_VALUE;
            low[i] = by.low(rows, i * ArchivedRow.BYTES) ^ Long.MIN_VALUE;
            order[i] = i;
        }
        byBytesOf(low, count);
        byBytesOf(high, count);
        return order;
    }

    private void byBytesOf(long[] keys, int count) {
        long differing = 0;
        for (int i = 1; i < count; i++) {
            differing |= keys[i] ^ keys[0];
        }
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            if ((differing >>> shift & VALUES - 1) != 0) {
                byByte(keys, shift, count);
            }
        }
    }

    private void byByte(long[] keys, int shift, int count) {
        Arrays.fill(starts, 0);
        for (int i = 0; i < count; i++) {
            starts[(int) (keys[i] >>> shift) & VALUES - 1]++;
        }
        int at = 0;
        for (int value = 0; value < VALUES; value++) {
            int rows = starts[value];
            starts[value] = at;
            at += rows;
        }
        for (int i = 0; i < count; i++) {
            int row = order[i];
            spare[starts[(int) (keys[row] >>> shift) & VALUES - 1]++] = row;
        }
        int[] sorted = spare;
        spare = order;
        order = sorted;
    }
}
