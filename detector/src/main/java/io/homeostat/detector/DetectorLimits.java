package io.homeostat.detector;

import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.WindowLimits;
import java.time.Duration;

/**
 * All bounds of the detector.
 *
 * @param startTimeout how long the mini cluster may take to run the job; it takes 2-5 s on two busy cores
 * @param stopTimeout how long a stop may take before it is reported as failed
 * @param checkpointTries stored checkpoints that are tried, newest first, before a cold start
 */
public record DetectorLimits(
        DecodeLimits decode,
        WindowLimits window,
        PolicyLimits policy,
        EvidenceLimits evidence,
        Duration startTimeout,
        Duration stopTimeout,
        int checkpointTries) {
    public static DetectorLimits defaults() {
        return new DetectorLimits(
                DecodeLimits.defaults(),
                WindowLimits.defaults(),
                PolicyLimits.defaults(),
                EvidenceLimits.defaults(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(20),
                3);
    }
}
