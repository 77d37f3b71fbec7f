package io.homeostat.detector.signal;

import java.io.Serializable;
import java.time.Duration;

/**
 * Bounds on what is taken from one OTLP request.
 *
 * @param maxPoints data points of one request that become samples; the intake caps a body at 4 MiB, a node exports some
 *     tens of points each second, so that more is not a node of ours
 * @param maxBuckets buckets of one histogram point; OTel SDKs use 16 by default and 160 at most
 * @param maxAhead how far an event time may lie ahead of the clock; later points would pull the watermark forward and
 *     make every other node late
 */
public record DecodeLimits(int maxPoints, int maxBuckets, Duration maxAhead) implements Serializable {
    private static final long serialVersionUID = 1L;

    public static DecodeLimits defaults() {
        return new DecodeLimits(20_000, 200, Duration.ofSeconds(2));
    }
}
