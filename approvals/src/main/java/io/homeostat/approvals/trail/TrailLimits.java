package io.homeostat.approvals.trail;

import java.time.Duration;

/**
 * Bounds of the trail.
 *
 * @param maxTextBytes the largest free text that is kept: a broker's message is at most 1 MB
 * @param maxStoryEvents events read of one story: an incident has tens; what comes after is in the log and not on the page
 * @param maxPage leaves in one answer
 * @param anchorDebounce from growth to anchoring: many events of one incident share one anchor
 * @param anchorRetryMax longest pause between two tries while the ledger is away
 */
public record TrailLimits(
        int maxTextBytes, int maxStoryEvents, int maxPage, Duration anchorDebounce, Duration anchorRetryMax) {
    public static TrailLimits defaults() {
        return new TrailLimits(1 << 20, 500, 200, Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
}
