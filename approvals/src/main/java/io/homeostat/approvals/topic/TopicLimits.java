package io.homeostat.approvals.topic;

import java.time.Duration;

/**
 * Bounds of the conversation with the broker.
 *
 * @param publishTimeout until an event counts as not taken: covers one broker restart's reconnect, and the desk retries
 * @param pollWait longest wait for new events: also how long closing may take
 * @param batchEvents events that share one fsync of the trail
 * @param maxEventBytes the largest event that is taken, just below a broker's default for a message and the leaf log's 1 MiB
 * @param retryPause between two tries after the broker failed
 */
public record TopicLimits(
        Duration publishTimeout, Duration pollWait, int batchEvents, int maxEventBytes, Duration retryPause) {
    public static TopicLimits defaults() {
        return new TopicLimits(Duration.ofSeconds(10), Duration.ofMillis(250), 500, 1_000_000, Duration.ofSeconds(2));
    }
}
