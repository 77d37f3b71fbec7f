package io.homeostat.deploy.demo;

import java.time.Duration;

/**
 * Bounds of the demo.
 *
 * @param quietBefore normal life before the fault: the detector sees what normal is, and hard evidence needs no more
 * @param storyWithin from the fault to the closed incident; far above what a resync takes on a busy machine
 * @param trickleRows of a file that are kept for the story, at the demo's steady rate
 * @param accounts of the seeded load: enough that transfers rarely meet, few enough to make in one request
 */
record DemoLimits(Duration quietBefore, Duration storyWithin, int trickleRows, int accounts) {
    static final DemoLimits DEFAULT = new DemoLimits(Duration.ofSeconds(8), Duration.ofSeconds(120), 6_000, 1_000);
}
