package io.homeostat.deploy.bench;

import java.util.Arrays;

/**
 * Ids of transfers by number, so that whoever sees an id in the journal knows its number: acknowledged ones are then
 * remembered in one bit each, and a run of millions can be checked whole. Ids look random to the ledger's tables.
 *
 * <p>Not thread-safe. Source of the mixing: finalizer of MurmurHash3, variant 13 of D. Stafford.
 */
final class TransferIds {
    private final long seed;
    private long[] acknowledged = new long[1 << 14];
    private long count;
    private long next;

    TransferIds(long seed) {
        this.seed = seed;
    }

    long take() {
        return next++;
    }

    long high(long number) {
        return mix(number ^ seed);
    }

    long low(long number) {
        return number ^ mix(high(number) + seed);
    }

    /** Number of an id; -1 when it is none of these. */
    long number(long high, long low) {
        long number = low ^ mix(high + seed);
        return number >= 0 && number < next && high(number) == high ? number : -1;
    }

    void acknowledge(long number) {
        int word = (int) (number >>> 6);
        if (word >= acknowledged.length) {
            acknowledged = Arrays.copyOf(acknowledged, Math.max(word + 1, acknowledged.length * 2));
        }
        long bit = 1L << number;
        if ((acknowledged[word] & bit) == 0) {
            acknowledged[word] |= bit;
            count++;
        }
    }

    /** True once for every acknowledged id: it is struck from the list. */
    boolean strike(long number) {
        int word = (int) (number >>> 6);
        long bit = 1L << number;
        if (number < 0 || word >= acknowledged.length || (acknowledged[word] & bit) == 0) {
            return false;
        }
        acknowledged[word] &= ~bit;
        count--;
        return true;
    }

    /** Acknowledged and not struck. */
    long remaining() {
        return count;
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
