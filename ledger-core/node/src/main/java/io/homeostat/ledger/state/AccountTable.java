package io.homeostat.ledger.state;

import io.homeostat.ledger.attest.AccountPages;
import io.homeostat.ledger.journal.LedgerEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All accounts in columns, by ordinal; ids are found through an open-addressing table. A posting touches four numbers in
 * four arrays and makes no object. Not thread-safe; amounts in minor units.
 */
final class AccountTable implements AccountPages.Balances {
    static final int NONE = -1;
    private static final int FIRST_CAPACITY = 1024;
    private static final byte LIMIT_OF_DEBITS = 1;
    private static final byte LIMIT_OF_CREDITS = 2;

    private final List<String> assets = new ArrayList<>();
    private final List<Integer> assetExponents = new ArrayList<>();
    private String[] ids = new String[FIRST_CAPACITY];
    private int[] asset = new int[FIRST_CAPACITY];
    private byte[] exponent = new byte[FIRST_CAPACITY];
    private byte[] classNumber = new byte[FIRST_CAPACITY];
    private byte[] limits = new byte[FIRST_CAPACITY];
    private long[] debitsPosted = new long[FIRST_CAPACITY];
    private long[] creditsPosted = new long[FIRST_CAPACITY];
    private long[] debitsHeld = new long[FIRST_CAPACITY];
    private long[] creditsHeld = new long[FIRST_CAPACITY];
    private int count;
    /** Ordinal + 1, 0 where free; at most half full. */
    private int[] slots = new int[FIRST_CAPACITY * 2];

    int find(String id) {
        int mask = slots.length - 1;
        for (int slot = spread(id) & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            if (ids[slots[slot] - 1].equals(id)) {
                return slots[slot] - 1;
            }
        }
        return NONE;
    }

    void add(LedgerEvent.AccountCreated created) {
        if (created.ordinal() != count) {
            throw new InvariantViolation(
                    "expected the next account's ordinal " + count + " but found " + created.ordinal());
        }
        if (count == ids.length) {
            growColumns();
        }
        if ((count + 1) * 2 > slots.length) {
            growSlots();
        }
        ids[count] = created.id();
        asset[count] = assetOrdinal(created.asset(), created.exponent());
        exponent[count] = (byte) created.exponent();
        classNumber[count] = (byte) created.classNumber();
        limits[count] = (byte) ((created.debitsMustNotExceedCredits() ? LIMIT_OF_DEBITS : 0)
                | (created.creditsMustNotExceedDebits() ? LIMIT_OF_CREDITS : 0));
        count++;
        occupy(slots, count - 1);
    }

    /**
     * The accounts as they stand now, for a reader in another thread. Only balances change after an account was made, so
     * only they are copied: 32 bytes per account, some 10 ms per million. A new column that changes later is copied too.
     */
    AccountTable freeze() {
        AccountTable frozen = new AccountTable();
        frozen.assets.addAll(assets);
        frozen.assetExponents.addAll(assetExponents);
        frozen.ids = ids;
        frozen.asset = asset;
        frozen.exponent = exponent;
        frozen.classNumber = classNumber;
        frozen.limits = limits;
        frozen.debitsPosted = Arrays.copyOf(debitsPosted, count);
        frozen.creditsPosted = Arrays.copyOf(creditsPosted, count);
        frozen.debitsHeld = Arrays.copyOf(debitsHeld, count);
        frozen.creditsHeld = Arrays.copyOf(creditsHeld, count);
        frozen.count = count;
        return frozen;
    }

    @Override
    public int count() {
        return count;
    }

    String id(int ordinal) {
        return ids[ordinal];
    }

    String asset(int ordinal) {
        return assets.get(asset[ordinal]);
    }

    boolean sameAsset(int one, int other) {
        return asset[one] == asset[other];
    }

    int exponent(int ordinal) {
        return exponent[ordinal];
    }

    int classNumber(int ordinal) {
        return classNumber[ordinal];
    }

    /** True when its debits must not exceed its credits. */
    boolean flagged(int ordinal) {
        return limits[ordinal] == LIMIT_OF_DEBITS;
    }

    /** True when its credits must not exceed its debits. */
    boolean creditsLimited(int ordinal) {
        return limits[ordinal] == LIMIT_OF_CREDITS;
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
        return debitsPosted[ordinal];
    }

    long creditsPosted(int ordinal) {
        return creditsPosted[ordinal];
    }

    long debitsHeld(int ordinal) {
        return debitsHeld[ordinal];
    }

    long creditsHeld(int ordinal) {
        return creditsHeld[ordinal];
    }

    /** True when a side would pass 63 bits, what is held included: so a hold can always be posted. */
    boolean overflows(int debit, int credit, long amount) {
        return amount > Long.MAX_VALUE - debitsPosted[debit] - debitsHeld[debit]
                || amount > Long.MAX_VALUE - creditsPosted[credit] - creditsHeld[credit];
    }

    /** Funds on the credit side that neither a posted nor a held debit has taken. */
    long available(int ordinal) {
        return creditsPosted[ordinal] - debitsPosted[ordinal] - debitsHeld[ordinal];
    }

    /** What can be credited until posted and held credits are the debits. */
    long creditable(int ordinal) {
        return debitsPosted[ordinal] - creditsPosted[ordinal] - creditsHeld[ordinal];
    }

    /** One leg; positive is a credit, negative a debit. */
    void postLeg(int ordinal, long amount) {
        if (amount < 0) {
            debitsPosted[ordinal] -= amount;
        } else {
            creditsPosted[ordinal] += amount;
        }
    }

    void post(int debit, int credit, long amount) {
        debitsPosted[debit] += amount;
        creditsPosted[credit] += amount;
    }

    void hold(int debit, int credit, long amount) {
        debitsHeld[debit] += amount;
        creditsHeld[credit] += amount;
    }

    void free(int debit, int credit, long amount) {
        debitsHeld[debit] -= amount;
        creditsHeld[credit] -= amount;
    }

    /** Damage on purpose: one side only, and nothing is told of it. */
    void drift(int ordinal, long delta) {
        if (delta >= 0) {
            creditsPosted[ordinal] += delta;
        } else {
            debitsPosted[ordinal] -= delta;
        }
    }

    void restoreBalances(int ordinal, long debits, long credits, long heldDebits, long heldCredits) {
        debitsPosted[ordinal] = debits;
        creditsPosted[ordinal] = credits;
        debitsHeld[ordinal] = heldDebits;
        creditsHeld[ordinal] = heldCredits;
    }

    @Override
    public void write(int ordinal, ByteBuffer out) {
        out.putLong(debitsPosted[ordinal])
                .putLong(creditsPosted[ordinal])
                .putLong(debitsHeld[ordinal])
                .putLong(creditsHeld[ordinal]);
    }

    /** Sum of balances per asset ordinal. Sums wrap at 64 bits, so a small true sum is exact whatever the parts are. */
    long[] sums() {
        long[] sums = new long[assets.size()];
        for (int i = 0; i < count; i++) {
            sums[asset[i]] += creditsPosted[i] - debitsPosted[i];
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

    private void growColumns() {
        int capacity = ids.length * 2;
        ids = Arrays.copyOf(ids, capacity);
        asset = Arrays.copyOf(asset, capacity);
        exponent = Arrays.copyOf(exponent, capacity);
        classNumber = Arrays.copyOf(classNumber, capacity);
        limits = Arrays.copyOf(limits, capacity);
        debitsPosted = Arrays.copyOf(debitsPosted, capacity);
        creditsPosted = Arrays.copyOf(creditsPosted, capacity);
        debitsHeld = Arrays.copyOf(debitsHeld, capacity);
        creditsHeld = Arrays.copyOf(creditsHeld, capacity);
    }

    private void growSlots() {
        int[] grown = new int[slots.length * 2];
        for (int ordinal = 0; ordinal < count; ordinal++) {
            occupy(grown, ordinal);
        }
        slots = grown;
    }

    private void occupy(int[] table, int ordinal) {
        int mask = table.length - 1;
        int slot = spread(ids[ordinal]) & mask;
        while (table[slot] != 0) {
            slot = slot + 1 & mask;
        }
        table[slot] = ordinal + 1;
    }

    private static int spread(String id) {
        int hash = id.hashCode() * 0x9E3779B1;
        return hash ^ hash >>> 15;
    }
}
