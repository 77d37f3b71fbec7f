package io.homeostat.detector.replay;

/**
 * A field of an alert that came out otherwise.
 *
 * @param published as JSON, with the raw bits when it is a number
 * @param recomputed in the same form
 */
public record Difference(String field, String published, String recomputed) {}
