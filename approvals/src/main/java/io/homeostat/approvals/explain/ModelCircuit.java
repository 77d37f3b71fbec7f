package io.homeostat.approvals.explain;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Leaves a failing model alone: after {@link ExplainLimits#failuresToOpen()} failures in a row it is not asked for {@link
 * ExplainLimits#openFor()}; then one call is let through, and its outcome decides.
 *
 * <p>Used by one thread.
 */
final class ModelCircuit {
    private final InstantSource clock;
    private final ExplainLimits limits;
    private int failures;
    private Instant closedUntil = Instant.EPOCH;

    ModelCircuit(InstantSource clock, ExplainLimits limits) {
        this.clock = clock;
        this.limits = limits;
    }

    boolean allows() {
        return failures < limits.failuresToOpen() || !clock.instant().isBefore(closedUntil);
    }

    void succeeded() {
        failures = 0;
    }

    void failed() {
        failures = Math.min(failures + 1, limits.failuresToOpen());
        if (failures >= limits.failuresToOpen()) {
            closedUntil = clock.instant().plus(limits.openFor());
        }
    }
}
