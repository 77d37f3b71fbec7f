package io.homeostat.ledger.clock;

import java.util.Collection;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The rule: a clock may stamp while it is known to agree with those of a majority of all nodes, itself included. One majority
 * overlaps the other, so two leaders that follow each other can not be further apart than two such differences.
 */
public final class ClockAgreement {
    private static final long MICROS_PER_MILLI = 1000;

    private ClockAgreement() {}

    /**
     * @param nodes of the whole ledger
     * @param readings one per peer, fresh
     * @return why this clock may not stamp, naming the nodes and their skew; empty when it may
     */
    public static Optional<String> refusal(
            String self, int nodes, Collection<ClockReading> readings, long ownMicros, long nowNanos, long mostMicros) {
        int agree = 1;
        StringJoiner others = new StringJoiner(", ");
        for (ClockReading reading : readings) {
            long skew = reading.skewMicros(ownMicros, nowNanos);
            if (Math.abs(skew) <= mostMicros) {
                agree++;
            } else {
                others.add(reading.peer() + " is at least " + Math.abs(skew) / MICROS_PER_MILLI + " ms "
                        + (skew > 0 ? "ahead" : "behind"));
            }
        }
        int majority = nodes / 2 + 1;
        if (agree >= majority) {
            return Optional.empty();
        }
        int unknown = nodes - 1 - readings.size();
        if (unknown > 0) {
            others.add(unknown + (unknown == 1 ? " node has" : " nodes have") + " not told the time lately");
        }
        return Optional.of("the clock of node " + self + " agrees within " + mostMicros / MICROS_PER_MILLI
                + " ms with only " + agree + " of " + nodes + " nodes, itself included, and " + majority
                + " are needed: " + others
                + ". Nothing was written. Set the clocks right (NTP): writing goes on by itself, reads never stopped");
    }
}
