package io.homeostat.events;

import java.util.Objects;

/**
 * One feature's part in an anomaly score.
 *
 * @param feature signal name and statistic, for example {@code ledger.commit.duration p99}
 * @param unit UCUM unit of expected and observed, {@code 1} when there is none
 * @param expected the baseline's or the peers' value
 * @param observed the value in the window
 * @param share part of the score in [0, 1]; the shares of one anomaly add up to at most 1
 */
public record Contribution(String feature, String unit, double expected, double observed, double share) {
    public Contribution {
        Objects.requireNonNull(feature, "feature");
        Objects.requireNonNull(unit, "unit");
        if (!(share >= 0 && share <= 1.000001)) {
            throw new IllegalArgumentException("share must be in [0, 1] but is " + share + " for " + feature);
        }
    }
}
