package io.homeostat.ledger.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The archive in RocksDB. The database that is written to has no log of its own and is thrown away at every start: what
 * counts is the copy beside the newest snapshot, of which the files that never change are linked and not copied.
 *
 * <p>Nothing is opened before the first row comes. A copy that was restored is read through in the background, block by block,
 * against its checksums; a read checks the checksum of what it reads in any case.
 */
public final class RocksRowArchive implements RowArchive {
    /** Parts of a window that may wait: about 4 MB of rows. */
    private static final int MOST_WAITING = 4;

    private static final long STOP_SECONDS = 10;

    private final Path folder;
    private final String name;
    /** Held to use the database, and exclusively to exchange or close it: a closed one must not be touched. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    private final AtomicReference<@Nullable ArchiveFault> fault = new AtomicReference<>();
    private final Object progress = new Object();
    private volatile long addedTo;
    private volatile boolean closed;
    private @Nullable RowDatabase database;
    private @Nullable ThreadPoolExecutor writer;
    private int generation;

    /**
     * @param folder what a former process left in it is deleted
     * @param name of the node, for threads and messages
     */
    public RocksRowArchive(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        deleteFolder(folder);
    }

    @Override
    public byte @Nullable [] find(long idHigh, long idLow) {
        open.readLock().lock();
        try {
            return database == null ? null : database.find(idHigh, idLow);
        } catch (ArchiveFault e) {
            throw remember(e);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public List<byte[]> holdsBefore(long number, int limit) {
        open.readLock().lock();
        try {
            return database == null ? List.of() : database.holdsBefore(number, limit);
        } catch (ArchiveFault e) {
            throw remember(e);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public void add(long upTo, Supplier<List<Row>> rows) {
        if (closed) {
            throw new IllegalStateException("the archive of node " + name + " is closed");
        }
        if (writer == null) {
            writer = newWriter();
        }
        writer.execute(() -> take(upTo, rows));
    }

    private void take(long upTo, Supplier<List<Row>> rows) {
        if (fault.get() != null) {
            return;
        }
        try {
            database().add(rows.get());
            synchronized (progress) {
                addedTo = upTo;
                progress.notifyAll();
            }
        } catch (ArchiveFault e) {
            remember(e);
        } catch (RuntimeException e) {
            remember(new ArchiveFault("node " + name + ": rows of transfers could not be moved to disk", e));
        }
    }

    /** Made by the first row; later only exchanged while no row is on its way. */
    private RowDatabase database() {
        open.writeLock().lock();
        try {
            if (database == null) {
                database = RowDatabase.open(nextFolder());
            }
            return database;
        } finally {
            open.writeLock().unlock();
        }
    }

    @Override
    public long addedTo() {
        ArchiveFault found = fault.get();
        if (found != null) {
            throw new ArchiveFault(String.valueOf(found.getMessage()), found);
        }
        return addedTo;
    }

    @Override
    public void await(long upTo) {
        synchronized (progress) {
            while (addedTo() < upTo) {
                if (closed) {
                    throw new ArchiveFault("the archive of node " + name + " is closed", null);
                }
                try {
                    progress.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while rows of transfers were moved to disk", e);
                }
            }
        }
    }

    @Override
    public void copyTo(Path copy) {
        open.readLock().lock();
        try {
            if (database == null) {
                throw new ArchiveFault(
                        "node " + name + ": expected rows on disk but found none; nothing was ever moved", null);
            }
            database.copyTo(copy);
        } catch (ArchiveFault e) {
            throw remember(e);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public void restore(@Nullable Path copy, long upTo) {
        drain();
        Path next = nextFolder();
        RowDatabase opened = null;
        List<Path> linked = List.of();
        if (copy != null) {
            linked = RowDatabase.link(copy, next);
            opened = RowDatabase.open(next);
        }
        open.writeLock().lock();
        try {
            RowDatabase old = database;
            database = opened;
            fault.set(null);
            addedTo = upTo;
            if (old != null) {
                old.close();
                deleteFolder(old.folder());
            }
        } finally {
            open.writeLock().unlock();
        }
        if (opened != null) {
            verifyLater(opened, linked);
        }
    }

    /** One file at a time, so that the database can be closed in between. */
    private void verifyLater(RowDatabase restored, List<Path> tables) {
        Thread thread = new Thread(
                () -> {
                    for (Path file : tables) {
                        open.readLock().lock();
                        try {
                            if (closed || database != restored) {
                                return;
                            }
                            RowDatabase.verify(file);
                        } catch (ArchiveFault e) {
                            remember(e);
                            return;
                        } finally {
                            open.readLock().unlock();
                        }
                    }
                },
                "ledger-ids-verify-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public @Nullable ArchiveFault fault() {
        return fault.get();
    }

    private ArchiveFault remember(ArchiveFault found) {
        fault.compareAndSet(null, found);
        synchronized (progress) {
            progress.notifyAll();
        }
        return found;
    }

    private void drain() {
        ThreadPoolExecutor ending = writer;
        writer = null;
        if (ending == null) {
            return;
        }
        ending.shutdown();
        try {
            if (!ending.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                ending.shutdownNow();
                throw new ArchiveFault("node " + name + ": rows of transfers are still being moved to disk", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rows of transfers were moved to disk", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (progress) {
            progress.notifyAll();
        }
        drain();
        open.writeLock().lock();
        try {
            if (database != null) {
                database.close();
                database = null;
            }
        } finally {
            open.writeLock().unlock();
        }
    }

    private Path nextFolder() {
        generation++;
        return folder.resolve("live-" + generation);
    }

    /** Whoever adds too fast waits: memory stays bounded. */
    private ThreadPoolExecutor newWriter() {
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                work -> {
                    Thread thread = new Thread(work, "ledger-ids-" + name);
                    thread.setDaemon(true);
                    return thread;
                },
                (work, pool) -> {
                    try {
                        if (pool.isShutdown()) {
                            throw new IllegalStateException("the archive of node " + name + " is closed");
                        }
                        pool.getQueue().put(work);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted while rows of transfers were moved to disk", e);
                    }
                });
    }

    static void deleteFolder(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("deleting the rows of a former process in " + folder, e);
        }
    }
}
