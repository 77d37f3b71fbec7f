package io.homeostat.ledger.check;

import java.util.UUID;

/** Ids seen so far: 32 bytes each at most, no objects. Not thread-safe. */
final class IdSet {
    private long[] slots = new long[1 << 12];
    private int used;
    private boolean zero;

    /** @return false when it was there already */
    boolean add(UUID id) {
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        if (high == 0 && low == 0) {
            boolean first = !zero;
            zero = true;
            return first;
        }
        if ((used + 1) * 4L > slots.length) {
            grow();
        }
        return put(slots, high, low);
    }

    private boolean put(long[] table, long high, long low) {
        int mask = table.length / 2 - 1;
        int slot = (int) spread(high, low) & mask;
        while (table[2 * slot] != 0 || table[2 * slot + 1] != 0) {
            if (table[2 * slot] == high && table[2 * slot + 1] == low) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        table[2 * slot] = high;
        table[2 * slot + 1] = low;
        used++;
        return true;
    }

    private void grow() {
        long[] grown = new long[slots.length * 2];
        used = 0;
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0 || slots[i + 1] != 0) {
                put(grown, slots[i], slots[i + 1]);
            }
        }
        slots = grown;
    }

    private static long spread(long high, long low) {
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9E3779B97F4A7C15L;
        return mixed ^ mixed >>> 29;
    }
}
