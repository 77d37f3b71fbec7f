package io.homeostat.detector.window;

import java.util.OptionalDouble;

/** Quantiles of explicit-bucket histograms. */
final class Histograms {
    private Histograms() {}

    /**
     * Linear interpolation within the bucket that holds the quantile, as Prometheus' {@code histogram_quantile} does; in
     * the last bucket, which has no upper bound, its lower bound. Empty without counts.
     */
    static OptionalDouble quantile(double[] bounds, long[] counts, double quantile) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        if (total == 0) {
            return OptionalDouble.empty();
        }
        double rank = quantile * total;
        double below = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 && below + counts[i] >= rank) {
                if (i == bounds.length) {
                    return OptionalDouble.of(bounds.length == 0 ? 0 : bounds[bounds.length - 1]);
                }
                double lower = i == 0 ? Math.min(0, bounds[0]) : bounds[i - 1];
                return OptionalDouble.of(lower + (bounds[i] - lower) * (rank - below) / counts[i]);
            }
            below += counts[i];
        }
        return OptionalDouble.of(bounds.length == 0 ? 0 : bounds[bounds.length - 1]);
    }
}
