package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.Entry;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerImage;
import io.homeostat.ledger.state.SnapshotDamaged;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries committed entries to the {@link Ledger}, and its snapshots to and from Ratis. It decides nothing: the ledger is
 * deterministic, this class only keeps the life cycle that snapshot installation depends on.
 *
 * <p>Ratis applies, freezes and reinitializes in one thread at a time; {@link SnapshotWriter} writes beside it. An entry that can not be decoded or applied is a
 * bug, and stops the Raft server of this node rather than letting its state go another way than its peers'.
 */
final class LedgerStateMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerStateMachine.class);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long JOURNAL_POLL_MILLIS = 1000;
    private final Ledger ledger;
    private final RaftEvents events;
    private final InstantSource clock;
    private final PeerClocks clocks;
    private final SnapshotPace pace;
    private final StorageWatch disk;
    private final SnapshotStorage storage = new SnapshotStorage();
    private final SnapshotWriter writer;
    private final AtomicBoolean wanted = new AtomicBoolean();
    private final Object journal = new Object();
    private boolean journalWhole = true;
    private boolean closing;

    LedgerStateMachine(
            String nodeId,
            Ledger ledger,
            LedgerNodeLimits limits,
            RaftEvents events,
            InstantSource clock,
            PeerClocks clocks,
            StorageWatch disk) {
        this.ledger = ledger;
        this.events = events;
        this.clock = clock;
        this.clocks = clocks;
        this.disk = disk;
        this.pace = new SnapshotPace(limits.snapshotEveryEntries());
        SnapshotRetentionPolicy retention = new SnapshotRetentionPolicy() {
            @Override
            public int getNumSnapshotsRetained() {
                return limits.snapshotsKept();
            }
        };
        this.writer = new SnapshotWriter(nodeId, storage, retention, events, disk, pace::written);
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            super.initialize(server, groupId, raftStorage);
                            restoreNewestReadable(raftStorage.getStorageDir().getStateMachineDir());
                            // Only now, because it remembers the newest file that it finds.
                            storage.init(raftStorage);
                        },
                        IOException.class);
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** A snapshot was installed by the leader: it and no older one must be taken over, because the log goes on after it. */
    @Override
    public void reinitialize() throws IOException {
        SingleFileSnapshotInfo installed = storage.loadLatestSnapshot();
        if (installed == null) {
            throw new IOException("expected the installed snapshot in " + storage.getSnapshotDir() + " but found none");
        }
        String broken = tryRestore(installed.getFile().getPath().toFile(), false);
        if (broken != null) {
            throw new IOException("the installed snapshot "
                    + installed.getFile().getPath().getFileName() + " can not be taken over: " + broken);
        }
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    /** Called by Ratis in the thread that applied; the snapshot under way is given up. */
    @Override
    public void close() throws IOException {
        writer.close();
        super.close();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    /** The leader's one stamp of time. Requests that came over the wire instead of from this process are refused. */
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        TransactionContext.Builder transaction =
                TransactionContext.newBuilder().setStateMachine(this).setServerRole(RaftPeerRole.LEADER);
        if (!(request.getMessage() instanceof Proposal proposal)) {
            TransactionContext refused = transaction.setClientRequest(request).build();
            refused.setException(new IOException("entries are proposed by the node itself, not over the Raft port"));
            return refused;
        }
        long micros = PeerClocks.micros(clock.instant());
        Optional<String> skew = clocks.refusal();
        if (skew.isPresent()) {
            // It was asked before the entry was queued too; the clock may have jumped since.
            proposal.refuseForClock(skew.get());
            TransactionContext refused = transaction.setClientRequest(request).build();
            refused.setException(new IOException(skew.get()));
            return refused;
        }
        CommandCodec.stamp(proposal.entry(), micros);
        proposal.appended();
        return transaction
                .setClientRequest(request)
                .setLogData(proposal.getContent())
                .build();
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        long index = entry.getIndex();
        awaitJournal();
        Entry commands;
        long began = System.nanoTime();
        long cpuBegan = SnapshotPace.cpuNanos();
        List<Command.Outcome> outcomes;
        try {
            commands = CommandCodec.read(
                    LogBytes.of(entry.getStateMachineLogEntry().getLogData()));
            outcomes = ledger.apply(index, commands);
        } catch (RuntimeException e) {
            // Told first, because Ratis then closes its server and keeps the reason in its own log.
            events.broken(e);
            throw e;
        }
        updateLastAppliedTermIndex(entry.getTerm(), index);
        RaftClientRequest request = transaction.getClientRequest();
        if (request != null && request.getMessage() instanceof Proposal proposal) {
            proposal.applied(outcomes, began);
        }
        events.applied(index, commands, outcomes);
        pace.applied(commands.count(), SnapshotPace.cpuNanos() - cpuBegan);
        if (pace.due()) {
            freeze(TermIndex.valueOf(entry.getTerm(), index));
        }
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    /** Called in the log's own thread before each sync: on a disk that is all but full the log waits instead of dying. */
    @Override
    public CompletableFuture<Void> flush(long index) {
        return disk.room();
    }

    /** A read index round only has to arrive here; the read itself is done by whoever asked. */
    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    /**
     * Ratis asks when somebody requested one, and so that it purges its log: the newest snapshot that is on disk. A wanted
     * one is begun here, in the thread that applies, and written in another.
     */
    @Override
    public long takeSnapshot() {
        TermIndex applied = getLastAppliedTermIndex();
        if (wanted.getAndSet(false) && applied != null && applied.getIndex() >= 0) {
            freeze(applied);
        }
        SingleFileSnapshotInfo newest = storage.getLatestSnapshot();
        return newest == null ? -1 : newest.getIndex();
    }

    /** The next {@link #takeSnapshot} begins a new one; {@link SnapshotWriter#newest} is its outcome. */
    void wantSnapshot() {
        wanted.set(true);
    }

    /** Raft index of the snapshot under way, or of the last one. */
    CompletableFuture<Long> newestSnapshot() {
        return writer.newest();
    }

    /** The newest snapshot that is on disk; null when there is none. Retention may delete its file at any time. */
    @Nullable
    SnapshotFile newestSnapshotFile() {
        SingleFileSnapshotInfo newest = storage.getLatestSnapshot();
        return newest == null
                ? null
                : new SnapshotFile(
                        newest.getTerm(), newest.getIndex(), newest.getFile().getPath());
    }

    private void freeze(TermIndex at) {
        if (writer.busy()) {
            return;
        }
        pace.reset();
        long started = System.nanoTime();
        LedgerImage image = ledger.freeze();
        writer.write(at, image, System.nanoTime() - started);
    }

    /**
     * The newest snapshot that is whole and that the journal beside it does not contradict; newer ones are set aside and
     * said. When the journal contradicts all of them it is the journal that is wrong: it is filled from peers again.
     */
    private void restoreNewestReadable(File folder) throws IOException {
        List<File> files = snapshotsNewestFirst(folder);
        if (files.isEmpty() || restoreOneOf(files, true) || restoreOneOf(snapshotsNewestFirst(folder), false)) {
            return;
        }
        if (!logIsWhole(folder.toPath().resolveSibling("current"))) {
            throw new IOException("none of the " + files.size() + " snapshots can be used, see their names with"
                    + " 'unreadable.', and the log before them is purged: rebuild this node from its peers"
                    + " (homeostat node --rebuild)");
        }
    }

    private boolean restoreOneOf(List<File> files, boolean ownJournal) throws IOException {
        List<String> broken = new ArrayList<>();
        for (File file : files) {
            String found = tryRestore(file, ownJournal);
            if (found == null) {
                setAside(files, broken);
                return true;
            }
            broken.add(found);
        }
        if (!ownJournal) {
            setAside(files, broken);
        }
        return false;
    }

    private static void setAside(List<File> files, List<String> broken) throws IOException {
        for (int i = 0; i < broken.size(); i++) {
            File file = files.get(i);
            LOG.atWarn()
                    .addKeyValue("snapshot", file.getName())
                    .addKeyValue("found", broken.get(i))
                    .log("snapshot.unreadable: set aside, the one before is used");
            Files.move(
                    file.toPath(),
                    file.toPath().resolveSibling("unreadable." + file.getName()),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(MD5FileUtil.getDigestFileForFile(file).toPath());
        }
    }

    /** True when the Raft log still begins at its beginning, so that no snapshot is needed. */
    private static boolean logIsWhole(Path current) {
        String[] first = current.toFile().list((dir, name) -> name.matches("log_(inprogress_)?0(-\\d+)?"));
        return first != null && first.length > 0;
    }

    private static List<File> snapshotsNewestFirst(File folder) {
        File[] files = folder.listFiles(file ->
                SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(file.getName()).matches());
        return files == null
                ? List.of()
                : Arrays.stream(files)
                        .sorted(Comparator.comparing(SimpleStateMachineStorage::getTermIndexFromSnapshotFile)
                                .reversed())
                        .toList();
    }

    /** What is wrong with the file, {@code null} when the state is now the file's. */
    private @Nullable String tryRestore(File file, boolean ownJournal) {
        try {
            MD5Hash recorded = MD5FileUtil.readStoredMd5ForFile(file);
            if (recorded == null || !recorded.equals(MD5FileUtil.computeMd5ForFile(file))) {
                return "digest differs from the one recorded beside it";
            }
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file.toPath()), BUFFER_BYTES)) {
                ledger.restore(in, SnapshotStorage.existingFolderOf(file.toPath()), ownJournal);
            }
        } catch (IOException | SnapshotDamaged e) {
            return e.toString();
        }
        TermIndex at = SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file);
        setLastAppliedTermIndex(at);
        pace.reset();
        boolean whole = ledger.journalGap().isEmpty();
        synchronized (journal) {
            journalWhole = whole;
        }
        events.restored(at.getIndex(), whole);
        return null;
    }

    void journalFilled() {
        synchronized (journal) {
            journalWhole = true;
            journal.notifyAll();
        }
    }

    /** Lets a waiting apply fail, so that the server can be closed. */
    void giveUpWaiting() {
        synchronized (journal) {
            closing = true;
            journal.notifyAll();
        }
    }

    /** The log goes on growing meanwhile; only applying waits, until the older leaves came from a peer. */
    private void awaitJournal() {
        synchronized (journal) {
            while (!journalWhole) {
                if (closing) {
                    throw new IllegalStateException("the node left its Raft group before its journal was filled");
                }
                try {
                    journal.wait(JOURNAL_POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted before the journal was filled", e);
                }
            }
        }
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
        // Ratis wraps: what the disk said stands at the end of the chain.
        StringBuilder why = new StringBuilder();
        for (Throwable each = cause; each != null; each = each.getCause()) {
            why.append(why.isEmpty() ? "" : ": ").append(each.getMessage());
        }
        events.logFailed(why.toString());
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, @Nullable RaftPeerId leader) {
        events.leaderChanged(leader == null ? "" : leader.toString());
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
        events.stopped("the Raft server of this node shut down");
    }
}
