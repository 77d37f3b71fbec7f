package io.homeostat.detector.stream;

import io.homeostat.detector.model.StreamScore;

/**
 * A row's score and what it means.
 *
 * @param surprise decades of improbability of the pace under normal work: 3 is one row in a thousand
 * @param threshold pace at which an alarm opens now, see {@link StreamScore#pace}; decades for {@link NoveltyAlarms}
 * @param opens true when an episode begins with this row
 * @param continues true when the episode that opens is the last one, taken up again
 * @param closes true when the open episode is found to have ended
 * @param sinceOdd rows since the newest odd one of the open or the last episode: it ended so long ago
 */
public record Scored(
        StreamScore score,
        double surprise,
        double threshold,
        boolean open,
        boolean opens,
        boolean continues,
        boolean closes,
        long sinceOdd) {}
