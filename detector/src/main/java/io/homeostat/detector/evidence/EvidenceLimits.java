package io.homeostat.detector.evidence;

import java.io.Serializable;

/**
 * Bounds of the evidence store.
 *
 * @param maxBytes total size of all sealed windows; the oldest go first. A window of three nodes has about 30 kB, so
 *     that 256 MiB hold some 8,000 verdicts
 */
public record EvidenceLimits(long maxBytes) implements Serializable {
    private static final long serialVersionUID = 1L;

    public static EvidenceLimits defaults() {
        return new EvidenceLimits(256L * 1024 * 1024);
    }
}
