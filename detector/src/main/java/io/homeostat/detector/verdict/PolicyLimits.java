package io.homeostat.detector.verdict;

import java.io.Serializable;

/**
 * Hysteresis of verdicts; all counts are windows of one second.
 *
 * @param silenceWindows windows without any telemetry of a node while others report: three exports missed are no jitter
 * @param clearWindows normal windows before an anomaly is cleared: three in a row are no flicker
 * @param softHits deviating windows of the last {@code softWindows} before a warning: a garbage collection or a burst of
 *     a neighbour lasts one or two
 * @param softWindows see {@code softHits}; at most 64
 * @param peerDeviation least deviation from the peers, in robust spreads, that supports the model: both must agree
 * @param warmupWindows windows after a node came up in which it only warns about nothing: class loading and catch-up
 *     are slow and harmless
 * @param startGraceWindows how long a starting node may answer no probe: a replay of a long log takes tens of seconds
 * @param quietWindows windows after the last critical anomaly of any node in which nobody warns: elections and catch-up
 *     are echoes of the fault
 * @param relearnWindows windows in which most nodes are unlike the baseline before a new one is learned: the work has
 *     changed, not a node
 */
public record PolicyLimits(
        int silenceWindows,
        int clearWindows,
        int softHits,
        int softWindows,
        double peerDeviation,
        int warmupWindows,
        int startGraceWindows,
        int quietWindows,
        int relearnWindows)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public PolicyLimits {
        atLeastOne(silenceWindows, "silenceWindows");
        atLeastOne(clearWindows, "clearWindows");
        atLeastOne(softHits, "softHits");
        atLeastOne(relearnWindows, "relearnWindows");
        if (softWindows < softHits || softWindows > Long.SIZE) {
            throw new IllegalArgumentException(
                    "softWindows must lie in [softHits = " + softHits + ", 64] but is " + softWindows);
        }
    }

    public static PolicyLimits defaults() {
        return new PolicyLimits(3, 3, 4, 5, 6, 10, 60, 15, 60);
    }

    public PolicyLimits withSilenceWindows(int windows) {
        return new PolicyLimits(
                windows,
                clearWindows,
                softHits,
                softWindows,
                peerDeviation,
                warmupWindows,
                startGraceWindows,
                quietWindows,
                relearnWindows);
    }

    private static void atLeastOne(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1 but is " + value);
        }
    }
}
