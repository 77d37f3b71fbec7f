package io.homeostat.ledger.state;

import static java.util.Objects.requireNonNull;

import io.homeostat.ledger.archive.ArchiveFault;
import io.homeostat.ledger.archive.RowArchive;
import io.homeostat.ledger.archive.RunRowArchive;
import io.homeostat.ledger.attest.AttestationTally.Round;
import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.Journal;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.TilePath;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The door of the deterministic core: committed batches go in, outcomes, leaves and reads come out. The same batches at the
 * same Raft indexes give the same state, leaves and digests on every replica.
 *
 * <p>One thread applies, restores, backfills and freezes; any thread reads, and sees the state between two batches. A batch holds the
 * write lock for about 1.5 us per transfer. Times are ledger time in microseconds since the epoch: the leader's stamp, but
 * always later than the batch before.
 *
 * <p>After any failure in {@link #apply} the state may be half changed, so the ledger refuses everything that would show or
 * keep it. The node stops, and begins again from its last snapshot.
 */
public final class Ledger implements AutoCloseable {
    private final Genesis genesis;
    private final byte[] genesisBody;
    private final String nodeId;
    private final int ownNumber;
    private final LedgerStateLimits limits;
    private final Journal journal;
    private final RowArchive archive;
    private final long tableSeed;
    private final ReadWriteLock lock = new ReentrantReadWriteLock(true);
    /** This node's own digests by Raft index, as many as there are attestations to compare them with. */
    private final TreeMap<Long, byte[]> ownDigests = new TreeMap<>();

    private final TransferColumns columns = new TransferColumns();

    private LedgerState state;
    /** False until the journal was compared with the state, and from the beginning to the end of a batch. */
    private boolean usable = true;

    private boolean aligned;
    private volatile @Nullable Divergence divergence;
    private volatile long confirmedIndex;

    private Ledger(
            Genesis genesis,
            String nodeId,
            int ownNumber,
            LedgerStateLimits limits,
            Journal journal,
            RowArchive archive) {
        this.genesis = genesis;
        this.genesisBody = genesis.body();
        this.nodeId = nodeId;
        this.ownNumber = ownNumber;
        this.limits = limits;
        this.journal = journal;
        this.archive = archive;
        this.tableSeed = new SecureRandom().nextLong();
        this.state = new LedgerState(genesis, limits, tableSeed, archive);
    }

    /**
     * Opens the journal below {@code journalDir} with an empty state. The caller restores its newest snapshot, if it has
     * one, and then applies what follows in the Raft log; leaves of which the state knows nothing are cut off then.
     *
     * @param nodeId one of the genesis nodes
     */
    public static Ledger open(Path journalDir, Genesis genesis, String nodeId, LedgerStateLimits limits) {
        Path old = journalDir.resolveSibling(journalDir.getFileName() + "-ids");
        return open(journalDir, new RunRowArchive(old, nodeId), genesis, nodeId, limits);
    }

    /**
     * The same with a place for old transfers. The one above keeps them in sorted files in a folder beside the journal, whose name
     * ends in {@code -ids}.
     *
     * @param archive empty; closed with the ledger
     */
    public static Ledger open(
            Path journalDir, RowArchive archive, Genesis genesis, String nodeId, LedgerStateLimits limits) {
        requireNonNull(journalDir, "journalDir");
        requireNonNull(genesis, "genesis");
        requireNonNull(nodeId, "nodeId");
        requireNonNull(limits, "limits");
        List<String> ids = genesis.nodes().stream().map(Genesis.Node::id).toList();
        if (!ids.contains(nodeId)) {
            throw new IllegalArgumentException(
                    "nodeId '" + nodeId + "' is not among the nodes of the genesis, which are " + ids);
        }
        Journal.requireBundleable(genesis.body().length);
        return new Ledger(genesis, nodeId, ids.indexOf(nodeId), limits, Journal.open(journalDir), archive);
    }

    /** The same for commands that are not bytes yet. */
    public List<Command.Outcome> apply(long raftIndex, Command.Batch batch) {
        return apply(raftIndex, Entry.of(batch));
    }

    /**
     * Decides each command in order, and makes state and journal follow. It can not fail on anything that
     * {@link CommandCodec} decodes, but for {@link InvariantViolation} and a failing disk.
     *
     * @param raftIndex later than that of the batch before
     */
    public List<Command.Outcome> apply(long raftIndex, Entry entry) {
        lock.writeLock().lock();
        try {
            requireUsable();
            align();
            if (raftIndex <= state.raftIndex) {
                throw new InvariantViolation("node " + nodeId + ": expected a Raft index after " + state.raftIndex
                        + " but found " + raftIndex + "; the log was applied twice or the snapshot is not of this log");
            }
            usable = false;
            long before = state.timeMicros;
            state.raftIndex = raftIndex;
            state.timeMicros = Math.max(entry.timeMicros(), before + 1);
            expireDue();
            int count = entry.count();
            List<Command.Outcome> outcomes = new ArrayList<>(count);
            columns.read(entry, state.accounts);
            columns.announce(state.transfers);
            for (int i = 0; i < count; i++) {
                outcomes.add(entry.isTransfer(i) ? transfer(entry, i) : run(entry.command(i)));
            }
            journal.settle();
            state.fold.seal();
            attestWhenDue(before);
            usable = true;
            return outcomes;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * The state as it stands now, to be written as a snapshot in another thread while batches go on. Takes some 10 ms per
     * million accounts. The one before must be closed.
     */
    public LedgerImage freeze() {
        lock.writeLock().lock();
        try {
            requireUsable();
            if (journal.gap().isPresent()) {
                throw new IllegalStateException(gapMessage());
            }
            LedgerState frozen = state;
            return new LedgerImage(nodeId, frozen, archive, journal.edge(), journal::sync, () -> thaw(frozen));
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void thaw(LedgerState frozen) {
        lock.writeLock().lock();
        try {
            frozen.transfers.thaw();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Freezes and writes in one go, without the transfers that are on disk. */
    public void writeSnapshot(OutputStream out) throws IOException {
        try (LedgerImage image = freeze()) {
            image.write(out);
        }
    }

    /**
     * Takes the state over and makes the journal follow: too many leaves are cut, and for missing ones see
     * {@link #journalGap()}. A damaged snapshot changes nothing.
     *
     * @throws SnapshotDamaged when it is not what {@link #writeSnapshot} wrote, or of another genesis
     */
    public void restore(InputStream in) throws IOException {
        restore(in, null, false);
    }

    /**
     * The same, for a snapshot that this node found on its own disk.
     *
     * @param oldTransfers what {@link LedgerImage#writeOldTransfers} wrote for this snapshot; null when there were none
     * @param ownJournal the leaves on disk are as good as the snapshot: one that they contradict is refused and changes
     *     nothing. Otherwise leaves that contradict the snapshot are dropped.
     */
    public void restore(InputStream in, @Nullable Path oldTransfers, boolean ownJournal) throws IOException {
        LedgerSnapshot.Loaded loaded = LedgerSnapshot.read(genesis, limits, tableSeed, archive, in);
        long onDisk = loaded.state().transfers.handedOver();
        if (onDisk > 0 && oldTransfers == null) {
            throw new SnapshotDamaged("the snapshot's " + onDisk + " old transfers should lie beside it but do not");
        }
        if (ownJournal && journal.contradicts(loaded.edge())) {
            throw new SnapshotDamaged(
                    "the journal's first " + loaded.edge().size() + " leaves give another root than the snapshot");
        }
        Map<String, Long> sums = sumsOf(loaded.state().accounts);
        if (sums.values().stream().anyMatch(sum -> sum != 0)) {
            throw new SnapshotDamaged("expected the balances of every asset to add up to 0 but found " + sums);
        }
        lock.writeLock().lock();
        try {
            restoreOld(onDisk > 0 ? oldTransfers : null, onDisk);
            usable = false;
            journal.align(loaded.edge());
            state = loaded.state();
            confirmedIndex = 0;
            ownDigests.clear();
            aligned = true;
            usable = true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void restoreOld(@Nullable Path oldTransfers, long onDisk) {
        try {
            archive.restore(oldTransfers, onDisk);
        } catch (ArchiveFault e) {
            throw new SnapshotDamaged("the old transfers of the snapshot can not be used: " + e.getMessage(), e);
        }
    }

    /** First sequence that the journal lacks after {@link #restore}; empty when it is whole. Nothing is applied before that. */
    public OptionalLong journalGap() {
        return read(() -> journal.gap());
    }

    /**
     * Appends leaves that a peer sent, from {@link #journalGap()} on; those beyond the gap are left out. Once the last is
     * there they count only if they give the snapshot's root.
     *
     * @return true when the journal is whole now
     * @throws IllegalArgumentException when they do not give that root: then the gap begins at 0 again
     */
    public boolean backfill(List<byte[]> leaves) {
        lock.writeLock().lock();
        try {
            requireUsable();
            return journal.backfill(leaves);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Right edge of the journal that the restored snapshot goes with. */
    public MerkleFrontier requiredJournal() {
        return read(journal::required);
    }

    /** How many of each the state holds; {@code transferIds} counts the rejected ones too. */
    public record Counts(int accounts, long transferIds, int openHolds, int cases) {}

    public Counts counts() {
        return read(() -> new Counts(
                state.accounts.count(), state.transfers.rows(), state.holds.size(), state.casesInOrder.size()));
    }

    public Optional<AccountView> account(String id) {
        return read(() -> {
            AccountTable accounts = state.accounts;
            int i = accounts.find(id);
            return i == AccountTable.NONE ? Optional.empty() : Optional.of(LedgerViews.account(state, i, newest()));
        });
    }

    /**
     * The account after the leaf at {@code index}, exactly. Reads the journal for up to some seconds, so not on an event loop;
     * it does not hold up {@link #apply}.
     */
    public AsOf accountAsOf(String id, long index) {
        record Now(@Nullable AccountView account, int ordinal, long newest) {}
        Now now = read(() -> {
            int i = state.accounts.find(id);
            return new Now(i == AccountTable.NONE ? null : LedgerViews.account(state, i, newest()), i, newest());
        });
        if (index > now.newest) {
            return new AsOf.Unknown(AsOf.Why.BEYOND_HEAD);
        }
        if (now.account == null) {
            return new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_FOUND);
        }
        if (Math.min(index, now.newest - index) > BalanceScan.MOST_LEAVES) {
            return new AsOf.Unknown(AsOf.Why.TOO_FAR);
        }
        BalanceScan scan = new BalanceScan(journal, now.ordinal, this::held);
        boolean whole = index < now.newest - index ? scan.forward(index) : scan.back(index, now.newest, now.account);
        List<byte[]> leaf = journal.read(index, 1, 1);
        if (!whole || leaf.isEmpty()) {
            return new AsOf.Unknown(AsOf.Why.NOT_HERE);
        }
        return scan.exists()
                ? new AsOf.Known(now.account.at(index, scan), BalanceScan.timeMicros(leaf.get(0)))
                : new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_YET_OPEN);
    }

    /** The account after everything that was committed up to this ledger time. */
    public AsOf accountAsOfTime(String id, long timeMicros) {
        long size = read(() -> timeMicros > state.timeMicros ? -1 : journal.size());
        if (size < 0) {
            return new AsOf.Unknown(AsOf.Why.BEYOND_HEAD);
        }
        long after = firstAfter(timeMicros, size);
        if (after < 0) {
            return new AsOf.Unknown(AsOf.Why.NOT_HERE);
        }
        return after == 0 ? new AsOf.Unknown(AsOf.Why.BEFORE_HISTORY) : accountAsOf(id, after - 1);
    }

    /** Index of the first leaf, of so many, that is later; their number when there is none, -1 when a leaf is missing here. */
    private long firstAfter(long timeMicros, long size) {
        long low = 0;
        long high = size;
        while (low < high) {
            long middle = low + high >>> 1;
            List<byte[]> leaf = journal.read(middle, 1, 1);
            if (leaf.isEmpty()) {
                return -1;
            }
            if (BalanceScan.timeMicros(leaf.get(0)) <= timeMicros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * What is posted on the account with an effective day up to and with this one, whenever it was booked. Adds it up from the
     * first leaf, or takes the rest off the newest balances, whichever is shorter. Reads the journal for up to some seconds.
     *
     * @param day since the epoch, in UTC
     */
    public AsOf accountEffective(String id, long day) {
        record Now(@Nullable AccountView account, int ordinal, long newest, long today) {}
        Now now = read(() -> {
            int i = state.accounts.find(id);
            return new Now(
                    i == AccountTable.NONE ? null : LedgerViews.account(state, i, newest()),
                    i,
                    newest(),
                    LegsDecider.day(state.timeMicros));
        });
        if (now.account == null) {
            return new AsOf.Unknown(AsOf.Why.ACCOUNT_NOT_FOUND);
        }
        // A posting that counts up to this day was booked at most so many days later, one that counts after it not
        // earlier.
        long firstLater = firstAfter(LegsDecider.beginOf(day + 1 - LegsDecider.MOST_DAYS_APART) - 1, now.newest + 1);
        long behindLast = firstAfter(LegsDecider.beginOf(day + 1 + LegsDecider.MOST_DAYS_APART) - 1, now.newest + 1);
        List<byte[]> first = journal.read(0, 1, 1);
        if (firstLater < 0 || behindLast < 0 || first.isEmpty()) {
            return new AsOf.Unknown(AsOf.Why.NOT_HERE);
        }
        if (day + LegsDecider.MOST_DAYS_APART < LegsDecider.day(BalanceScan.timeMicros(first.get(0)))) {
            return new AsOf.Unknown(AsOf.Why.BEFORE_HISTORY);
        }
        boolean forward = behindLast < now.newest + 1 - firstLater;
        if ((forward ? behindLast : now.newest + 1 - firstLater) > BalanceScan.MOST_LEAVES) {
            return new AsOf.Unknown(AsOf.Why.TOO_FAR);
        }
        EffectiveScan scan = new EffectiveScan(
                journal, now.ordinal, forward ? each -> each <= day : each -> each > day, this::effectiveHold);
        if (!(forward ? scan.read(0, behindLast - 1) : scan.read(firstLater, now.newest))) {
            return new AsOf.Unknown(AsOf.Why.NOT_HERE);
        }
        AccountView all = now.account;
        AccountView then = forward
                ? all.posted(scan.debits(), scan.credits())
                : all.posted(all.debitsPosted() - scan.debits(), all.creditsPosted() - scan.credits());
        return new AsOf.Effective(then, now.today <= day + LegsDecider.MOST_DAYS_APART);
    }

    private EffectiveScan.Held effectiveHold(UUID id) {
        TransferRow row = read(() -> known(id));
        Leaf.TransferTerms terms = row.hasTerms() ? (Leaf.TransferTerms) leafAt(row.first() - 1) : null;
        return new EffectiveScan.Held(row.debit(), row.credit(), EffectiveScan.dayOf(terms));
    }

    private TransferRow known(UUID id) {
        TransferRow row = state.transfers.find(id);
        if (row == null) {
            throw new InvariantViolation(
                    "node " + nodeId + ": the journal knows transfer " + id + " but the state does not");
        }
        return row;
    }

    private BalanceScan.Held held(UUID id) {
        Leaf.TransferHeld leaf = (Leaf.TransferHeld) leafAt(read(() -> known(id).first()));
        return new BalanceScan.Held(leaf.debit(), leaf.credit(), leaf.amount());
    }

    /**
     * Holds, newest first, open ones and what became of the others.
     *
     * @param account one of the two sides; null for all
     * @param status {@code held}, {@code posted}, {@code voided} or {@code expired}; null for all
     * @param before {@link HoldPage#next} of the page before; {@link Long#MAX_VALUE} for the first
     * @throws IllegalArgumentException for an unknown account
     */
    public HoldPage holds(@Nullable String account, @Nullable String status, long before, int limit) {
        return read(() -> {
            int ordinal = account == null ? AccountTable.NONE : state.accounts.find(account);
            if (account != null && ordinal == AccountTable.NONE) {
                throw new IllegalArgumentException("there is no account '" + account + "'");
            }
            return LedgerViews.holds(state, ordinal, status, before, limit, newest());
        });
    }

    public Optional<TransferView> transfer(UUID id) {
        return read(() -> {
            TransferRow row = state.transfers.find(id);
            return row == null ? Optional.empty() : Optional.of(LedgerViews.transfer(state, row, this::leafIfHere));
        });
    }

    public Optional<CaseView> caseOf(String caseId) {
        return read(() -> Optional.ofNullable(state.cases.get(caseId)).map(known -> LedgerViews.caseOf(state, known)));
    }

    /** Newest first. */
    public List<CaseView> cases(CaseFilter filter, int limit) {
        return read(() -> {
            List<ApprovalCase> from =
                    filter == CaseFilter.OPEN ? new ArrayList<>(state.openCases.values()) : state.casesInOrder;
            List<CaseView> views = new ArrayList<>();
            for (int i = from.size() - 1; i >= 0 && views.size() < limit; i--) {
                boolean open = from.get(i).state() == ApprovalCase.State.OPEN;
                if (filter != CaseFilter.DECIDED || !open) {
                    views.add(LedgerViews.caseOf(state, from.get(i)));
                }
            }
            return views;
        });
    }

    /** The stop of writes that is in force, if any. */
    public Optional<Maintenance> maintenance() {
        return read(() -> Optional.ofNullable(state.maintenance));
    }

    public SumsView sums() {
        return read(() -> new SumsView(newest(), sumsOf(state.accounts)));
    }

    /** In the order of the genesis. */
    public List<NodeView> nodes() {
        return read(() -> LedgerViews.nodes(state));
    }

    /** Newest first. */
    public List<AttestationView> attestations(int limit) {
        return read(() -> {
            List<Round> rounds = state.tally.rounds();
            List<AttestationView> views = new ArrayList<>();
            for (int i = rounds.size() - 1; i >= 0 && views.size() < limit; i--) {
                views.add(LedgerViews.attestation(state, rounds.get(i)));
            }
            return views;
        });
    }

    /** The digest that a majority of all nodes attested at this index without {@code node}; empty when there is none (yet). */
    public Optional<byte[]> attestedWithout(String node, long raftIndex) {
        return read(() -> LedgerViews.attestedWithout(state, node, raftIndex));
    }

    /** The genesis that this node was given; the same as the GENESIS leaf once {@link #begun()}. */
    public Genesis policy() {
        return genesis;
    }

    /** The policy in force with its history, and every key with its status. */
    public PolicyView policyInForce() {
        return read(() -> new PolicyView(
                genesis,
                state.gate.policy(),
                List.copyOf(state.gate.history()),
                List.copyOf(state.gate.keys().entries())));
    }

    /** Transfers that wait for a detector's verdict, oldest first. */
    public List<ScreeningView> screenings(int limit) {
        return read(() -> {
            List<ScreeningView> views = new ArrayList<>();
            for (Screening screening : state.screenings.values()) {
                if (views.size() == limit) {
                    break;
                }
                LedgerEvent.ScreeningBegun begun = screening.begun();
                views.add(new ScreeningView(
                        begun.payload().clone(), begun.dueMicros(), LedgerViews.money(state, begun.id())));
            }
            return views;
        });
    }

    /** True once the GENESIS leaf is applied. */
    public boolean begun() {
        return read(() -> state.begun);
    }

    public long journalSize() {
        return read(journal::size);
    }

    /** The same without waiting for the batch that is being applied, some of whose leaves it may count. */
    public long appendedLeaves() {
        return journal.size();
    }

    public byte[] root() {
        return read(journal::root);
    }

    /** Ledger time of the newest batch, 0 before the first. */
    public long timeMicros() {
        return read(() -> state.timeMicros);
    }

    /**
     * Leaves from sequence {@code from} on, none beyond the end. Does not hold up {@link #apply}.
     *
     * @param maxBytes of all leaves together; one leaf is given however large it is
     */
    public List<byte[]> readJournal(long from, int limit, int maxBytes) {
        return journal.read(from, limit, maxBytes);
    }

    /**
     * The hashes of a tile.
     *
     * @throws IllegalArgumentException when the journal is too short for it
     */
    public byte[] tile(TilePath path) {
        return journal.tile(path);
    }

    /** Text of the checkpoint that is to be signed: origin, size, root, time. */
    public String checkpointBody() {
        return read(() -> journal.checkpointBody(genesis.ledger(), state.timeMicros));
    }

    /** The same for the first {@code size} leaves, which a snapshot holds. */
    public String checkpointBody(long size) {
        return read(() -> journal.checkpointBody(genesis.ledger(), size, state.timeMicros));
    }

    /** @throws IllegalArgumentException unless 0 <= sequence < size <= journalSize */
    public List<byte[]> inclusionProof(long sequence, long size) {
        return journal.inclusionProof(sequence, size);
    }

    /** @throws IllegalArgumentException unless 0 <= from <= to <= journalSize */
    public List<byte[]> consistencyProof(long from, long to) {
        return journal.consistencyProof(from, to);
    }

    /** Ledger time at which the oldest open hold was made; empty when none is open. */
    public OptionalLong openHoldsOldestMicros() {
        return read(() -> state.holds.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(state.holds.values().iterator().next().openedMicros()));
    }

    /**
     * What this node must propose as {@link Command.Attest}. It is given until an attestation of this node for that index,
     * or a later one, is applied; so the caller remembers which index it has in flight, and proposes again when it was lost.
     *
     * <p>Of several that are due it is the newest that another node has attested, or else the newest: when attesting takes longer
     * than until the next one falls due, each node would otherwise attest another one, and no majority ever the same.
     */
    public Optional<OwnDigest> pendingAttestation() {
        return read(() -> {
            NodeRegister.Entry self = state.nodes.entry(ownNumber);
            Map.Entry<Long, byte[]> newest = ownDigests.lastEntry();
            if (newest == null || divergence != null || newest.getKey() <= self.attestedIndex) {
                return Optional.empty();
            }
            for (Map.Entry<Long, byte[]> own : ownDigests
                    .tailMap(self.attestedIndex, false)
                    .descendingMap()
                    .entrySet()) {
                Round round = state.tally.round(own.getKey());
                if (round != null && round.voted()) {
                    return Optional.of(
                            new OwnDigest(own.getKey(), own.getValue().clone()));
                }
            }
            return Optional.of(new OwnDigest(newest.getKey(), newest.getValue().clone()));
        });
    }

    /**
     * Set for good once the majority attested another digest than this node's own: it serves nothing more and stops. It is
     * told when this node's own attestation stands in the journal as evidence, or else when the next one falls due.
     */
    public Optional<Divergence> divergence() {
        return Optional.ofNullable(divergence);
    }

    /** Set once the index of old transfers was found damaged or unusable: the node must stop. */
    public Optional<ArchiveFault> archiveFault() {
        return Optional.ofNullable(archive.fault());
    }

    /** Newest Raft index at which the majority attested this node's own digest; 0 when none yet, since the last restore. */
    public long confirmedIndex() {
        return confirmedIndex;
    }

    /** Raft index of this node's newest own digest, 0 when there is none. */
    public long digestIndex() {
        return read(() -> ownDigests.isEmpty() ? 0L : ownDigests.lastKey());
    }

    /** Lower-case hex of this node's newest own digest, empty when there is none. */
    public String stateDigest() {
        return read(() ->
                ownDigests.isEmpty() ? "" : Digests.hex(ownDigests.lastEntry().getValue()));
    }

    /**
     * Fault hook: changes the balance in the live state and writes no leaf, as damaged memory would.
     *
     * @return false when the account is unknown
     */
    public boolean faultDrift(String account, long delta) {
        lock.writeLock().lock();
        try {
            int ordinal = state.accounts.find(account);
            if (ordinal != AccountTable.NONE) {
                state.accounts.drift(ordinal, delta);
            }
            return ordinal != AccountTable.NONE;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Closes the journal; it is made durable when the disk allows. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            usable = false;
            try {
                archive.close();
            } finally {
                journal.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Ends what is past its time, in order of time; a batch does a bounded part of it. */
    private void expireDue() {
        Maintenance stop = state.maintenance;
        if (stop != null && state.timeMicros >= stop.untilMicros()) {
            commit(new LedgerEvent.MaintenanceSet("", stop.reason(), 0));
        }
        for (int i = 0; i < limits.expiriesPerBatch() && !state.expiries.isEmpty(); i++) {
            Expiry next = state.expiries.first();
            if (state.timeMicros <= next.micros()) {
                return;
            }
            if (next.hold() != null) {
                commit(new LedgerEvent.HoldExpired(next.hold()));
            } else {
                CaseDecider.expire(state, requireNonNull(next.caseId(), "caseId"))
                        .forEach(this::commit);
            }
        }
    }

    private Command.Outcome run(Command command) {
        journal.settle();
        if (command instanceof Command.Begin begin) {
            return begin(begin);
        }
        if (!state.begun) {
            return notBegun();
        }
        if (MaintenanceDecider.stops(state, command)) {
            return new Command.Outcome(Reason.MAINTENANCE, newest(), "refused", null);
        }
        if (command instanceof Command.CreateDatedTransfer c) {
            return once(c.transfer().id(), Mix.of(c), () -> LegsDecider.decide(state, c));
        }
        if (command instanceof Command.CreateLegs c) {
            return once(c.id(), Mix.of(c), () -> LegsDecider.decide(state, c));
        }
        if (command instanceof Command.ReverseTransfer c) {
            return once(c.id(), Mix.of(c), () -> LegsDecider.decide(state, c, this::leafAt));
        }
        Command.Outcome outcome = carryOut(decide(command));
        if (command instanceof Command.Attest attest) {
            compareOwn(attest.raftIndex(), false);
        }
        return outcome;
    }

    private Decision decide(Command command) {
        if (command instanceof Command.CreateAccount c) {
            return TransferDecider.decide(state, c);
        }
        if (command instanceof Command.PostHold c) {
            return TransferDecider.decide(state, c);
        }
        if (command instanceof Command.VoidHold c) {
            return TransferDecider.decide(state, c);
        }
        if (command instanceof Command.OpenRecoveryCase c) {
            return CaseDecider.decide(state, c);
        }
        if (command instanceof Command.ScreeningVerdict c) {
            return ScreeningDecider.decide(state, c);
        }
        if (command instanceof Command.ProposeChange c) {
            return ChangeDecider.decide(state, c);
        }
        if (command instanceof Command.Approve c) {
            return CaseDecider.decide(state, c);
        }
        if (command instanceof Command.IsolateNode c) {
            return NodeDecider.decide(state, c);
        }
        if (command instanceof Command.AdmitNode c) {
            return NodeDecider.decide(state, c);
        }
        if (command instanceof Command.Attest c) {
            return NodeDecider.decide(state, c);
        }
        if (command instanceof Command.AnchorTrail c) {
            return NodeDecider.decide(state, c);
        }
        if (command instanceof Command.SetMaintenance c) {
            return MaintenanceDecider.decide(state, c);
        }
        if (command instanceof Command.Tick) {
            return Decision.accept("ticked", null, List.of());
        }
        throw new InvariantViolation("expected a command that some decider knows but found " + command.getClass());
    }

    private Command.Outcome begin(Command.Begin command) {
        if (state.begun) {
            return new Command.Outcome(Reason.GENESIS_EXISTS, newest(), "refused", null);
        }
        if (!Arrays.equals(command.genesisBody(), genesisBody)) {
            throw new InvariantViolation("node " + nodeId + ": expected the GENESIS leaf to be of digest "
                    + Digests.hex(genesis.digest()) + " as this node's genesis file but found "
                    + Digests.hex(Genesis.fromBody(command.genesisBody()).digest())
                    + "; give every node of the ledger the same genesis file");
        }
        commit(new LedgerEvent.Begun(genesisBody));
        return new Command.Outcome(Reason.OK, newest(), "begun", null);
    }

    private Command.Outcome notBegun() {
        return new Command.Outcome(Reason.NOT_BEGUN, newest(), "refused", null);
    }

    /**
     * The id is the idempotency key: what was decided first stands, also a rejection. What is simply posted, which is nearly
     * every transfer, makes no objects but its outcome; all else goes the way of every command.
     */
    private Command.Outcome transfer(Entry entry, int i) {
        if (!state.begun) {
            return notBegun();
        }
        long idHigh = columns.idHigh(i);
        long idLow = columns.idLow(i);
        long fingerprint = columns.fingerprint(i);
        TransferRow row = state.transfers.find(idHigh, idLow);
        if (row != null) {
            return again(row, fingerprint);
        }
        if (state.maintenance != null && MaintenanceDecider.stops(state, entry.command(i))) {
            return new Command.Outcome(Reason.MAINTENANCE, newest(), "refused", null);
        }
        int debit = columns.debit(i);
        int credit = columns.credit(i);
        long amount = columns.amount(i);
        if (TransferDecider.postsAtOnce(state, debit, credit, columns.asset(i), amount)) {
            long sequence = journal.next();
            state.admit(idHigh, idLow, fingerprint, sequence);
            state.post(debit, credit, amount, sequence);
            journal.appendPosted(idHigh, idLow, debit, credit, amount, state.timeMicros);
            return new Command.Outcome(Reason.OK, sequence, TransferTable.Status.POSTED.wireName(), null);
        }
        journal.settle();
        Command.CreateTransfer command = entry.transfer(i);
        Decision decision = TransferDecider.decide(state, command);
        if (decision.reason() == Reason.LEDGER_FULL) {
            return carryOut(decision);
        }
        state.admit(idHigh, idLow, fingerprint, journal.next());
        if (!decision.reason().accepted()) {
            state.reject(command, decision.reason(), newest());
        }
        return carryOut(decision);
    }

    /** The same for a transfer that is more than a debit, a credit and an amount. */
    private Command.Outcome once(UUID id, long fingerprint, Supplier<Decision> decider) {
        TransferRow row = state.transfers.find(id);
        if (row != null) {
            return again(row, fingerprint);
        }
        Decision decision = decider.get();
        if (decision.reason() == Reason.LEDGER_FULL) {
            return carryOut(decision);
        }
        state.admit(id, fingerprint, journal.next());
        if (!decision.reason().accepted()) {
            state.reject(decision.reason(), AccountTable.NONE, AccountTable.NONE, 0, newest());
        }
        return carryOut(decision);
    }

    private Command.Outcome again(TransferRow row, long fingerprint) {
        boolean same = row.fingerprint() == fingerprint;
        return new Command.Outcome(
                same ? Reason.DUPLICATE : Reason.ID_CONFLICT,
                newest(),
                same ? row.status().wireName() : "refused",
                same && row.gated() ? TransferDecider.caseId(row.id()) : null);
    }

    /** Null while the journal is not whole: then a view says less. */
    private @Nullable Leaf leafIfHere(long sequence) {
        if (sequence < 0 || journal.gap().isPresent()) {
            return null;
        }
        List<byte[]> leaves = journal.read(sequence, 1, 1);
        return leaves.isEmpty() ? null : LeafDecoder.decode(leaves.get(0));
    }

    private Leaf leafAt(long sequence) {
        Leaf leaf = leafIfHere(sequence);
        if (leaf == null) {
            throw new InvariantViolation(
                    "node " + nodeId + ": expected a leaf " + sequence + " but the journal has " + journal.size());
        }
        return leaf;
    }

    private Command.Outcome carryOut(Decision decision) {
        LedgerEvent refusal = decision.evidence();
        LedgerEvent evidence = refusal == null ? null : state.evidence(refusal, decision.subject());
        if (evidence != null) {
            commit(evidence);
        }
        List<LedgerEvent> events = decision.events();
        for (int i = 0; i < events.size(); i++) {
            commit(events.get(i));
        }
        return new Command.Outcome(decision.reason(), newest(), decision.status(), decision.subject());
    }

    private void commit(LedgerEvent event) {
        state.apply(event, journal.next());
        journal.append(event, state.timeMicros);
    }

    /** Compares the majority's digest with this node's own. */
    private void compareOwn(long raftIndex, boolean voteMayBeMissing) {
        Round round = state.tally.round(raftIndex);
        byte[] own = ownDigests.get(raftIndex);
        if (divergence != null || round == null || own == null) {
            return;
        }
        byte[] expected = state.tally.majority(round, state.nodes::trusted);
        if (expected == null) {
            return;
        }
        if (Arrays.equals(expected, own)) {
            // Also without an own vote, and however late: a node that waits to be confirmed attests nothing itself, and
            // on a
            // busy machine the others may take longer than until the next round.
            confirmedIndex = Math.max(confirmedIndex, raftIndex);
        } else if (voteMayBeMissing || round.digest(ownNumber) != null) {
            divergence = new Divergence(raftIndex, expected.clone(), own.clone());
        }
    }

    /** An attestation is due at the first batch of each period of ledger time. */
    private void attestWhenDue(long before) {
        if (!state.begun || state.timeMicros / limits.attestEveryMicros() == before / limits.attestEveryMicros()) {
            return;
        }
        if (!ownDigests.isEmpty()) {
            compareOwn(ownDigests.lastKey(), true);
        }
        state.turns++;
        state.tally.open(state.raftIndex);
        ownDigests.put(state.raftIndex, state.digest(journal.root(), journal.size()));
        if (ownDigests.size() > limits.attestationsKept()) {
            ownDigests.pollFirstEntry();
        }
    }

    private void align() {
        if (!aligned) {
            journal.align(new MerkleFrontier());
            aligned = true;
        }
        if (journal.gap().isPresent()) {
            throw new InvariantViolation(gapMessage());
        }
    }

    private String gapMessage() {
        return "node " + nodeId + ": expected a whole journal but its leaves are missing from sequence "
                + journal.gap().orElseThrow() + " on; backfill them from a peer first";
    }

    private void requireUsable() {
        if (!usable) {
            throw new IllegalStateException(
                    "node " + nodeId + ": the ledger is closed, or a batch failed half-way: the state is"
                            + " not used any more, restart the node from its last snapshot");
        }
    }

    static Map<String, Long> sumsOf(AccountTable accounts) {
        Map<String, Long> sums = new LinkedHashMap<>();
        long[] byAsset = accounts.sums();
        for (int i = 0; i < byAsset.length; i++) {
            sums.put(accounts.assetName(i), byAsset[i]);
        }
        return sums;
    }

    private long newest() {
        return journal.next() - 1;
    }

    private <T> T read(Supplier<T> question) {
        lock.readLock().lock();
        try {
            requireUsable();
            return question.get();
        } finally {
            lock.readLock().unlock();
        }
    }
}
