package io.homeostat.merkle;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written at its end into room taken before: a length that is a step ahead of the data. So the length, which is
 * metadata, changes seldom. The room takes no blocks yet: writing zeros there would cost as much as writing the data
 * (docs/adr/0030). A reader of such a file finds zeros behind the data.
 *
 * <p>RandomAccessFile and not FileChannel for everything but {@link #sync}, because an interrupted thread would close a
 * shared channel under everybody else. Not thread-safe.
 */
final class GrowingFile implements Closeable {
    /** Room taken at once. */
    static final int STEP_BYTES = 1 << 20;

    private final Path path;
    private final long mostBytes;
    private final RandomAccessFile file;
    private FileChannel forced;
    private long dataBytes;
    private long allBytes;

    /**
     * Cuts the file to {@code dataBytes} and goes on there.
     *
     * @param mostBytes no room is taken beyond it; data may pass it
     */
    GrowingFile(Path path, long dataBytes, long mostBytes) throws IOException {
        this.path = path;
        this.mostBytes = mostBytes;
        this.file = new RandomAccessFile(path.toFile(), "rw");
        try {
            file.setLength(dataBytes);
            this.forced = FileChannel.open(path, StandardOpenOption.WRITE);
        } catch (IOException e) {
            file.close();
            throw e;
        }
        this.dataBytes = dataBytes;
        this.allBytes = dataBytes;
    }

    /** Bytes of the file, room included. */
    long length() throws IOException {
        return file.length();
    }

    void write(byte[] source, int length) throws IOException {
        if (length == 0) {
            return;
        }
        if (dataBytes + length > allBytes) {
            takeRoom(dataBytes + length);
        }
        file.seek(dataBytes);
        file.write(source, 0, length);
        dataBytes += length;
    }

    /** Drops everything behind the first {@code bytes}, so that no old data can appear behind new. */
    void cut(long bytes) throws IOException {
        file.setLength(bytes);
        dataBytes = bytes;
        allBytes = bytes;
    }

    /** Gives unused room back. */
    void trim() throws IOException {
        if (allBytes > dataBytes) {
            cut(dataBytes);
        }
    }

    /** Makes the data durable; of the metadata only what reading it back needs. */
    void sync() throws IOException {
        try {
            forced.force(false);
        } catch (ClosedByInterruptException e) {
            // The channel is lost with the interrupt. The file's own descriptor has no such rule, and reports what
            // the channel may have swallowed.
            file.getFD().sync();
            boolean interrupted = Thread.interrupted();
            try {
                forced = FileChannel.open(path, StandardOpenOption.WRITE);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** Makes the names in a directory durable; an interrupt of the thread is kept for later. */
    static void syncDirectory(Path directory) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
                    names.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void takeRoom(long needed) throws IOException {
        allBytes = Math.max(needed, Math.min(mostBytes, needed + STEP_BYTES));
        file.setLength(allBytes);
    }

    @Override
    public void close() throws IOException {
        try (RandomAccessFile data = file;
                FileChannel channel = forced) {
            // Closed by leaving.
        }
    }
}
