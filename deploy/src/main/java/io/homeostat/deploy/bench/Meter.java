package io.homeostat.deploy.bench;

import org.HdrHistogram.Histogram;

/**
 * Figures of one stretch of a load. Written by the load's thread; read by others once {@link TransferLoad#next} gave it
 * back.
 */
final class Meter {
    /** Latency of requests in microseconds: closed loop from sending, open loop from when it should have been sent. */
    final Histogram latency = new Histogram(3);

    private final long began = System.nanoTime();
    private long ended;
    private long lastAcknowledged = began;
    private long longestGap;
    private long transfers;
    private long requests;
    private long refused;
    private long repeated;

    void acknowledged(long accepted, long rejected, long latencyNanos, long now) {
        requests++;
        transfers += accepted;
        refused += rejected;
        latency.recordValue(Math.max(0, latencyNanos / 1000));
        longestGap = Math.max(longestGap, now - lastAcknowledged);
        lastAcknowledged = now;
    }

    /** A request had to be sent again: refused for now, or its outcome was unknown. */
    void repeated() {
        repeated++;
    }

    void end(long now) {
        ended = now;
        longestGap = Math.max(longestGap, now - lastAcknowledged);
    }

    double seconds() {
        return (ended - began) / 1e9;
    }

    /** Acknowledged as accepted. */
    long transfers() {
        return transfers;
    }

    long requests() {
        return requests;
    }

    /** Transfers that the ledger refused for good, for want of funds. */
    long refused() {
        return refused;
    }

    long repeats() {
        return repeated;
    }

    double transfersPerSecond() {
        return transfers / seconds();
    }

    double latencyMillis(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1000.0;
    }

    /** Longest time in which nothing was acknowledged. */
    double longestGapMillis() {
        return longestGap / 1e6;
    }
}
