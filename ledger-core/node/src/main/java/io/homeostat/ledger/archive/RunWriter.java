package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes a file as {@link RunFormat} says; rows come in their order. Not thread-safe. */
final class RunWriter implements AutoCloseable {
    private static final int BUFFER_BLOCKS = 16;
    /** A large file reaches the disk as it is written, not all at once when a copy is made. */
    private static final int SYNC_BLOCKS = 2048;

    private static final int FIRST_FENCES = 512;

    private final Path file;
    private final Order order;
    private final boolean synced;
    private final RandomAccessFile out;
    private final byte[] buffer = new byte[BUFFER_BLOCKS * RunFormat.BLOCK_BYTES];
    private long[] fenceHigh = new long[FIRST_FENCES];
    private long[] fenceLow = new long[FIRST_FENCES];
    private int fences;
    private int stride = 1;
    private long rows;
    private long block;
    private int rowsInBlock;

    /** @param synced every 8 MB as it is written, and the rest at the end */
    RunWriter(Path file, Order order, boolean synced) {
        this.file = file;
        this.order = order;
        this.synced = synced;
        try {
            this.out = new RandomAccessFile(file.toFile(), "rw");
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    void add(byte[] from, int at) {
        if (rowsInBlock == RunFormat.BLOCK_ROWS) {
            endBlock();
        }
        if (rowsInBlock == 0 && block % stride == 0) {
            fence(order.high(from, at), order.low(from, at));
        }
        int place = (int) (block % BUFFER_BLOCKS) * RunFormat.BLOCK_BYTES + rowsInBlock * ArchivedRow.BYTES;
        System.arraycopy(from, at, buffer, place, ArchivedRow.BYTES);
        rowsInBlock++;
        rows++;
    }

    /** Every second one goes when there are too many. */
    private void fence(long high, long low) {
        if (fences == RunFormat.MOST_FENCES) {
            fences /= 2;
            stride *= 2;
            for (int i = 0; i < fences; i++) {
                fenceHigh[i] = fenceHigh[2 * i];
                fenceLow[i] = fenceLow[2 * i];
            }
        }
        if (fences == fenceHigh.length) {
            fenceHigh = Arrays.copyOf(fenceHigh, 2 * fences);
            fenceLow = Arrays.copyOf(fenceLow, 2 * fences);
        }
        fenceHigh[fences] = high;
        fenceLow[fences++] = low;
    }

    private void endBlock() {
        int at = (int) (block % BUFFER_BLOCKS) * RunFormat.BLOCK_BYTES;
        int used = rowsInBlock * ArchivedRow.BYTES;
        Arrays.fill(buffer, at + used, at + RunFormat.BLOCK_BYTES, (byte) 0);
        RunFormat.seal(buffer, at, block);
        rowsInBlock = 0;
        block++;
        if (block % BUFFER_BLOCKS == 0) {
            write(buffer, buffer.length);
            if (synced && block % SYNC_BLOCKS == 0) {
                sync();
            }
        }
    }

    /** @return the file, open for reading */
    Run finish(int level) {
        if (rowsInBlock > 0) {
            endBlock();
        }
        write(buffer, (int) (block % BUFFER_BLOCKS) * RunFormat.BLOCK_BYTES);
        ByteBuffer tail = ByteBuffer.allocate(fences * RunFormat.FENCE_BYTES + RunFormat.FOOTER_BYTES);
        for (int i = 0; i < fences; i++) {
            tail.putLong(fenceHigh[i]).putLong(fenceLow[i]);
        }
        tail.putLong(RunFormat.MAGIC)
                .putInt(order.ordinal())
                .putLong(rows)
                .putInt(stride)
                .putInt(fences);
        tail.putInt(RunFormat.sum(tail.array(), 0, tail.position()));
        write(tail.array(), tail.position());
        if (synced) {
            sync();
        }
        close();
        return Run.open(file, level, synced);
    }

    private void write(byte[] bytes, int length) {
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    private void sync() {
        try {
            out.getFD().sync();
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw RunFormat.unusable(file, String.valueOf(e.getMessage()), e);
        }
    }
}
