package io.homeostat.deploy;

import io.homeostat.ledger.check.Progress;

/** Progress of long work on standard error, one line a second at most. Used by one thread. */
final class ProgressLines implements Progress {
    private static final long SECOND = 1_000_000_000L;
    private long toldNanos;

    private ProgressLines() {}

    static Progress of(boolean wanted) {
        return wanted ? new ProgressLines() : Progress.SILENT;
    }

    @Override
    public void at(String what, long done, long total) {
        if (toldNanos == 0 || System.nanoTime() - toldNanos >= SECOND) {
            toldNanos = System.nanoTime();
            System.err.println(what + (done > 0 ? ": " + done + (total > 0 ? " of " + total : "") : ""));
        }
    }
}
