package io.homeostat.ledger.state;

/**
 * Finds the position of an id by open addressing: one long per slot, of 32 bits of the id's hash and the position. Ids
 * themselves are compared where they stand. Slots double until they are enough for the window, some ms in all; taken ids go
 * by moving what follows them back, so nothing is left behind. Not thread-safe.
 */
final class RecentIds {
    static final int NONE = -1;
    private static final int FIRST_SLOTS = 1 << 10;
    private static final long POSITION = 0xffff_ffffL;

    /** Whether this id stands at the position. */
    interface Ids {
        boolean same(int position, long idHigh, long idLow);
    }

    private final Ids ids;
    private long[] slots = new long[FIRST_SLOTS];
    private int used;

    RecentIds(Ids ids) {
        this.ids = ids;
    }

    int find(long hash, long idHigh, long idLow) {
        int mask = slots.length - 1;
        int tag = (int) hash;
        for (int at = tag & mask; slots[at] != 0; at = at + 1 & mask) {
            if ((int) (slots[at] >>> 32) == tag) {
                int position = (int) (slots[at] & POSITION) - 1;
                if (ids.same(position, idHigh, idLow)) {
                    return position;
                }
            }
        }
        return NONE;
    }

    /** What stands where the search for it begins: read ahead, so that the search need not wait for memory. */
    long touch(long hash) {
        return slots[(int) hash & slots.length - 1];
    }

    /** The id is not there yet. */
    void add(long hash, int position) {
        if ((used + 1) * 2 > slots.length) {
            grow();
        }
        used++;
        occupy((long) (int) hash << 32 | position + 1L);
    }

    void remove(long hash, int position) {
        int mask = slots.length - 1;
        long entry = (long) (int) hash << 32 | position + 1L;
        int at = (int) hash & mask;
        while (slots[at] != entry) {
            if (slots[at] == 0) {
                throw new InvariantViolation(
                        "expected the id at position " + position + " in the table but found none");
            }
            at = at + 1 & mask;
        }
        used--;
        int hole = at;
        slots[hole] = 0;
        for (int next = hole + 1 & mask; slots[next] != 0; next = next + 1 & mask) {
            int home = (int) (slots[next] >>> 32) & mask;
            // It may fill the hole unless its home lies behind the hole.
            if ((next - home & mask) >= (next - hole & mask)) {
                slots[hole] = slots[next];
                slots[next] = 0;
                hole = next;
            }
        }
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        for (long entry : old) {
            if (entry != 0) {
                occupy(entry);
            }
        }
    }

    private void occupy(long entry) {
        int mask = slots.length - 1;
        int at = (int) (entry >>> 32) & mask;
        while (slots[at] != 0) {
            at = at + 1 & mask;
        }
        slots[at] = entry;
    }
}
