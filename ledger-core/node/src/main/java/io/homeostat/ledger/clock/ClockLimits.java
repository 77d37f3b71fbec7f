package io.homeostat.ledger.clock;

import java.time.Duration;

/**
 * Bounds of the comparison of clocks.
 *
 * @param mostSkew 500 ms: NTP keeps clocks of one site within a few ms, and a pause of a busy machine makes readings vague, not
 *     wrong; a hold of the shortest time, 1 s, still ends at about its time
 * @param every a peer is asked so often; and so the time for which a jump of a clock may go unnoticed
 * @param oldest reading that counts: long enough for a peer that is too busy to answer, and clocks drift apart by a few ms in
 *     that time
 */
public record ClockLimits(Duration mostSkew, Duration every, Duration oldest) {
    public static final ClockLimits DEFAULTS =
            new ClockLimits(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(30));

    public ClockLimits {
        if (mostSkew.isNegative() || mostSkew.isZero()) {
            throw new IllegalArgumentException("mostSkew must be longer than 0 but is " + mostSkew);
        }
        if (every.compareTo(oldest) >= 0) {
            throw new IllegalArgumentException("every " + every + " must be shorter than oldest " + oldest);
        }
    }
}
