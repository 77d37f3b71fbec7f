package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.util.Arrays;

/**
 * Puts rows of one buffer in order without moving them, rows of the same key as they came: by the first four bytes in which
 * keys differ, a byte at a time, and then each to its place among the few that share those. Keys that were chosen to share them
 * are sorted by all their bytes, so no ids make it slow. Not thread-safe.
 */
final class RowSorter {
    private static final int VALUES = 256;
    /** Of random ids hardly two share so many; of those with the time in front a few do. */
    private static final int LEADING_BYTES = 4;
    /** Steps for each row, on average, after which there are too many of one beginning. */
    private static final int MOST_STEPS = 4;

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
        int[] highShifts = differing(high, count);
        int[] lowShifts = differing(low, count);
        int ofHigh = Math.min(LEADING_BYTES, highShifts.length);
        by(low, lowShifts, Math.min(LEADING_BYTES - ofHigh, lowShifts.length), count);
        by(high, highShifts, ofHigh, count);
        if (!settle(count)) {
            by(low, lowShifts, lowShifts.length, count);
            by(high, highShifts, highShifts.length, count);
        }
        return order;
    }

    /** Where the bytes lie that are not the same in all keys, the one that counts most first. */
    private static int[] differing(long[] keys, int count) {
        long differing = 0;
        for (int i = 1; i < count; i++) {
            differing |= keys[i] ^ keys[0];
        }
        int[] shifts = new int[Long.BYTES];
        int found = 0;
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            if ((differing >>> shift & VALUES - 1) != 0) {
                shifts[found++] = shift;
            }
        }
        return Arrays.copyOf(shifts, found);
    }

    /** By the first so many of these bytes, the last of them first: then the first one counts most. */
    private void by(long[] keys, int[] shifts, int bytes, int count) {
        for (int i = bytes - 1; i >= 0; i--) {
            byByte(keys, shifts[i], count);
        }
    }

    /** Moves each row in front of those with a greater key; false when that takes too many steps. */
    private boolean settle(int count) {
        int steps = MOST_STEPS * count;
        for (int i = 1; i < count; i++) {
            int row = order[i];
            int to = i;
            while (to > 0 && steps > 0 && before(row, order[to - 1])) {
                order[to] = order[to - 1];
                to--;
                steps--;
            }
            order[to] = row;
        }
        return steps > 0;
    }

    private boolean before(int one, int other) {
        int byHigh = Long.compareUnsigned(high[one], high[other]);
        return byHigh != 0 ? byHigh < 0 : Long.compareUnsigned(low[one], low[other]) < 0;
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
