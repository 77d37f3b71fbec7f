package io.homeostat.telemetry;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of a process that sends telemetry.
 *
 * @param traceRatio part of the traces that is kept, in [0, 1]
 * @param queueRecords spans or log records that wait; more are dropped by the SDK, so that the caller never waits
 * @param batchRecords records in one request
 * @param exportTimeout longest life of one request with its retries
 */
public record SendLimits(double traceRatio, int queueRecords, int batchRecords, Duration exportTimeout) {
    public SendLimits {
        Objects.requireNonNull(exportTimeout, "exportTimeout");
        if (!(traceRatio >= 0 && traceRatio <= 1)) {
            throw new IllegalArgumentException("traceRatio must be in [0, 1] but is " + traceRatio);
        }
        if (batchRecords < 1 || queueRecords < batchRecords) {
            throw new IllegalArgumentException("expected 1 <= batchRecords <= queueRecords but found batchRecords="
                    + batchRecords + ", queueRecords=" + queueRecords);
        }
    }

    /**
     * One trace in ten is enough for latency per operation and keeps a busy node's own load small. 2048 records are about
     * 2 s of a busy node, 512 in a batch stay far below the intake's 4 MiB. 5 s: longer than a slow garbage collection of
     * the receiver, shorter than anybody waits for a process to stop.
     */
    public static SendLimits defaults() {
        return new SendLimits(0.1, 2048, 512, Duration.ofSeconds(5));
    }
}
