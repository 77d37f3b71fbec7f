package io.homeostat.detector.evidence;

import java.io.Serializable;

/**
 * Bounds of the evidence store.
 *
 * @param maxBytes total size of all sealed windows; the oldest go first. A window of three nodes has 14 kB with the
 *     samples of the tests; at ten times that 1 GiB holds some 7,000 verdicts
 * @param maxAlerts alerts that can be found by their id; the oldest go first. An alert has 1 to 4 kB
 * @param maxFileBytes greatest file that is read: more is no window of ours
 */
public record EvidenceLimits(long maxBytes, int maxAlerts, int maxFileBytes) implements Serializable {
    private static final long serialVersionUID = 1L;

    public static EvidenceLimits defaults() {
        return new EvidenceLimits(1024L * 1024 * 1024, 20_000, 64 * 1024 * 1024);
    }
}
