package io.homeostat.deploy.bench;

import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * Figures of one stretch of a load. Written by the load's thread; read by others once {@link TransferLoad#next} gave it
 * back.
 */
final class Meter {
    /** Latency of requests in microseconds: closed loop from sending, open loop from when it should have been sent. */
    final Histogram latency = new Histogram(3);

    /** The same of requests that were refused for now. */
    final Histogram refusal = new Histogram(3);

    private static final long TENTH_NANOS = 100_000_000;

    private final long began = System.nanoTime();
    private long ended;
    private long lastAcknowledged = began;
    private long longestGap;
    private long transfers;
    private long requests;
    private long refused;
    private long repeated;
    private long refusedForPrincipal;
    private long refusedForNode;
    private long withoutRetryAfter;
    private long unanswered;
    private long notSent;
    /** Accepted transfers by tenth of a second. */
    private long[] tenths = new long[64];

    void acknowledged(long accepted, long rejected, long latencyNanos, long now) {
        requests++;
        transfers += accepted;
        int tenth = (int) ((now - began) / TENTH_NANOS);
        if (tenth >= tenths.length) {
            tenths = Arrays.copyOf(tenths, Math.max(tenth + 1, 2 * tenths.length));
        }
        tenths[tenth] += accepted;
        refused += rejected;
        latency.recordValue(Math.max(0, latencyNanos / 1000));
        longestGap = Math.max(longestGap, now - lastAcknowledged);
        lastAcknowledged = now;
    }

    /** A request had to be sent again: refused for now, or its outcome was unknown. */
    void repeated() {
        repeated++;
    }

    /** The node refused a request for now. */
    void putOff(int status, boolean retryAfter, long latencyNanos) {
        if (status == 429) {
            refusedForPrincipal++;
        } else {
            refusedForNode++;
        }
        if (!retryAfter) {
            withoutRetryAfter++;
        }
        refusal.recordValue(Math.max(0, latencyNanos / 1000));
    }

    /** A request got no answer, and was not repeated. */
    void unanswered() {
        unanswered++;
    }

    /** A request was due while none could be sent. */
    void notSent() {
        notSent++;
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

    /** Refused for now with 429: this client has too much inside. */
    long refusedForPrincipal() {
        return refusedForPrincipal;
    }

    /** Refused for now with 503 or another status from 500 on. */
    long refusedForNode() {
        return refusedForNode;
    }

    /** Of those that were refused for now: without a hint when to try again. */
    long withoutRetryAfter() {
        return withoutRetryAfter;
    }

    long withoutAnswer() {
        return unanswered;
    }

    long neverSent() {
        return notSent;
    }

    /** Transfers per second, for each whole tenth of a second since the stretch began. */
    double[] timeline() {
        int whole = (int) ((ended - began) / TENTH_NANOS);
        double[] rates = new double[whole];
        for (int i = 0; i < whole && i < tenths.length; i++) {
            rates[i] = tenths[i] * 10.0;
        }
        return rates;
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
