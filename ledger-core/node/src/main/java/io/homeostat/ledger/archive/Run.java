package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows in order, open for reading. A question costs one read of a block, and for files beyond 500,000 rows one more
 * for each doubling. Not by channels: an interrupt would close them. Thread-safe until it is closed.
 */
final class Run implements AutoCloseable {
    private final Path file;
    private final int level;
    private final RandomAccessFile in;
    private final Order order;
    private final long rows;
    private final int stride;
    private final long[] fenceHigh;
    private final long[] fenceLow;
    private boolean synced;

    private Run(Path file, int level, boolean synced, RandomAccessFile in) throws IOException {
        this.file = file;
        this.level = level;
        this.synced = synced;
        this.in = in;
        long length = in.length();
        if (length < RunFormat.FOOTER_BYTES) {
            throw new EOFException("it has " + length + " bytes");
        }
        byte[] footer = new byte[RunFormat.FOOTER_BYTES];
        readFully(length - footer.length, footer, footer.length);
        ByteBuffer fields = ByteBuffer.wrap(footer);
        boolean known = fields.getLong() == RunFormat.MAGIC;
        int kind = fields.getInt();
        this.rows = fields.getLong();
        this.stride = fields.getInt();
        int fences = fields.getInt();
        if (!known
                || kind < 0
                || kind >= Order.values().length
                || fences < 1
                || fences > RunFormat.MOST_FENCES
                || stride < 1
                || length
                        != RunFormat.blocks(rows) * RunFormat.BLOCK_BYTES
                                + (long) fences * RunFormat.FENCE_BYTES
                                + footer.length) {
            throw new IOException("its end does not say what it is");
        }
        byte[] tail = new byte[fences * RunFormat.FENCE_BYTES + footer.length];
        readFully(length - tail.length, tail, tail.length);
        ByteBuffer at = ByteBuffer.wrap(tail);
        if (at.getInt(tail.length - 4) != RunFormat.sum(tail, 0, tail.length - 4)) {
            throw new IOException("its end does not have its checksum");
        }
        this.order = Order.values()[kind];
        this.fenceHigh = new long[fences];
        this.fenceLow = new long[fences];
        for (int i = 0; i < fences; i++) {
            fenceHigh[i] = at.getLong();
            fenceLow[i] = at.getLong();
        }
    }

    /**
     * @param level how often its rows were merged
     * @param synced its bytes are known to be on the disk
     * @throws ArchiveFault when it is not whole
     */
    static Run open(Path file, int level, boolean synced) {
        RandomAccessFile in = null;
        try {
            in = new RandomAccessFile(file.toFile(), "r");
            return new Run(file, level, synced, in);
        } catch (IOException e) {
            if (in != null) {
                try {
                    in.close();
                } catch (IOException closing) {
                    e.addSuppressed(closing);
                }
            }
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    Path file() {
        return file;
    }

    int level() {
        return level;
    }

    Order order() {
        return order;
    }

    long rows() {
        return rows;
    }

    byte @Nullable [] find(long high, long low) {
        byte[] block = new byte[RunFormat.BLOCK_BYTES];
        long at = blockOf(high, low, block);
        if (at < 0) {
            return null;
        }
        int place = placeIn(at, block, high, low);
        int from = place * ArchivedRow.BYTES;
        return place < RunFormat.rowsIn(at, rows) && order.high(block, from) == high && order.low(block, from) == low
                ? Arrays.copyOfRange(block, from, from + ArchivedRow.BYTES)
                : null;
    }

    /** Rows with a key below this one, highest first. */
    List<byte[]> before(long high, long low, int limit) {
        List<byte[]> found = new ArrayList<>();
        byte[] block = new byte[RunFormat.BLOCK_BYTES];
        long at = blockOf(high, low, block);
        int place = at < 0 ? 0 : placeIn(at, block, high, low);
        while (at >= 0 && found.size() < limit) {
            if (place == 0) {
                at--;
                if (at >= 0) {
                    read(at, block, 1);
                    place = RunFormat.BLOCK_ROWS;
                }
            } else {
                place--;
                int from = place * ArchivedRow.BYTES;
                found.add(Arrays.copyOfRange(block, from, from + ArchivedRow.BYTES));
            }
        }
        return found;
    }

    /** The last block whose first row is not beyond the key, read into {@code block}; -1 when there is none. */
    private long blockOf(long high, long low, byte[] block) {
        int fence = Arrays.binarySearch(fenceHigh, high);
        fence = fence < 0 ? -fence - 2 : fence;
        // Of fences that share the upper half of the key the search gives any.
        while (fence + 1 < fenceHigh.length
                && RunFormat.compare(fenceHigh[fence + 1], fenceLow[fence + 1], high, low) <= 0) {
            fence++;
        }
        while (fence >= 0 && RunFormat.compare(fenceHigh[fence], fenceLow[fence], high, low) > 0) {
            fence--;
        }
        if (fence < 0) {
            return -1;
        }
        long least = (long) fence * stride;
        long beyond = Math.min(least + stride, RunFormat.blocks(rows));
        while (beyond - least > 1) {
            long middle = least + beyond >>> 1;
            read(middle, block, 1);
            if (RunFormat.compare(order.high(block, 0), order.low(block, 0), high, low) <= 0) {
                least = middle;
            } else {
                beyond = middle;
            }
        }
        read(least, block, 1);
        return least;
    }

    /** Of the first row that is not below the key; their number when all are. */
    private int placeIn(long at, byte[] block, long high, long low) {
        int least = 0;
        int beyond = RunFormat.rowsIn(at, rows);
        while (least < beyond) {
            int middle = least + beyond >>> 1;
            int from = middle * ArchivedRow.BYTES;
            if (RunFormat.compare(order.high(block, from), order.low(block, from), high, low) < 0) {
                least = middle + 1;
            } else {
                beyond = middle;
            }
        }
        return least;
    }

    /** Reads blocks and checks them. */
    void read(long first, byte[] into, int blocks) {
        try {
            readFully(first * RunFormat.BLOCK_BYTES, into, blocks * RunFormat.BLOCK_BYTES);
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
        for (int i = 0; i < blocks; i++) {
            RunFormat.requireSound(into, i * RunFormat.BLOCK_BYTES, first + i, file);
        }
    }

    private void readFully(long at, byte[] into, int length) throws IOException {
        synchronized (in) {
            in.seek(at);
            in.readFully(into, 0, length);
        }
    }

    /** Its bytes are on the disk afterwards. Called by one thread at a time. */
    void sync() {
        if (synced) {
            return;
        }
        try {
            in.getFD().sync();
            synced = true;
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }
}
