package io.homeostat.ledger.archive;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps rows by id and, of those that began as a hold, also by number. What is added again replaces what was there, with the
 * same content. One thread adds and restores; any thread reads.
 */
public interface RowArchive extends AutoCloseable {
    /**
     * @param number its place in the order of all rows
     * @param hold it is also found by {@link #holdsBefore}
     */
    record Row(long idHigh, long idLow, long number, boolean hold, byte[] content) {}

    /**
     * The content of the row; null when there is none.
     *
     * @throws ArchiveFault when it can not be read
     */
    byte @Nullable [] find(long idHigh, long idLow);

    /** Contents of holds with a number below this one, highest first. */
    List<byte[]> holdsBefore(long number, int limit);

    /**
     * Takes rows over in the background, in the order of calls; waits while too many are under way. Nothing of it is durable
     * before {@link #copyTo}.
     *
     * @param upTo what {@link #addedTo} is afterwards
     * @param rows asked once, in another thread
     */
    void add(long upTo, Supplier<List<Row>> rows);

    /**
     * Everything below was taken over.
     *
     * @throws ArchiveFault when something could not be
     */
    long addedTo();

    /**
     * Waits until {@link #addedTo} is at least this.
     *
     * @throws ArchiveFault when something could not be taken over
     */
    void await(long upTo);

    /**
     * Writes everything that was taken over, and perhaps what is being taken over, to a new folder, durably.
     *
     * @throws ArchiveFault when it can not be written
     */
    void copyTo(Path folder);

    /**
     * Holds what the copy holds from now on. The copy itself is left as it is.
     *
     * @param copy null for nothing
     * @param addedTo what {@link #addedTo} is afterwards
     * @throws ArchiveFault when the copy can not be used; then nothing has changed
     */
    void restore(@Nullable Path copy, long addedTo);

    /** What was found wrong since it was opened, also by itself in the background; null when nothing. */
    @Nullable
    ArchiveFault fault();

    /** Ends what is under way; nothing is made durable. */
    @Override
    void close();
}
