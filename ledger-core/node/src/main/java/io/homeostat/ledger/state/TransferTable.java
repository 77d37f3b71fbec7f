package io.homeostat.ledger.state;

import io.homeostat.ledger.archive.ArchivedRow;
import io.homeostat.ledger.archive.RowArchive;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every transfer id that was ever decided, so that a repeated request gets the first answer; for ever, in bounded memory
 * (docs/adr/0017). Rows have numbers in the order of their decision:
 *
 * <pre>
 * 0 .. handedOver    on disk, or on their way there; found by id. Holds that were open when their turn came stay in
 *                    memory beside it ("late") until they are closed and their chunk's successor goes to disk
 * handedOver .. rows in memory, in a ring of chunks whose arrays are used again and again
 * </pre>
 *
 * <p>{@code handedOver} follows from the number of rows alone, so every replica draws the line at the same row. What lies below
 * it is decided by what the archive says, which is the same; only the time that it takes differs. The archive may know more than
 * this table does, from a time after the snapshot that this table was made from: a row from {@code handedOver} on is not believed.
 *
 * <p>A row in memory costs 59 bytes and its slot 16 to 32. {@code seed} moves ids to places that a client can not foresee; nothing
 * else depends on it. Not thread-safe, but for the archive.
 */
final class TransferTable {
    static final int NONE = -1;
    static final int HOLD = ArchivedRow.HOLD;
    static final int GATED = 2;
    /** More legs than a debit and a credit: they stand in the leaf. */
    static final int LEGS = 4;
    /** The leaf before that of the transfer says more of it. */
    static final int TERMS = 8;

    /** 1 MB of rows: its hand-over looks at each for some 20 us. */
    private static final int MOST_CHUNK_ROWS = 1 << 14;
    /** The window moves on by at most a quarter of itself. */
    private static final int CHUNKS_PER_WINDOW = 4;
    /** Room for chunks that are being moved to disk: 4 wait, one is being written, one is being forgotten, one is new. */
    private static final int SPARE_CHUNKS = 7;
    /** Ids that leave the table with each that comes: faster than they come, so that a chunk's room is free in time. */
    private static final int FORGOTTEN_PER_ROW = 4;

    private final long seed;
    private final RowArchive archive;
    private final int shift;
    private final int chunkRows;
    private final int keptChunks;
    private final RecentIds ids = new RecentIds(this::sameId);
    private final Map<UUID, TransferRow> late = new HashMap<>();
    /** Of {@code late}, those that are closed since and go to disk with the next chunk. */
    private final List<TransferRow> closedLate = new ArrayList<>();
    /** Of {@code late}, those that are on their way to disk. */
    private final Deque<Departure> departures = new ArrayDeque<>();

    private RowChunk[] ring;
    /** Number of the row where the ring began: 0, or the first that the snapshot held. */
    private long base;

    private long rows;
    private long handedOver;
    private long onDisk;
    private long forgotten;
    /** Rows below this one may be in use by a frozen copy. */
    private long frozenRows;

    /** Written so that reading ahead is not left out as useless. */
    @SuppressWarnings("unused")
    private long expected;

    /** Rows that are on disk once the archive has taken over so much. */
    private record Departure(long upTo, List<TransferRow> rows) {}

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

    /**
     * @param recent rows that stay in memory at least
     */
    TransferTable(long seed, int recent, RowArchive archive) {
        this.seed = seed;
        this.archive = archive;
        this.chunkRows = Math.min(MOST_CHUNK_ROWS, Integer.highestOneBit(Math.max(1, recent / CHUNKS_PER_WINDOW)));
        this.shift = Integer.numberOfTrailingZeros(chunkRows);
        this.keptChunks = (recent + chunkRows - 1) / chunkRows;
        this.ring = new RowChunk[roomFor(keptChunks + SPARE_CHUNKS)];
    }

    private static int roomFor(long chunks) {
        return Math.toIntExact(Long.highestOneBit(chunks * 2 - 1));
    }

    /** All that ever were, those on disk too. */
    long rows() {
        return rows;
    }

    /** First row that is not on disk or on its way there. */
    long handedOver() {
        return handedOver;
    }

    /** What is known of the id; null when it is new. */
    @Nullable
    TransferRow find(UUID id) {
        return find(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    @Nullable
    TransferRow find(long high, long low) {
        int position = ids.find(hash(high, low), high, low);
        if (position != RecentIds.NONE) {
            long row = rowAt(position);
            RowChunk chunk = ring[position >>> shift];
            int i = position & chunkRows - 1;
            if (row >= handedOver || !chunk.held(i)) {
                return chunk.row(i, row);
            }
        }
        if (handedOver == 0) {
            return null;
        }
        TransferRow known = late.isEmpty() ? null : late.get(new UUID(high, low));
        if (known != null) {
            return known;
        }
        byte[] content = archive.find(high, low);
        TransferRow old = content == null ? null : TransferRow.of(content);
        return old != null && old.number() < handedOver ? old : null;
    }

    /**
     * These ids will be looked for: brings what the searches read to the processor, all at once instead of one by one.
     *
     * @param which of them, so many
     */
    void expect(long[] idHigh, long[] idLow, int[] which, int count) {
        long seen = 0;
        for (int n = 0; n < count; n++) {
            int i = which[n];
            seen ^= ids.touch(hash(idHigh[i], idLow[i]));
        }
        if (handedOver > 0) {
            for (int n = 0; n < count; n++) {
                int i = which[n];
                seen ^= archive.expect(idHigh[i], idLow[i]);
            }
        }
        for (long row = forgotten; row < Math.min(onDisk, forgotten + count); row++) {
            RowChunk chunk = chunk(row);
            int i = (int) (row - base) & chunkRows - 1;
            seen ^= ids.touch(hash(chunk.idHigh[i], chunk.idLow[i]));
        }
        expected = seen;
    }

    /** A row for an id that is not known yet; its status is set by what follows. */
    long add(long idHigh, long idLow, long fingerprint, long first) {
        long row = rows;
        if ((row - base & chunkRows - 1) == 0) {
            beginChunk();
        }
        forgetSome();
        rows++;
        RowChunk chunk = chunk(row);
        int i = (int) (row - base) & chunkRows - 1;
        chunk.idHigh[i] = idHigh;
        chunk.idLow[i] = idLow;
        chunk.fingerprint[i] = fingerprint;
        chunk.first[i] = first;
        chunk.reason[i] = 0;
        ids.add(hash(idHigh, idLow), position(row));
        return row;
    }

    /** Of the newest row. */
    void set(long row, Status status, int debit, int credit, long amount, int flags, long sequence) {
        RowChunk chunk = writable(row);
        int i = (int) (row - base) & chunkRows - 1;
        chunk.status[i] = (byte) status.ordinal();
        chunk.debit[i] = debit;
        chunk.credit[i] = credit;
        chunk.amount[i] = amount;
        chunk.flags[i] = (byte) flags;
        chunk.sequence[i] = sequence;
    }

    /** Of the newest row. */
    void reject(long row, Reason reason, int debit, int credit, long amount, long sequence) {
        set(row, Status.REJECTED, debit, credit, amount, 0, sequence);
        chunk(row).reason[(int) (row - base) & chunkRows - 1] = (byte) reason.number();
    }

    /** Of the newest row: the leaf of the transfer itself, where its terms stand before it. */
    void first(long row, long sequence) {
        chunk(row).first[(int) (row - base) & chunkRows - 1] = sequence;
    }

    long fingerprint(long row) {
        return chunk(row).fingerprint[(int) (row - base) & chunkRows - 1];
    }

    /** Of a hold that was open until now. */
    void close(UUID id, long row, Status status, long amount, long sequence) {
        if (row < handedOver) {
            TransferRow known = late.get(id);
            if (known == null) {
                throw new InvariantViolation(
                        "expected row " + row + " of open hold " + id + " in memory but found none");
            }
            TransferRow closed = known.closed(status, amount, sequence);
            late.put(id, closed);
            closedLate.add(closed);
            return;
        }
        RowChunk chunk = writable(row);
        int i = (int) (row - base) & chunkRows - 1;
        chunk.status[i] = (byte) status.ordinal();
        chunk.amount[i] = amount;
        chunk.sequence[i] = sequence;
    }

    /**
     * Holds with a number below {@code before}, highest first.
     *
     * @param look called with each; false to end
     * @param mostRows so many are looked at
     * @return what to ask for next; 0 when all were looked at
     */
    long holdsBefore(long before, int mostRows, Predicate<TransferRow> look) {
        long row = Math.min(before, rows);
        int left = mostRows;
        while (row > onDisk && left > 0) {
            row--;
            left--;
            RowChunk chunk = chunk(row);
            int i = (int) (row - base) & chunkRows - 1;
            if ((chunk.flags[i] & HOLD) != 0 && !look.test(recent(chunk, i, row))) {
                return row;
            }
        }
        return row > 0 && left > 0 ? oldHoldsBefore(row, left, look) : row;
    }

    private TransferRow recent(RowChunk chunk, int i, long row) {
        TransferRow here = chunk.row(i, row);
        return row < handedOver && chunk.held(i) ? late.getOrDefault(here.id(), here) : here;
    }

    /** The archive and what stands late beside it, together in order. */
    private long oldHoldsBefore(long before, int mostRows, Predicate<TransferRow> look) {
        List<TransferRow> beside = new ArrayList<>();
        for (TransferRow row : late.values()) {
            if (row.number() < before) {
                beside.add(row);
            }
        }
        beside.sort(Comparator.comparingLong(TransferRow::number).reversed());
        int nextBeside = 0;
        long at = before;
        int left = mostRows;
        while (left > 0) {
            List<byte[]> page = archive.holdsBefore(at, Math.min(left, 256));
            for (byte[] content : page) {
                TransferRow old = TransferRow.of(content);
                while (nextBeside < beside.size() && beside.get(nextBeside).number() >= old.number()) {
                    TransferRow other = beside.get(nextBeside++);
                    if (!look.test(other)) {
                        return other.number();
                    }
                }
                at = old.number();
                left--;
                if (!late.containsKey(old.id()) && !look.test(old)) {
                    return at;
                }
            }
            if (page.isEmpty()) {
                for (; nextBeside < beside.size(); nextBeside++) {
                    if (!look.test(beside.get(nextBeside))) {
                        return beside.get(nextBeside).number();
                    }
                }
                return 0;
            }
        }
        return at;
    }

    /**
     * What stands in memory now, for a reader in another thread. Nothing is copied: a chunk is copied when one of its frozen rows
     * changes, about 0.3 ms, until {@link #thaw()}.
     */
    Frozen freeze() {
        List<RowChunk> chunks = new ArrayList<>();
        for (long row = handedOver; row < rows; row += chunkRows) {
            RowChunk chunk = chunk(row);
            chunk.shared = true;
            chunks.add(chunk);
        }
        frozenRows = rows;
        Set<UUID> leaving = new HashSet<>();
        departures.forEach(departure -> departure.rows().forEach(row -> leaving.add(row.id())));
        List<TransferRow> beside = new ArrayList<>(late.values());
        beside.removeIf(row -> leaving.contains(row.id()));
        return new Frozen(rows, handedOver, chunkRows, chunks, beside);
    }

    /** No frozen copy is read any more. */
    void thaw() {
        frozenRows = 0;
        for (RowChunk chunk : ring) {
            if (chunk != null) {
                chunk.shared = false;
            }
        }
    }

    /** Rows in memory at one moment. */
    record Frozen(long rows, long handedOver, int chunkRows, List<RowChunk> chunks, List<TransferRow> late) {
        Frozen {
            late.sort(Comparator.comparingLong(TransferRow::number));
        }

        TransferRow row(long number) {
            long at = number - handedOver;
            return chunks.get((int) (at / chunkRows)).row((int) (at % chunkRows), number);
        }
    }

    /** An empty table goes on with the rows of a snapshot: first those on disk, which are not shown to it. */
    void beginAt(long handedOverRows, int inMemory) {
        base = handedOverRows;
        rows = handedOverRows;
        handedOver = handedOverRows;
        onDisk = handedOverRows;
        forgotten = handedOverRows;
        long chunks = ((long) inMemory + chunkRows - 1) / chunkRows;
        ring = new RowChunk[roomFor(Math.max(keptChunks, chunks) + SPARE_CHUNKS)];
    }

    void restoreLate(TransferRow row) {
        late.put(row.id(), row);
        if (row.status() != Status.HELD) {
            closedLate.add(row);
        }
    }

    /** The next row of a snapshot. */
    void restore(TransferRow row) {
        int position = position(rows);
        if (ring[position >>> shift] == null) {
            ring[position >>> shift] = new RowChunk(chunkRows);
        }
        ring[position >>> shift].put(position & chunkRows - 1, row);
        ids.add(hash(row.id().getMostSignificantBits(), row.id().getLeastSignificantBits()), position);
        rows++;
    }

    /** Hands over what the window leaves behind, and makes room for the rows that come. */
    private void beginChunk() {
        long most = rows - (long) keptChunks * chunkRows;
        while (handedOver + chunkRows <= most) {
            handOver();
        }
        int slot = position(rows) >>> shift;
        long free = rows + chunkRows - (long) ring.length * chunkRows;
        if (forgotten < free) {
            // The disk is slower than the clients: they wait here.
            archive.await(free);
            noticeDisk();
            forgetTo(free);
        }
        if (ring[slot] == null || ring[slot].shared) {
            ring[slot] = new RowChunk(chunkRows);
        }
    }

    private void handOver() {
        long from = handedOver;
        RowChunk chunk = chunk(from);
        for (int i = 0; i < chunkRows; i++) {
            if (chunk.held(i)) {
                TransferRow open = chunk.row(i, from + i);
                late.put(open.id(), open);
            }
        }
        List<TransferRow> beside = List.copyOf(closedLate);
        closedLate.clear();
        handedOver = from + chunkRows;
        if (!beside.isEmpty()) {
            departures.add(new Departure(handedOver, beside));
        }
        archive.add(handedOver, chunkRows + beside.size(), out -> {
            for (int i = 0; i < chunkRows; i++) {
                if (!chunk.held(i)) {
                    chunk.write(i, from + i, out);
                }
            }
            beside.forEach(row -> row.to(out));
        });
    }

    private void noticeDisk() {
        onDisk = Math.min(handedOver, Math.max(onDisk, archive.addedTo()));
        while (!departures.isEmpty() && departures.peek().upTo() <= onDisk) {
            departures.remove().rows().forEach(row -> late.remove(row.id()));
        }
    }

    private void forgetSome() {
        if (forgotten == onDisk && onDisk < handedOver) {
            noticeDisk();
        }
        if (forgotten < onDisk) {
            forgetTo(Math.min(onDisk, forgotten + FORGOTTEN_PER_ROW));
        }
    }

    private void forgetTo(long end) {
        for (; forgotten < end; forgotten++) {
            RowChunk chunk = chunk(forgotten);
            int i = (int) (forgotten - base) & chunkRows - 1;
            ids.remove(hash(chunk.idHigh[i], chunk.idLow[i]), position(forgotten));
        }
    }

    /** The chunk of a row that is about to change: a copy of its own when a frozen copy still reads it. */
    private RowChunk writable(long row) {
        int slot = position(row) >>> shift;
        if (row < frozenRows && ring[slot].shared) {
            ring[slot] = ring[slot].copy();
        }
        return ring[slot];
    }

    private RowChunk chunk(long row) {
        return ring[position(row) >>> shift];
    }

    private int position(long row) {
        return (int) (row - base & ((long) ring.length << shift) - 1);
    }

    /** The one row from {@code forgotten} on that stands there. */
    private long rowAt(int position) {
        long size = (long) ring.length << shift;
        return forgotten + (position - (forgotten - base) & size - 1);
    }

    private boolean sameId(int position, long idHigh, long idLow) {
        RowChunk chunk = ring[position >>> shift];
        int i = position & chunkRows - 1;
        return chunk.idHigh[i] == idHigh && chunk.idLow[i] == idLow;
    }

    private long hash(long idHigh, long idLow) {
        return Mix.mix(idHigh ^ Mix.mix(idLow ^ seed));
    }
}
