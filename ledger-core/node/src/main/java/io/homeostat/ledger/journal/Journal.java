package io.homeostat.ledger.journal;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.EntryBundle;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleLog;
import io.homeostat.merkle.TilePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * The leaves of the ledger in their Merkle log, kept in step with the state.
 *
 * <p>The Raft log is the write-ahead log of the ledger, so leaves are made durable only with a snapshot: what a crash
 * takes away is written again when the Raft log is replayed. A journal that lacks leaves which a snapshot already
 * covers has a <i>gap</i>: nothing is appended until a peer's leaves filled it and gave the snapshot's root.
 *
 * <p>One writer thread; readers as in {@link MerkleLog}.
 */
public final class Journal implements AutoCloseable {
    /** 12 KB: what is encoded is still near the processor when it is hashed. */
    private static final int MOST_POSTED = 256;

    private final MerkleLog log;
    private final LeafEncoder encoder = new LeafEncoder();
    /** What the journal must have before it takes further leaves. */
    private MerkleFrontier required = new MerkleFrontier();

    /** Leaves of posted transfers that are not in the log yet, one behind the other. */
    private final byte[] posted = new byte[MOST_POSTED * LeafEncoder.POSTED_BYTES];

    private int postedCount;

    private Journal(MerkleLog log) {
        this.log = log;
    }

    /**
     * Refuses a genesis whose leaf would not fit an entry bundle. It is the one leaf without a small bound of its own.
     *
     * @throws IllegalArgumentException naming the limit
     */
    public static void requireBundleable(int genesisBytes) {
        int most = EntryBundle.MAX_ENTRY_BYTES - LeafEncoder.HEADER_BYTES;
        if (genesisBytes > most) {
            throw new IllegalArgumentException("the genesis has " + genesisBytes
                    + " bytes as a leaf but an entry bundle (c2sp.org/tlog-tiles) holds at most " + most
                    + "; give it fewer keys or shorter names, further keys are registered later");
        }
    }

    /** Opens the leaves on disk. They count only once {@link #align} has compared them with the state. */
    public static Journal open(Path directory) {
        return new Journal(MerkleLog.open(directory));
    }

    /**
     * Makes the journal equal to the tree with this right edge: cuts what is too much, and reports what is missing as
     * {@link #gap()}. Leaves that do not belong to that tree are dropped as a whole.
     */
    public void align(MerkleFrontier edge) {
        required = edge.copy();
        postedCount = 0;
        if (log.size() >= edge.size()) {
            log.truncate(Arrays.equals(log.rootAt(edge.size()), edge.root()) ? edge.size() : 0);
        }
    }

    /** True when there are enough leaves to tell, and they do not give this edge's root. */
    public boolean contradicts(MerkleFrontier edge) {
        return log.size() >= edge.size() && !Arrays.equals(log.rootAt(edge.size()), edge.root());
    }

    /** What the journal must have before it takes further leaves. */
    public MerkleFrontier required() {
        return required.copy();
    }

    /** First sequence that is missing. */
    public OptionalLong gap() {
        return log.size() >= required.size() ? OptionalLong.empty() : OptionalLong.of(log.size());
    }

    /**
     * Appends a peer's leaves at the gap; those beyond its end are left out.
     *
     * @return true when the journal is whole now
     * @throws IllegalArgumentException when the last one does not give the required root; then the journal is emptied,
     *     because it can not be told which leaf is false
     */
    public boolean backfill(List<byte[]> leaves) {
        if (gap().isEmpty()) {
            return true;
        }
        for (byte[] leaf : leaves) {
            if (log.size() < required.size()) {
                log.append(leaf);
            }
        }
        if (log.size() < required.size()) {
            return false;
        }
        if (!Arrays.equals(log.root(), required.root())) {
            log.truncate(0);
            throw new IllegalArgumentException(
                    "the journal's leaves up to " + required.size() + " do not give the root of the"
                            + " snapshot; the journal was emptied, fetch it from sequence 0, best from another peer");
        }
        log.sync();
        return true;
    }

    /** Appends the event's leaf; the caller applied the event or is about to. */
    public void append(LedgerEvent event, long timeMicros) {
        settle();
        encoder.write(event, log.size(), timeMicros);
        log.append(encoder.bytes(), 0, encoder.length());
    }

    /**
     * The same as with a {@link LedgerEvent.TransferPosted}, without that object. It stands in the log only after {@link #settle}
     * or the next {@link #append}.
     */
    public void appendPosted(long idHigh, long idLow, int debit, int credit, long amount, long timeMicros) {
        if (postedCount == MOST_POSTED) {
            settle();
        }
        LeafEncoder.putPosted(
                posted,
                postedCount * LeafEncoder.POSTED_BYTES,
                idHigh,
                idLow,
                debit,
                credit,
                amount,
                next(),
                timeMicros);
        postedCount++;
    }

    /** Puts what {@link #appendPosted} was told into the log. Without it nothing else here counts or shows these leaves. */
    public void settle() {
        if (postedCount > 0) {
            log.appendAll(posted, 0, LeafEncoder.POSTED_BYTES, postedCount);
            postedCount = 0;
        }
    }

    /** Sequence that the next leaf gets; for the thread that appends. */
    public long next() {
        return log.size() + postedCount;
    }

    public long size() {
        return log.size();
    }

    public byte[] root() {
        return log.root();
    }

    public MerkleFrontier edge() {
        return log.frontier();
    }

    /** Makes every leaf appended so far durable; appending goes on meanwhile. */
    public void sync() {
        log.sync();
    }

    /** At least one leaf when there is one at {@code from}, then as many as stay within both limits. */
    public List<byte[]> read(long from, int limit, int maxBytes) {
        List<byte[]> leaves = log.read(from, limit);
        long bytes = 0;
        for (int i = 0; i < leaves.size(); i++) {
            bytes += leaves.get(i).length;
            if (bytes > maxBytes && i > 0) {
                return new ArrayList<>(leaves.subList(0, i));
            }
        }
        return leaves;
    }

    public byte[] tile(TilePath path) {
        return log.tile(path);
    }

    public List<byte[]> inclusionProof(long sequence, long size) {
        return log.inclusionProof(sequence, size);
    }

    public List<byte[]> consistencyProof(long from, long to) {
        return log.consistencyProof(from, to);
    }

    public String checkpointBody(String origin, long timeMicros) {
        return new Checkpoint(origin, log.size(), log.root(), timeMicros).text();
    }

    /** The same for the first {@code size} leaves. */
    public String checkpointBody(String origin, long size, long timeMicros) {
        return new Checkpoint(origin, size, log.rootAt(size), timeMicros).text();
    }

    @Override
    public void close() {
        log.close();
    }
}
