package io.homeostat.detector.model;

import io.homeostat.events.Contribution;
import java.util.List;

/**
 * The distance of a window from normal.
 *
 * @param score distance; {@code threshold} is in the same scale
 * @param contributions features by falling share
 */
public record ModelScore(double score, double threshold, List<Contribution> contributions) {
    public ModelScore {
        contributions = List.copyOf(contributions);
    }

    public boolean anomalous() {
        return score > threshold;
    }
}
