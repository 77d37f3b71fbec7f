package io.homeostat.merkle.bundle;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * Transfer ids, and of posted ones a digest of what they moved, at about 48 bytes each, because a journal has millions: open
 * addressing over pairs of longs, salted so that a stranger's ids can not be chosen to collide. Not thread-safe.
 */
final class TransferIds {
    private static final long ODD = 0x9e3779b97f4a7c15L;

    private final long salt = new SecureRandom().nextLong();
    private long[] slots = new long[2 << 10];
    private long[] moved = new long[1 << 10];
    private int size;
    private boolean zero;
    private long movedByZero;

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
        int slot = slot(slots, high, low);
        if (!isFree(slots, slot)) {
            return false;
        }
        slots[2 * slot] = high;
        slots[2 * slot + 1] = low;
        size++;
        return true;
    }

    /** Remembers what a transfer moved, for a reversal to be compared with. The id was added before. */
    void posted(UUID id, long digest) {
        if (isZero(id)) {
            movedByZero = digest;
        } else {
            moved[slot(slots, id.getMostSignificantBits(), id.getLeastSignificantBits())] = digest;
        }
    }

    /** What was remembered; 0 for an id that is unknown or not posted. */
    long moved(UUID id) {
        return isZero(id) ? movedByZero : moved[slot(slots, id.getMostSignificantBits(), id.getLeastSignificantBits())];
    }

    /** Part of the digest of a transfer: add up those of its legs, in any order. */
    long leg(long account, long amount) {
        long mixed = (account ^ salt) * ODD;
        mixed = (mixed ^ mixed >>> 32 ^ amount) * ODD;
        return (mixed ^ mixed >>> 29 ^ salt) * ODD;
    }

    private static boolean isZero(UUID id) {
        return id.getMostSignificantBits() == 0 && id.getLeastSignificantBits() == 0;
    }

    /** Where the id stands, or where it would. */
    private int slot(long[] table, long high, long low) {
        int mask = table.length / 2 - 1;
        long mixed = (high ^ salt) * ODD;
        mixed = (low ^ salt ^ mixed >>> 29) * ODD;
        int slot = (int) (mixed >>> 33) & mask;
        while (!isFree(table, slot) && (table[2 * slot] != high || table[2 * slot + 1] != low)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static boolean isFree(long[] table, int slot) {
        return table[2 * slot] == 0 && table[2 * slot + 1] == 0;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        long[] largerMoved = new long[moved.length * 2];
        for (int i = 0; i < moved.length; i++) {
            if (!isFree(slots, i)) {
                int slot = slot(larger, slots[2 * i], slots[2 * i + 1]);
                larger[2 * slot] = slots[2 * i];
                larger[2 * slot + 1] = slots[2 * i + 1];
                largerMoved[slot] = moved[i];
            }
        }
        slots = larger;
        moved = largerMoved;
    }
}
