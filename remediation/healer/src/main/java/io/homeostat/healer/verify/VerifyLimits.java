package io.homeostat.healer.verify;

import java.time.Duration;

/**
 * Bounds of verification.
 *
 * @param window length of the detector's windows
 * @param quietWindows windows without a new anomaly that stand for a clearing which never came
 */
public record VerifyLimits(Duration window, int quietWindows) {
    public VerifyLimits {
        if (window.isNegative() || window.isZero()) {
            throw new IllegalArgumentException("window must be longer than 0 but is " + window);
        }
        if (quietWindows < 1) {
            throw new IllegalArgumentException("quietWindows must be at least 1 but is " + quietWindows);
        }
    }

    public static VerifyLimits defaults() {
        return new VerifyLimits(Duration.ofSeconds(1), 5);
    }
}
