package io.homeostat.ledger.archive;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows in order, which never changes once it is whole:
 *
 * <pre>
 * blocks   4096 bytes each: 61 rows, one byte of 0, u32 number of the block, u32 CRC32C of what stands before it
 * fences   16 bytes each: key of the first row of every so many-th block
 * footer   u64 magic | u32 order | u64 rows | u32 blocks from fence to fence | u32 fences | u32 CRC32C of fences and footer
 * </pre>
 *
 * All big-endian. A key is the id, or the number and 0, compared as signed longs.
 */
final class RunFormat {
    static final int BLOCK_BYTES = 4096;
    static final int BLOCK_ROWS = 61;
    static final int BLOCK_NUMBER_AT = BLOCK_BYTES - 8;
    static final int BLOCK_SUM_AT = BLOCK_BYTES - 4;
    static final int FENCE_BYTES = 16;
    static final int FOOTER_BYTES = 32;
    static final int MOST_FENCES = 8192;
    static final long MAGIC = 0x484f4d_524f575331L;

    /** What the rows of a file are sorted by. */
    enum Order {
        BY_ID,
        BY_NUMBER;

        long high(byte[] bytes, int at) {
            return this == BY_ID ? ArchivedRow.idHigh(bytes, at) : ArchivedRow.number(bytes, at);
        }

        long low(byte[] bytes, int at) {
            return this == BY_ID ? ArchivedRow.idLow(bytes, at) : 0;
        }

        boolean sameKey(byte[] bytes, int at, int other) {
            return high(bytes, at) == high(bytes, other) && low(bytes, at) == low(bytes, other);
        }
    }

    private RunFormat() {}

    static int compare(long high, long low, long otherHigh, long otherLow) {
        int byHigh = Long.compare(high, otherHigh);
        return byHigh != 0 ? byHigh : Long.compare(low, otherLow);
    }

    static long blocks(long rows) {
        return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    }

    /** Rows that stand in this block. */
    static int rowsIn(long block, long rows) {
        return (int) Math.min(BLOCK_ROWS, rows - block * BLOCK_ROWS);
    }

    static void seal(byte[] bytes, int at, long block) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        in.putInt(at + BLOCK_NUMBER_AT, (int) block);
        in.putInt(at + BLOCK_SUM_AT, sum(bytes, at, BLOCK_SUM_AT));
    }

    static void requireSound(byte[] bytes, int at, long block, Path file) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(at + BLOCK_SUM_AT) != sum(bytes, at, BLOCK_SUM_AT)
                || in.getInt(at + BLOCK_NUMBER_AT) != (int) block) {
            throw unusable(file, "block " + block + " does not have its checksum", null);
        }
    }

    static int sum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    static ArchiveFault unusable(Path where, String why, @Nullable Exception cause) {
        return new ArchiveFault(
                "the index of old transfer ids in " + where + " can not be used: " + why
                        + "; without it a repeated id would be taken for a new one, so this node stops: rebuild it from its"
                        + " peers (homeostat node --rebuild)",
                cause);
    }
}
