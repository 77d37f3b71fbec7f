package io.homeostat.healer.plan;

import io.homeostat.events.Cause;

/**
 * What a plan depends on.
 *
 * @param number of the plan in its incident, from 1
 * @param leader whether the node leads at the moment
 * @param othersVerifiedEqual whether all other active nodes hold the majority's digest and are a majority
 * @param restartFailed whether an earlier plan of this incident tried a restart and it did not hold
 */
public record PlanContext(
        String incidentId,
        String node,
        int number,
        Cause cause,
        boolean leader,
        boolean othersVerifiedEqual,
        boolean restartFailed) {
    public PlanContext {
        if (number < 1) {
            throw new IllegalArgumentException("number must be at least 1 but is " + number);
        }
    }

    String planId() {
        return incidentId + "-plan-" + number;
    }
}
