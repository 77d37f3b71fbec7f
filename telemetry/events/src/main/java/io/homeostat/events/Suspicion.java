package io.homeostat.events;

import java.util.Objects;

/**
 * One node that an incident may have begun at, among those ranked.
 *
 * @param share of the unexplained difference in [0, 1]; the shares of one ranking add up to at most 1
 * @param onsetMillis event time from which the node differs, -1 when its evidence has no beginning
 * @param reason what the rank rests on, in words and numbers of the detector alone
 */
public record Suspicion(String node, double share, long onsetMillis, String reason) {
    public Suspicion {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(reason, "reason");
        if (!(share >= 0 && share <= 1.000001)) {
            throw new IllegalArgumentException("share must be in [0, 1] but is " + share + " for " + node);
        }
    }
}
