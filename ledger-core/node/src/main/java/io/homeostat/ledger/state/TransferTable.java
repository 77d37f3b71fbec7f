package io.homeostat.ledger.state;

import java.util.Arrays;
import java.util.UUID;

/**
 * Every transfer id that was ever decided, so that a repeated request gets the first answer. Rows stand in columns, in the
 * order of their decision; ids are found through open addressing on two longs. A row costs about 65 bytes and its slot 30.
 *
 * <p>Growth is paid in small parts: columns grow by chunks and are never copied, and the id table has 256 parts that
 * double one by one. {@code seed} moves ids to places that a client can not foresee; nothing else depends on it. Not thread-safe.
 */
final class TransferTable {
    static final int NONE = -1;
    static final int HOLD = 1;
    static final int GATED = 2;
    /** More legs than a debit and a credit: they stand in the leaf. */
    static final int LEGS = 4;
    /** The leaf before that of the transfer says more of it. */
    static final int TERMS = 8;

    private static final int CHUNK_SHIFT = 14;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    private static final int PARTS = 256;
    private static final int FIRST_SLOTS = 32;

    private final long seed;
    private final Part[] parts = new Part[PARTS];
    private Chunk[] chunks = new Chunk[16];
    private int rows;
    /** Rows below this one may be in use by a frozen copy, in the chunks that are still marked in {@code shared}. */
    private int frozenRows;

    private boolean[] shared = new boolean[0];

    /** Where a transfer stands; the number stands in snapshots. */
    enum Status {
        POSTED,
        HELD,
        VOIDED,
        EXPIRED,
        REJECTED;

        private static final Status[] ALL = values();
        private static final String[] WIRE = {"posted", "held", "voided", "expired", "rejected"};

        static Status of(int number) {
            return ALL[number];
        }

        /** As it stands in answers. */
        String wireName() {
            return WIRE[ordinal()];
        }
    }

    private static final class Chunk {
        // Given once, when the row is added: shared with a frozen copy for good.
        final long[] idHigh;
        final long[] idLow;
        final long[] fingerprint;
        final long[] first;
        // What a later event may change.
        final long[] amount;
        final long[] sequence;
        final int[] debit;
        final int[] credit;
        final byte[] status;
        final byte[] reason;
        final byte[] flags;

        Chunk() {
            idHigh = new long[CHUNK];
            idLow = new long[CHUNK];
            fingerprint = new long[CHUNK];
            first = new long[CHUNK];
            amount = new long[CHUNK];
            sequence = new long[CHUNK];
            debit = new int[CHUNK];
            credit = new int[CHUNK];
            status = new byte[CHUNK];
            reason = new byte[CHUNK];
            flags = new byte[CHUNK];
        }

        private Chunk(Chunk from) {
            idHigh = from.idHigh;
            idLow = from.idLow;
            fingerprint = from.fingerprint;
            first = from.first;
            amount = from.amount.clone();
            sequence = from.sequence.clone();
            debit = from.debit.clone();
            credit = from.credit.clone();
            status = from.status.clone();
            reason = from.reason.clone();
            flags = from.flags.clone();
        }
    }

    private static final class Part {
        /** Two longs per slot; meaningful only where {@code row} is not 0. */
        long[] keys = new long[FIRST_SLOTS * 2];

        int[] row = new int[FIRST_SLOTS];
        int used;
    }

    TransferTable(long seed) {
        this.seed = seed;
        Arrays.setAll(parts, i -> new Part());
    }

    int rows() {
        return rows;
    }

    /**
     * The rows as they stand now, for a reader in another thread that asks by row only. Nothing is copied: a chunk is
     * copied when one of its frozen rows changes, about 0.2 ms, until {@link #thaw()}.
     */
    TransferTable freeze() {
        TransferTable frozen = new TransferTable(seed);
        frozen.chunks = chunks.clone();
        frozen.rows = rows;
        frozenRows = rows;
        shared = new boolean[chunks.length];
        Arrays.fill(shared, true);
        return frozen;
    }

    /** No frozen copy is read any more. */
    void thaw() {
        frozenRows = 0;
        shared = new boolean[0];
    }

    int find(long idHigh, long idLow) {
        long hash = hash(idHigh, idLow);
        Part part = parts[(int) (hash >>> 56)];
        int mask = part.row.length - 1;
        for (int slot = (int) hash & mask; part.row[slot] != 0; slot = slot + 1 & mask) {
            if (part.keys[2 * slot] == idHigh && part.keys[2 * slot + 1] == idLow) {
                return part.row[slot] - 1;
            }
        }
        return NONE;
    }

    int find(UUID id) {
        return find(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** A row for an id that is not in the table yet; its status is set by what follows. */
    int add(long idHigh, long idLow, long fingerprint, long first) {
        int row = rows++;
        Chunk chunk = chunkFor(row);
        int i = row & CHUNK - 1;
        chunk.idHigh[i] = idHigh;
        chunk.idLow[i] = idLow;
        chunk.fingerprint[i] = fingerprint;
        chunk.first[i] = first;
        long hash = hash(idHigh, idLow);
        Part part = parts[(int) (hash >>> 56)];
        if ((part.used + 1) * 2 > part.row.length) {
            grow(part);
        }
        part.used++;
        occupy(part, hash, idHigh, idLow, row + 1);
        return row;
    }

    void set(int row, Status status, int debit, int credit, long amount, int flags, long sequence) {
        Chunk chunk = writable(row);
        int i = row & CHUNK - 1;
        chunk.status[i] = (byte) status.ordinal();
        chunk.debit[i] = debit;
        chunk.credit[i] = credit;
        chunk.amount[i] = amount;
        chunk.flags[i] = (byte) flags;
        chunk.sequence[i] = sequence;
    }

    void reject(int row, Reason reason, int debit, int credit, long amount, long sequence) {
        set(row, Status.REJECTED, debit, credit, amount, 0, sequence);
        chunks[row >>> CHUNK_SHIFT].reason[row & CHUNK - 1] = (byte) reason.number();
    }

    void close(int row, Status status, long amount, long sequence) {
        Chunk chunk = writable(row);
        int i = row & CHUNK - 1;
        chunk.status[i] = (byte) status.ordinal();
        chunk.amount[i] = amount;
        chunk.sequence[i] = sequence;
    }

    /** Puts the row of a snapshot back. */
    void restore(
            int row, Status status, int reasonNumber, int debit, int credit, long amount, int flags, long sequence) {
        set(row, status, debit, credit, amount, flags, sequence);
        chunks[row >>> CHUNK_SHIFT].reason[row & CHUNK - 1] = (byte) reasonNumber;
    }

    UUID id(int row) {
        return new UUID(idHigh(row), idLow(row));
    }

    long idHigh(int row) {
        return chunks[row >>> CHUNK_SHIFT].idHigh[row & CHUNK - 1];
    }

    long idLow(int row) {
        return chunks[row >>> CHUNK_SHIFT].idLow[row & CHUNK - 1];
    }

    long fingerprint(int row) {
        return chunks[row >>> CHUNK_SHIFT].fingerprint[row & CHUNK - 1];
    }

    /** Sequence of the first leaf about it; of a rejected one that of the next leaf at that moment. */
    long first(int row) {
        return chunks[row >>> CHUNK_SHIFT].first[row & CHUNK - 1];
    }

    /** The leaf of the transfer itself, where its terms stand before it. The row is not frozen yet. */
    void first(int row, long sequence) {
        chunks[row >>> CHUNK_SHIFT].first[row & CHUNK - 1] = sequence;
    }

    Status status(int row) {
        return Status.of(chunks[row >>> CHUNK_SHIFT].status[row & CHUNK - 1]);
    }

    int reasonNumber(int row) {
        return chunks[row >>> CHUNK_SHIFT].reason[row & CHUNK - 1];
    }

    int debit(int row) {
        return chunks[row >>> CHUNK_SHIFT].debit[row & CHUNK - 1];
    }

    int credit(int row) {
        return chunks[row >>> CHUNK_SHIFT].credit[row & CHUNK - 1];
    }

    long amount(int row) {
        return chunks[row >>> CHUNK_SHIFT].amount[row & CHUNK - 1];
    }

    int flags(int row) {
        return chunks[row >>> CHUNK_SHIFT].flags[row & CHUNK - 1];
    }

    boolean gated(int row) {
        return (flags(row) & GATED) != 0;
    }

    /** True for what began as a hold, whatever became of it. */
    boolean wasHold(int row) {
        return (flags(row) & HOLD) != 0;
    }

    /** Sequence of the newest leaf about it. */
    long sequence(int row) {
        return chunks[row >>> CHUNK_SHIFT].sequence[row & CHUNK - 1];
    }

    /** The chunk of a row that is about to change: a copy of its own when a frozen copy still reads it. */
    private Chunk writable(int row) {
        int index = row >>> CHUNK_SHIFT;
        if (row < frozenRows && shared[index]) {
            chunks[index] = new Chunk(chunks[index]);
            shared[index] = false;
        }
        return chunks[index];
    }

    private Chunk chunkFor(int row) {
        int index = row >>> CHUNK_SHIFT;
        if (index == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunks.length * 2);
        }
        if (chunks[index] == null) {
            chunks[index] = new Chunk();
        }
        return chunks[index];
    }

    private void grow(Part part) {
        long[] oldKeys = part.keys;
        int[] oldRows = part.row;
        part.keys = new long[oldKeys.length * 2];
        part.row = new int[oldRows.length * 2];
        for (int slot = 0; slot < oldRows.length; slot++) {
            if (oldRows[slot] != 0) {
                long idHigh = oldKeys[2 * slot];
                long idLow = oldKeys[2 * slot + 1];
                occupy(part, hash(idHigh, idLow), idHigh, idLow, oldRows[slot]);
            }
        }
    }

    private static void occupy(Part part, long hash, long idHigh, long idLow, int rowPlusOne) {
        int mask = part.row.length - 1;
        int slot = (int) hash & mask;
        while (part.row[slot] != 0) {
            slot = slot + 1 & mask;
        }
        part.keys[2 * slot] = idHigh;
        part.keys[2 * slot + 1] = idLow;
        part.row[slot] = rowPlusOne;
    }

    private long hash(long idHigh, long idLow) {
        return Mix.mix(idHigh ^ Mix.mix(idLow ^ seed));
    }
}
