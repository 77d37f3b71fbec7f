package io.homeostat.merkle.bundle;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * A set of transfer ids at about 32 bytes each, because a journal has millions: open addressing over pairs of longs, salted
 * so that a stranger's ids can not be chosen to collide. Not thread-safe.
 */
final class TransferIds {
    private static final long ODD = 0x9e3779b97f4a7c15L;

    private final long salt = new SecureRandom().nextLong();
    private long[] slots = new long[2 << 10];
    private int size;
    private boolean zero;

    /** True when the id was not there before. */
    boolean add(UUID id) {
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        if (high == 0 && low == 0) {
            boolean fresh = !zero;
            zero = true;
            return fresh;
        }
        if (size * 2 >= slots.length / 2) {
            grow();
        }
        boolean fresh = put(slots, high, low);
        size += fresh ? 1 : 0;
        return fresh;
    }

    private boolean put(long[] slots, long high, long low) {
        int mask = slots.length / 2 - 1;
        long mixed = (high ^ salt) * ODD;
        mixed = (low ^ salt ^ mixed >>> 29) * ODD;
        int slot = (int) (mixed >>> 33) & mask;
        while (slots[2 * slot] != 0 || slots[2 * slot + 1] != 0) {
            if (slots[2 * slot] == high && slots[2 * slot + 1] == low) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        slots[2 * slot] = high;
        slots[2 * slot + 1] = low;
        return true;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0 || slots[i + 1] != 0) {
                put(larger, slots[i], slots[i + 1]);
            }
        }
        slots = larger;
    }
}
