package io.homeostat.approvals.desk;

import java.time.Duration;

/**
 * Bounds of the desk.
 *
 * @param minReasonChars a reason of fewer characters explains nothing to an auditor
 * @param maxReasonChars a reason is a paragraph, not a document
 * @param republishAfter an own event that is not in the trail after this is published again
 * @param storyWait how long a decided recovery case waits for the healer's event that names its incident
 * @param maxInFlight own events that are on their way to the trail
 */
public record DeskLimits(
        int minReasonChars, int maxReasonChars, Duration republishAfter, Duration storyWait, int maxInFlight) {
    public static DeskLimits defaults() {
        return new DeskLimits(10, 2000, Duration.ofSeconds(30), Duration.ofSeconds(15), 10_000);
    }
}
