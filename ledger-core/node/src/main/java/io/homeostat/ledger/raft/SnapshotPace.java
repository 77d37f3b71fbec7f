package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeLimits;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/**
 * When the next snapshot is due. What a restart replays is what was applied since the newest one, so it is bounded twice: in
 * work of the log (entries, or so many commands), whatever it cost; and in the CPU time that applying took here, which is about
 * what the replay takes. Writing costs too: the second bound waits for eight times the CPU of the last write, so that snapshots
 * never cost more than an eighth of applying.
 *
 * <p>Each node decides for itself; nothing of this is part of the replicated state. {@link #written} may be called by any thread,
 * the rest by the one that applies.
 */
final class SnapshotPace {
    /** About 100,000 single transfers; a cold process takes some times as long for them. */
    private static final long APPLYING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int TIMES_THE_WRITE = 8;
    /** A process that has just begun is slow, and has little to replay: time counts from this part of the bound in work on. */
    private static final int LEAST_PART = 20;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long mostWork;
    private long work;
    private long nanos;
    private volatile long lastWriteNanos;

    SnapshotPace(long mostWork) {
        this.mostWork = mostWork;
    }

    /** CPU time of this thread, or time where the system does not tell it; only differences mean something. */
    static long cpuNanos() {
        long cpu = THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : -1;
        return cpu < 0 ? System.nanoTime() : cpu;
    }

    /** @param spentNanos what applying the entry took, by {@link #cpuNanos} */
    void applied(int commands, long spentNanos) {
        work += Math.max(1, commands / LedgerNodeLimits.COMMANDS_OF_AN_ENTRY);
        nanos += spentNanos;
    }

    boolean due() {
        return work >= mostWork
                || work >= mostWork / LEAST_PART && nanos >= Math.max(APPLYING_NANOS, TIMES_THE_WRITE * lastWriteNanos);
    }

    /** One was begun, or taken over. */
    void reset() {
        work = 0;
        nanos = 0;
    }

    /** @param spentNanos what writing took, by {@link #cpuNanos} */
    void written(long spentNanos) {
        lastWriteNanos = spentNanos;
    }
}
