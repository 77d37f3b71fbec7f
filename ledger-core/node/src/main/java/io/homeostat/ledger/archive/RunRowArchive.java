package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The archive in files of sorted rows (docs/adr/0022). Each part that is handed over becomes a file; sixteen of a size become one
 * in the background; a filter in memory answers for nearly every new id. What lies in the folder is thrown away at every start:
 * what counts is the copy beside the newest snapshot, whose files are links, for they never change.
 *
 * <p>A copy that was restored is read through once in the background: each block against its checksum, and each id into the
 * filter, which says "perhaps" to everything until then.
 */
public final class RunRowArchive implements RowArchive {
    /** Parts of a window that may wait: about 4 MB of rows. */
    private static final int MOST_WAITING = 4;
    /** Files that may lie there while a large merge is under way; then those who add wait. */
    private static final int MOST_RUNS = 256;

    private static final long STOP_SECONDS = 10;

    /**
     * @param filter null before the first row
     * @param whole the filter holds all ids of all files
     */
    private record Contents(RunList runs, @Nullable IdFilter filter, boolean whole) {
        static final Contents NONE = new Contents(RunList.EMPTY, null, true);
    }

    private final Path folder;
    private final String name;
    /** Held to read files, and exclusively to close them. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();
    /** Held by who copies, for some seconds perhaps, and by who closes or deletes files; taken before {@link #open}. */
    private final Object files = new Object();
    /** Guards changes of {@link #contents}; told of them and of everything else that somebody waits for. */
    private final Object progress = new Object();

    private final AtomicReference<@Nullable ArchiveFault> fault = new AtomicReference<>();
    private final RowSorter sorter = new RowSorter();
    private volatile Contents contents = Contents.NONE;
    private volatile long addedTo;
    private volatile boolean closed;
    private volatile boolean tidyingEnds;
    private @Nullable ThreadPoolExecutor writer;
    private @Nullable ThreadPoolExecutor tidier;
    private ByteBuffer part = ByteBuffer.allocate(0);
    private Path live;
    private int generation;
    private int newestFile;

    /**
     * @param folder what a former process left in it is deleted
     * @param name of the node, for threads and messages
     */
    public RunRowArchive(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        deleteFolder(folder);
        this.live = nextFolder();
    }

    @Override
    public byte @Nullable [] find(long idHigh, long idLow) {
        Contents now = contents;
        if (now.whole && (now.filter == null || !now.filter.mayHold(idHigh, idLow))) {
            return null;
        }
        open.readLock().lock();
        try {
            List<Run> runs = contents.runs.byId();
            for (int i = runs.size() - 1; i >= 0; i--) {
                byte[] row = runs.get(i).find(idHigh, idLow);
                if (row != null) {
                    return row;
                }
            }
            return null;
        } catch (ArchiveFault e) {
            throw remember(e);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public long expect(long idHigh, long idLow) {
        IdFilter filter = contents.filter;
        return filter == null ? 0 : filter.touch(idHigh, idLow);
    }

    @Override
    public List<byte[]> holdsBefore(long number, int limit) {
        open.readLock().lock();
        try {
            List<byte[]> found = new ArrayList<>();
            for (Run run : contents.runs.byNumber()) {
                found.addAll(run.before(number, 0, limit));
            }
            found.sort(Comparator.comparingLong((byte[] row) -> ArchivedRow.number(row, 0))
                    .reversed());
            List<byte[]> page = new ArrayList<>();
            for (byte[] row : found) {
                if (page.size() < limit
                        && (page.isEmpty()
                                || ArchivedRow.number(page.get(page.size() - 1), 0) != ArchivedRow.number(row, 0))) {
                    page.add(row);
                }
            }
            return page;
        } catch (ArchiveFault e) {
            throw remember(e);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public void add(long upTo, int most, Consumer<ByteBuffer> rows) {
        if (closed) {
            throw new IllegalStateException("the archive of node " + name + " is closed");
        }
        if (writer == null) {
            writer = newThread("ledger-ids-", new ArrayBlockingQueue<>(MOST_WAITING));
        }
        writer.execute(() -> take(upTo, most, rows));
    }

    private void take(long upTo, int most, Consumer<ByteBuffer> rows) {
        if (fault.get() != null) {
            return;
        }
        try {
            if (part.capacity() < most * ArchivedRow.BYTES) {
                part = ByteBuffer.allocate(most * ArchivedRow.BYTES);
            }
            part.clear();
            rows.accept(part);
            add(part.array(), part.position() / ArchivedRow.BYTES);
            synchronized (progress) {
                addedTo = upTo;
                progress.notifyAll();
            }
            tidy(this::mergeWhatIsDue);
            awaitFewRuns();
        } catch (ArchiveFault e) {
            remember(e);
        } catch (RuntimeException e) {
            remember(new ArchiveFault("node " + name + ": rows of transfers could not be moved to disk", e));
        }
    }

    private void add(byte[] rows, int count) {
        if (count == 0) {
            return;
        }
        // The filter first: whoever learns that a row is here must not be told that it is not.
        filter().addAll(rows, count);
        write(rows, count, Order.BY_ID);
        int holds = 0;
        for (int i = 0; i < count; i++) {
            if (ArchivedRow.hold(rows, i * ArchivedRow.BYTES)) {
                System.arraycopy(rows, i * ArchivedRow.BYTES, rows, holds++ * ArchivedRow.BYTES, ArchivedRow.BYTES);
            }
        }
        if (holds > 0) {
            write(rows, holds, Order.BY_NUMBER);
        }
    }

    private IdFilter filter() {
        synchronized (progress) {
            Contents now = contents;
            IdFilter filter = now.filter == null ? new IdFilter() : now.filter;
            contents = new Contents(now.runs, filter, now.whole);
            return filter;
        }
    }

    private void write(byte[] rows, int count, Order order) {
        int[] sorted = sorter.sort(rows, count, order);
        try (RunWriter out = new RunWriter(nextFile(), order, false)) {
            for (int i = 0; i < count; i++) {
                int at = sorted[i] * ArchivedRow.BYTES;
                // Of the same key the last one stays: within a file each stands once, which pages of holds count on.
                if (i + 1 == count || !order.sameKey(rows, at, sorted[i + 1] * ArchivedRow.BYTES)) {
                    out.add(rows, at);
                }
            }
            Run run = out.finish(0);
            synchronized (progress) {
                contents = new Contents(contents.runs.with(run), contents.filter, contents.whole);
            }
        }
    }

    private Path nextFile() {
        try {
            synchronized (progress) {
                Files.createDirectories(live);
                return live.resolve(RunList.fileName(++newestFile));
            }
        } catch (IOException e) {
            throw RunFormat.unusable(live, e.toString(), e);
        }
    }

    private void awaitFewRuns() {
        synchronized (progress) {
            while (contents.runs.count() > MOST_RUNS && !closed && !tidyingEnds && fault.get() == null) {
                waitForProgress();
            }
        }
    }

    private void waitForProgress() {
        try {
            progress.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rows of transfers were moved to disk", e);
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
                waitForProgress();
            }
        }
    }

    @Override
    public void copyTo(Path copy) {
        synchronized (files) {
            RunList runs = contents.runs;
            if (runs.isEmpty()) {
                throw new ArchiveFault(
                        "node " + name + ": expected rows on disk but found none; nothing was ever moved", null);
            }
            try {
                runs.copyTo(copy);
            } catch (ArchiveFault e) {
                throw remember(e);
            } catch (IOException e) {
                throw remember(RunFormat.unusable(copy, e.toString(), e));
            }
        }
    }

    @Override
    public void restore(@Nullable Path copy, long upTo) {
        stopThreads();
        Path next = nextFolder();
        RunList opened = RunList.EMPTY;
        if (copy != null) {
            try {
                opened = RunList.open(copy, next);
            } catch (ArchiveFault e) {
                deleteFolder(next);
                tidy(this::verifyAndFill);
                throw e;
            }
        }
        synchronized (files) {
            Contents old = contents;
            open.writeLock().lock();
            try {
                synchronized (progress) {
                    contents = new Contents(opened, opened.isEmpty() ? null : new IdFilter(), opened.isEmpty());
                    newestFile = opened.all().stream()
                            .mapToInt(run -> RunList.number(run.file()))
                            .max()
                            .orElse(0);
                    addedTo = upTo;
                    fault.set(null);
                }
                old.runs.close();
            } finally {
                open.writeLock().unlock();
            }
            deleteFolder(live);
            live = next;
        }
        if (!opened.isEmpty()) {
            tidy(this::verifyAndFill);
        }
    }

    /** In the thread that merges: until it is through, no file goes away. */
    private void verifyAndFill() {
        Contents restored = contents;
        IdFilter filter = restored.filter;
        if (restored.whole || filter == null) {
            return;
        }
        for (Run run : restored.runs.all()) {
            RunCursor cursor = new RunCursor(run);
            for (long row = 0; cursor.next(); row++) {
                if (row % RunFormat.BLOCK_ROWS == 0 && tidyingEnds) {
                    return;
                }
                if (run.order() == Order.BY_ID) {
                    filter.add(cursor.high(), cursor.low());
                }
            }
        }
        synchronized (progress) {
            contents = new Contents(contents.runs, filter, true);
        }
    }

    private void mergeWhatIsDue() {
        for (Order order : Order.values()) {
            // After a stop in the middle of reading, files are left as they are.
            while (!tidyingEnds && contents.whole) {
                List<Run> due = RunMerge.due(contents.runs.in(order));
                if (due.isEmpty()) {
                    break;
                }
                Run merged = RunMerge.merge(due, nextFile(), () -> tidyingEnds);
                if (merged != null) {
                    replace(due, merged);
                }
            }
        }
    }

    private void replace(List<Run> from, Run into) {
        synchronized (files) {
            open.writeLock().lock();
            try {
                synchronized (progress) {
                    contents = new Contents(contents.runs.merged(from, into), contents.filter, contents.whole);
                    progress.notifyAll();
                }
                from.forEach(Run::close);
            } finally {
                open.writeLock().unlock();
            }
            try {
                for (Run run : from) {
                    Files.deleteIfExists(run.file());
                }
            } catch (IOException e) {
                throw RunFormat.unusable(live, e.toString(), e);
            }
        }
    }

    /** At most one merge waits, whoever asks: it does everything that is due. */
    private void tidy(Runnable work) {
        synchronized (progress) {
            if (tidyingEnds || closed) {
                return;
            }
            if (tidier == null) {
                tidier = newThread("ledger-ids-tidy-", new LinkedBlockingQueue<>());
            }
            if (tidier.getQueue().size() < 2) {
                tidier.execute(() -> {
                    try {
                        work.run();
                    } catch (ArchiveFault e) {
                        remember(e);
                    }
                });
            }
        }
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

    /** What was handed over before is taken first; a merge that is under way is given up. */
    private void stopThreads() {
        synchronized (progress) {
            tidyingEnds = true;
            progress.notifyAll();
        }
        try {
            end(writer);
            writer = null;
            end(tidier);
            tidier = null;
        } finally {
            tidyingEnds = false;
        }
    }

    private void end(@Nullable ThreadPoolExecutor ending) {
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
        synchronized (progress) {
            closed = true;
            progress.notifyAll();
        }
        stopThreads();
        synchronized (files) {
            open.writeLock().lock();
            try {
                contents.runs.close();
                contents = Contents.NONE;
            } finally {
                open.writeLock().unlock();
            }
        }
    }

    private Path nextFolder() {
        generation++;
        return folder.resolve("live-" + generation);
    }

    /** Whoever adds too fast waits: memory stays bounded. */
    private ThreadPoolExecutor newThread(String prefix, BlockingQueue<Runnable> queue) {
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                queue,
                work -> {
                    Thread thread = new Thread(work, prefix + name);
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

    private static void deleteFolder(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("deleting the rows of a former process in " + folder, e);
        }
    }
}
