package io.homeostat.healer.act;

import java.time.Duration;

/**
 * Bounds of the calls to ledger and sidecars.
 *
 * @param connectTimeout loopback and one data centre connect in under 10 ms; a host that is gone must not cost more
 * @param readTimeout one read of state; a busy node answers in tens of milliseconds
 * @param writeTimeout one write through Raft, leadership transfer and membership change included (measured 0.2 to 1.3 s)
 * @param isolateTimeout the first isolation goes on without the ledger after this, so that the goal of one second is near
 * @param hedgeDelay the next node is asked as well when one has not answered for this long; only for idempotent calls
 * @param maxAnswerBytes 64 attestations or 1000 nodes fit many times over; a larger answer is not ours
 */
public record ActLimits(
        Duration connectTimeout,
        Duration readTimeout,
        Duration writeTimeout,
        Duration isolateTimeout,
        Duration hedgeDelay,
        int maxAnswerBytes) {
    public static ActLimits defaults() {
        return new ActLimits(
                Duration.ofMillis(300),
                Duration.ofMillis(800),
                Duration.ofSeconds(6),
                Duration.ofMillis(1200),
                Duration.ofMillis(200),
                4 << 20);
    }
}
