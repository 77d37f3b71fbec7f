package io.homeostat.healer.story;

import java.time.Duration;

/**
 * Bounds of telling.
 *
 * @param publishTimeout a broker that has not acknowledged by then is away; the step is tried again
 * @param batch lines read and published at once; a recovery has about thirty in all
 * @param pollTimeout how long the reader waits for news before it looks whether it should end
 * @param flushEvery how often lines that no step has published are looked for (the last one of a story has no next step)
 */
public record StoryLimits(Duration publishTimeout, int batch, Duration pollTimeout, Duration flushEvery) {
    public static StoryLimits defaults() {
        return new StoryLimits(Duration.ofSeconds(5), 100, Duration.ofMillis(500), Duration.ofMillis(500));
    }
}
