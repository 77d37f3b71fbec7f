package io.homeostat.ledger.state;

import io.homeostat.ledger.attest.AccountPages;
import io.homeostat.ledger.journal.LedgerEvent;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All accounts by ordinal, laid out for the memory that a posting has to fetch: an id is found with one look at the table and
 * one at its bytes, the four balances of an account stand side by side, what never changes of it is one number, and no object
 * is made. Not thread-safe; amounts in minor units.
 *
 * <pre>
 * slot: upper half of the id's mix | place of its name, 0 where free; at most half full
 * name: i32 ordinal | u8 length | ASCII
 * traits: asset &lt;&lt; 16 | exponent &lt;&lt; 8 | class &lt;&lt; 2 | limits
 * </pre>
 */
final class AccountTable implements AccountPages.Balances {
    static final int NONE = -1;
    private static final int FIRST_CAPACITY = 1024;
    private static final int LIMIT_OF_DEBITS = 1;
    private static final int LIMIT_OF_CREDITS = 2;
    private static final int NAME_BYTES = Integer.BYTES + 1;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** The limits allow fewer and shorter names than would fill it. */
    private static final int MAX_NAMES_BYTES = Integer.MAX_VALUE - 16;

    /** Numbers of one account in {@link #balances}. */
    private static final int STRIDE = 4;

    private static final int DEBITS = 0;
    private static final int CREDITS = 1;
    private static final int HELD_DEBITS = 2;
    private static final int HELD_CREDITS = 3;

    private final List<String> assets = new ArrayList<>();
    private final List<Integer> assetExponents = new ArrayList<>();
    private long[] slots = new long[FIRST_CAPACITY * 2];
    private byte[] names = new byte[FIRST_CAPACITY * 16];
    /** Bytes of {@link #names} in use; the first is none's, so that no place is 0. */
    private int namesEnd = 1;

    private int[] places = new int[FIRST_CAPACITY];
    private int[] traits = new int[FIRST_CAPACITY];
    private long[] balances = new long[FIRST_CAPACITY * STRIDE];
    private int count;

    int find(String id) {
        byte[] name = id.getBytes(StandardCharsets.ISO_8859_1);
        return find(name, 0, name.length, Mix.text(name, 0, name.length));
    }

    /** @param mix of the id's bytes, see {@link Mix#text(byte[], int, int)} */
    int find(byte[] in, int offset, int length, long mix) {
        int mask = slots.length - 1;
        for (int slot = (int) mix & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            long found = slots[slot];
            if ((int) (found >>> 32) == (int) (mix >>> 32)) {
                int place = (int) found;
                int from = place + NAME_BYTES;
                if ((names[place + Integer.BYTES] & 0xff) == length
                        && Arrays.equals(names, from, from + length, in, offset, offset + length)) {
                    return (int) INT.get(names, place);
                }
            }
        }
        return NONE;
    }

    /** Where the search for a name with this mix reads first: 0 when nothing stands there. */
    int place(long mix) {
        return (int) slots[(int) mix & slots.length - 1];
    }

    /** Brings the name at a {@linkplain #place place} to the processor. What it gives back means nothing. */
    int touchName(int place) {
        return names[place];
    }

    /** The same with what {@link #post} will change and what decides on it. */
    long touchBalances(int ordinal) {
        return ordinal == NONE ? 0 : balances[ordinal * STRIDE] ^ traits[ordinal];
    }

    void add(LedgerEvent.AccountCreated created) {
        if (created.ordinal() != count) {
            throw new InvariantViolation(
                    "expected the next account's ordinal " + count + " but found " + created.ordinal());
        }
        if (count == places.length) {
            growColumns();
        }
        if ((count + 1) * 2 > slots.length) {
            growSlots();
        }
        places[count] = remember(created.id().getBytes(StandardCharsets.ISO_8859_1));
        int limits = (created.debitsMustNotExceedCredits() ? LIMIT_OF_DEBITS : 0)
                | (created.creditsMustNotExceedDebits() ? LIMIT_OF_CREDITS : 0);
        traits[count] = assetOrdinal(created.asset(), created.exponent()) << 16
                | created.exponent() << 8
                | created.classNumber() << 2
                | limits;
        count++;
        occupy(slots, count - 1);
    }

    /**
     * The accounts as they stand now, for a reader in another thread. Only balances change after an account was made, so
     * only they are copied: 32 bytes per account, some 10 ms per million. What a later account adds stands behind what the
     * copy reads. A new column that changes later is copied too.
     */
    AccountTable freeze() {
        AccountTable frozen = new AccountTable();
        frozen.assets.addAll(assets);
        frozen.assetExponents.addAll(assetExponents);
        frozen.names = names;
        frozen.places = places;
        frozen.traits = traits;
        frozen.balances = Arrays.copyOf(balances, count * STRIDE);
        frozen.count = count;
        return frozen;
    }

    @Override
    public int count() {
        return count;
    }

    String id(int ordinal) {
        int place = places[ordinal];
        return new String(names, place + NAME_BYTES, names[place + Integer.BYTES] & 0xff, StandardCharsets.ISO_8859_1);
    }

    String asset(int ordinal) {
        return assets.get(assetNumber(ordinal));
    }

    int assetNumber(int ordinal) {
        return traits[ordinal] >>> 16;
    }

    boolean sameAsset(int one, int other) {
        return assetNumber(one) == assetNumber(other);
    }

    int exponent(int ordinal) {
        return traits[ordinal] >>> 8 & 0xff;
    }

    int classNumber(int ordinal) {
        return traits[ordinal] >>> 2 & 0x3f;
    }

    /** True when its debits must not exceed its credits. */
    boolean flagged(int ordinal) {
        return (traits[ordinal] & LIMIT_OF_DEBITS) != 0;
    }

    /** True when its credits must not exceed its debits. */
    boolean creditsLimited(int ordinal) {
        return (traits[ordinal] & LIMIT_OF_CREDITS) != 0;
    }

    /** {@link #NONE} when no account has it. */
    int findAsset(String name) {
        return assets.indexOf(name);
    }

    int assetCount() {
        return assets.size();
    }

    /** Exponent that the accounts of an asset have; {@link #NONE} for a new asset. */
    int exponentOfAsset(String name) {
        int known = assets.indexOf(name);
        return known < 0 ? NONE : assetExponents.get(known);
    }

    long debitsPosted(int ordinal) {
        return balances[ordinal * STRIDE + DEBITS];
    }

    long creditsPosted(int ordinal) {
        return balances[ordinal * STRIDE + CREDITS];
    }

    long debitsHeld(int ordinal) {
        return balances[ordinal * STRIDE + HELD_DEBITS];
    }

    long creditsHeld(int ordinal) {
        return balances[ordinal * STRIDE + HELD_CREDITS];
    }

    /** True when a side would pass 63 bits, what is held included: so a hold can always be posted. */
    boolean overflows(int debit, int credit, long amount) {
        return amount > Long.MAX_VALUE - debitsPosted(debit) - debitsHeld(debit)
                || amount > Long.MAX_VALUE - creditsPosted(credit) - creditsHeld(credit);
    }

    /** Funds on the credit side that neither a posted nor a held debit has taken. */
    long available(int ordinal) {
        return creditsPosted(ordinal) - debitsPosted(ordinal) - debitsHeld(ordinal);
    }

    /** What can be credited until posted and held credits are the debits. */
    long creditable(int ordinal) {
        return debitsPosted(ordinal) - creditsPosted(ordinal) - creditsHeld(ordinal);
    }

    /** One leg; positive is a credit, negative a debit. */
    void postLeg(int ordinal, long amount) {
        if (amount < 0) {
            balances[ordinal * STRIDE + DEBITS] -= amount;
        } else {
            balances[ordinal * STRIDE + CREDITS] += amount;
        }
    }

    void post(int debit, int credit, long amount) {
        balances[debit * STRIDE + DEBITS] += amount;
        balances[credit * STRIDE + CREDITS] += amount;
    }

    void hold(int debit, int credit, long amount) {
        balances[debit * STRIDE + HELD_DEBITS] += amount;
        balances[credit * STRIDE + HELD_CREDITS] += amount;
    }

    void free(int debit, int credit, long amount) {
        balances[debit * STRIDE + HELD_DEBITS] -= amount;
        balances[credit * STRIDE + HELD_CREDITS] -= amount;
    }

    /** Damage on purpose: one side only, and nothing is told of it. */
    void drift(int ordinal, long delta) {
        if (delta >= 0) {
            balances[ordinal * STRIDE + CREDITS] += delta;
        } else {
            balances[ordinal * STRIDE + DEBITS] -= delta;
        }
    }

    void restoreBalances(int ordinal, long debits, long credits, long heldDebits, long heldCredits) {
        balances[ordinal * STRIDE + DEBITS] = debits;
        balances[ordinal * STRIDE + CREDITS] = credits;
        balances[ordinal * STRIDE + HELD_DEBITS] = heldDebits;
        balances[ordinal * STRIDE + HELD_CREDITS] = heldCredits;
    }

    @Override
    public void write(int ordinal, ByteBuffer out) {
        out.putLong(debitsPosted(ordinal))
                .putLong(creditsPosted(ordinal))
                .putLong(debitsHeld(ordinal))
                .putLong(creditsHeld(ordinal));
    }

    /** Sum of balances per asset ordinal. Sums wrap at 64 bits, so a small true sum is exact whatever the parts are. */
    long[] sums() {
        long[] sums = new long[assets.size()];
        for (int i = 0; i < count; i++) {
            sums[assetNumber(i)] += creditsPosted(i) - debitsPosted(i);
        }
        return sums;
    }

    String assetName(int assetOrdinal) {
        return assets.get(assetOrdinal);
    }

    private int assetOrdinal(String name, int exponentOfNew) {
        int known = assets.indexOf(name);
        if (known >= 0) {
            return known;
        }
        assets.add(name);
        assetExponents.add(exponentOfNew);
        return assets.size() - 1;
    }

    private int remember(byte[] name) {
        int place = namesEnd;
        if (place + NAME_BYTES + name.length > names.length) {
            names = Arrays.copyOf(names, (int) Math.min(MAX_NAMES_BYTES, names.length + names.length / 2 + 1024L));
        }
        INT.set(names, place, count);
        names[place + Integer.BYTES] = (byte) name.length;
        System.arraycopy(name, 0, names, place + NAME_BYTES, name.length);
        namesEnd = place + NAME_BYTES + name.length;
        return place;
    }

    private void growColumns() {
        int capacity = places.length * 2;
        places = Arrays.copyOf(places, capacity);
        traits = Arrays.copyOf(traits, capacity);
        balances = Arrays.copyOf(balances, capacity * STRIDE);
    }

    private void growSlots() {
        long[] grown = new long[slots.length * 2];
        for (int ordinal = 0; ordinal < count; ordinal++) {
            occupy(grown, ordinal);
        }
        slots = grown;
    }

    private void occupy(long[] table, int ordinal) {
        int place = places[ordinal];
        long mix = Mix.text(names, place + NAME_BYTES, names[place + Integer.BYTES] & 0xff);
        int mask = table.length - 1;
        int slot = (int) mix & mask;
        while (table[slot] != 0) {
            slot = slot + 1 & mask;
        }
        table[slot] = mix >>> 32 << 32 | place;
    }
}
