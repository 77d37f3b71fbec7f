package io.homeostat.ledger.raft;

import io.homeostat.ledger.archive.ArchiveFault;
import io.homeostat.ledger.state.InvariantViolation;
import io.homeostat.ledger.state.LedgerImage;
import io.homeostat.merkle.JournalFault;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes images of the state beside the thread that applies, one at a time. A snapshot is told to Ratis only when its file,
 * its digest and its name are on disk; a write that failed leaves nothing behind and is not registered, because Ratis would
 * purge the log up to it.
 *
 * <p>{@link #write} is called by one thread; {@link #newest} by any.
 */
final class SnapshotWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long STOP_SECONDS = 5;
    private final SnapshotStorage storage;
    private final SnapshotRetentionPolicy retention;
    private final RaftEvents events;
    private final StorageWatch disk;
    private final LongConsumer written;
    private final ExecutorService worker;
    private volatile CompletableFuture<Long> newest = CompletableFuture.completedFuture(-1L);

    /** @param written takes what each cost, by {@link SnapshotPace#cpuNanos} */
    SnapshotWriter(
            String nodeId,
            SnapshotStorage storage,
            SnapshotRetentionPolicy retention,
            RaftEvents events,
            StorageWatch disk,
            LongConsumer written) {
        this.disk = disk;
        this.written = written;
        this.storage = storage;
        this.retention = retention;
        this.events = events;
        this.worker = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "ledger-snapshot-" + nodeId);
            thread.setDaemon(true);
            return thread;
        });
    }

    boolean busy() {
        return !newest.isDone();
    }

    /** Raft index of the write under way, or of the last one; fails as that write did. -1 before the first. */
    CompletableFuture<Long> newest() {
        return newest;
    }

    /** @param stallNanos for how long nothing was applied while the image was taken */
    void write(TermIndex at, LedgerImage image, long stallNanos) {
        newest = CompletableFuture.supplyAsync(() -> writeAndRegister(at, image, stallNanos), worker);
    }

    @Override
    public void close() {
        worker.shutdownNow();
        try {
            if (!worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.atWarn().log("snapshot.stop_slow: the write under way goes on, and is not registered");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long writeAndRegister(TermIndex at, LedgerImage image, long stallNanos) {
        long started = System.nanoTime();
        long cpuStarted = SnapshotPace.cpuNanos();
        Path file = storage.getSnapshotFile(at.getTerm(), at.getIndex()).toPath();
        Path writing = file.resolveSibling("writing." + file.getFileName());
        try (image) {
            requireRoom();
            MD5Hash md5 = write(image, writing);
            writeOldTransfers(image, file);
            if (worker.isShutdown()) {
                throw new IOException("the node stops");
            }
            SingleFileSnapshotInfo before = storage.getLatestSnapshot();
            if (before != null && before.getIndex() >= at.getIndex()) {
                // One was installed from the leader meanwhile.
                Files.deleteIfExists(writing);
                return before.getIndex();
            }
            // The digest first: a snapshot without one is not believed, a digest without a snapshot does no harm.
            MD5FileUtil.saveMD5File(file.toFile(), md5);
            Files.move(writing, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                folder.force(true);
            }
            storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file, md5), at));
            storage.cleanupOldSnapshots(retention);
            written.accept(SnapshotPace.cpuNanos() - cpuStarted);
            events.snapshotTaken(at.getIndex(), stallNanos, System.nanoTime() - started, Files.size(file));
            return at.getIndex();
        } catch (IOException | InvariantViolation | JournalFault | ArchiveFault e) {
            // An unsound state is not spread by a snapshot either; the next attestation finds it.
            discard(writing);
            events.snapshotFailed(at.getIndex(), e);
            throw new CompletionException(
                    e instanceof IOException ? e : new IOException("the snapshot was refused: " + e.getMessage(), e));
        }
    }

    /** Before the snapshot itself is in its place: then it is there for whoever finds the snapshot. */
    private static void writeOldTransfers(LedgerImage image, Path file) throws IOException {
        if (image.hasOldTransfers()) {
            Path folder = SnapshotStorage.writingFolderOf(file);
            image.writeOldTransfers(folder);
            SnapshotStorage.delete(SnapshotStorage.folderOf(file));
            Files.move(folder, SnapshotStorage.folderOf(file), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** A snapshot must not eat the reserve that the log needs. */
    private void requireRoom() throws IOException {
        SingleFileSnapshotInfo before = storage.getLatestSnapshot();
        long expected = before == null ? 0 : before.getFile().getFileSize() / 4 * 5;
        StorageWatch.View view = disk.view();
        if (view.freeBytes() - expected < view.reserveBytes()) {
            throw new IOException("a snapshot of about " + expected + " bytes does not fit: " + view.freeBytes()
                    + " bytes are free and " + view.reserveBytes() + " are kept in reserve");
        }
    }

    private static MD5Hash write(LedgerImage image, Path target) throws IOException {
        MessageDigest md5 = md5();
        try (FileOutputStream out = new FileOutputStream(target.toFile());
                OutputStream buffered = new BufferedOutputStream(new DigestOutputStream(out, md5), BUFFER_BYTES)) {
            image.write(buffered);
            buffered.flush();
            out.getFD().sync();
        }
        return MD5Hash.newInstance(md5.digest());
    }

    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("file", file.getFileName()).setCause(e).log("snapshot.discard_failed");
        }
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5, which Ratis sends beside a snapshot", e);
        }
    }
}
