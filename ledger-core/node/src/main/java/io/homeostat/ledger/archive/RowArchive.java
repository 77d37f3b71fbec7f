package io.homeostat.ledger.archive;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps rows ({@link ArchivedRow}) by id and, of those that began as a hold, also by number. What is added again replaces what
 * was there, with the same content. One thread adds and restores; any thread reads.
 */
public interface RowArchive extends AutoCloseable {
    /**
     * The row; null when there is none.
     *
     * @throws ArchiveFault when it can not be read
     */
    byte @Nullable [] find(long idHigh, long idLow);

    /**
     * The id will be asked for soon. Asked for many at once, before the first of them is looked for, so that one need not wait
     * for another one's memory.
     *
     * @return nothing that means anything: a processor must not know that it could leave the reading out
     */
    default long expect(long idHigh, long idLow) {
        return 0;
    }

    /** Holds with a number below this one, highest first. */
    List<byte[]> holdsBefore(long number, int limit);

    /**
     * Takes rows over in the background, in the order of calls; waits while too many are under way. Nothing of it is durable
     * before {@link #copyTo}.
     *
     * @param upTo what {@link #addedTo} is afterwards
     * @param most rows that are written
     * @param rows writes them one after the other; asked once, in another thread
     */
    void add(long upTo, int most, Consumer<ByteBuffer> rows);

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
