package io.homeostat.detector.window;

/**
 * A batch that came later than allowed: its samples count nowhere.
 *
 * @param timeMillis event time of its newest sample
 * @param behindMillis how far that lay behind the watermark
 */
public record LateSamples(String node, long timeMillis, long behindMillis, int samples) {}
