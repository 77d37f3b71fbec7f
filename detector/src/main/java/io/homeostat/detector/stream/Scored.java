package io.homeostat.detector.stream;

import io.homeostat.detector.model.StreamScore;

/**
 * A row's score and what it means.
 *
 * @param surprise decades of improbability under normal work: 3 is one row in a thousand
 * @param threshold score at which an alarm opens now
 * @param opens true when an episode begins with this row
 * @param continues true when the episode that opens is the last one, taken up again
 * @param closes true when the open episode ends with this row
 */
public record Scored(
        StreamScore score,
        double surprise,
        double threshold,
        boolean open,
        boolean opens,
        boolean continues,
        boolean closes) {}
