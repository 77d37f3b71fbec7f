package io.homeostat.detector.window;

import java.io.Serializable;
import java.time.Duration;

/**
 * Bounds of windowing.
 *
 * @param outOfOrder how far the watermark trails the newest event time: the exports of nodes come every second at
 *     phases of their own and reach Kafka within some tens of milliseconds; half a second covers that and costs half a
 *     second of latency
 * @param lateBound oldest event time behind the watermark that still counts: a collector's default retry waits 5 s
 * @param idle after this time a partition without records no longer holds the watermark back
 * @param maxSeries counter and histogram series remembered per node: the catalog's metrics have some tens
 * @param maxSamples raw samples of one node kept in one window, and so in one sealed evidence window
 * @param maxNodes nodes that are judged; the biggest Raft group that makes sense has nine
 */
public record WindowLimits(
        Duration outOfOrder, Duration lateBound, Duration idle, int maxSeries, int maxSamples, int maxNodes)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public static WindowLimits defaults() {
        return new WindowLimits(
                Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofSeconds(1), 2_000, 2_000, 64);
    }
}
