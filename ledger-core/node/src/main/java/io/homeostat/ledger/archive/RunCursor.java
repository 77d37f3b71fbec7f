package io.homeostat.ledger.archive;

/** Walks through all rows of a file, in order, each block checked. Not thread-safe. */
final class RunCursor {
    private static final int BUFFER_BLOCKS = 16;

    private final Run run;
    private final byte[] buffer = new byte[BUFFER_BLOCKS * RunFormat.BLOCK_BYTES];
    private long row = -1;
    private long high;
    private long low;

    RunCursor(Run run) {
        this.run = run;
    }

    /** False when there is no further row. */
    boolean next() {
        if (++row >= run.rows()) {
            return false;
        }
        long block = row / RunFormat.BLOCK_ROWS;
        if (row % RunFormat.BLOCK_ROWS == 0 && block % BUFFER_BLOCKS == 0) {
            run.read(block, buffer, (int) Math.min(BUFFER_BLOCKS, RunFormat.blocks(run.rows()) - block));
        }
        high = run.order().high(buffer, place());
        low = run.order().low(buffer, place());
        return true;
    }

    /** Where the row stands in {@link #bytes}. */
    int place() {
        return (int) (row / RunFormat.BLOCK_ROWS % BUFFER_BLOCKS) * RunFormat.BLOCK_BYTES
                + (int) (row % RunFormat.BLOCK_ROWS) * ArchivedRow.BYTES;
    }

    byte[] bytes() {
        return buffer;
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    int compareTo(RunCursor other) {
        return RunFormat.compare(high, low, other.high, other.low);
    }
}
