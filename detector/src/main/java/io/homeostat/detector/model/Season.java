package io.homeostat.detector.model;

import java.util.Arrays;

/**
 * Finds the period of rows: the first high peak of the autocorrelation, averaged over the columns. A coarse search over
 * block means, so that a daily period in minutes costs milliseconds, then a fine one around the peak.
 */
final class Season {
    /** Blocks of the coarse search: a peak is found to within a block, then refined. */
    private static final int BLOCKS = 2_000;
    /** A weaker peak is no period. */
    private static final double LEAST = 0.2;
    /** The first peak this close to the highest wins: a week holds seven days. */
    private static final double NEAR = 0.8;
    /** A period is seen at least this often: less is a coincidence. */
    private static final int LEAST_REPEATS = 2;
    /** Shorter periods are the business of the short lags. */
    private static final int SHORTEST = 24;

    private Season() {}

    /** Rows in a period, or 0 when there is none. */
    static int of(double[][] rows) {
        int block = Math.max(1, rows.length / BLOCKS);
        double[][] means = blocks(rows, block);
        int most = means.length / LEAST_REPEATS;
        int least = Math.max(2, SHORTEST / block);
        if (most <= least) {
            return 0;
        }
        double[] coarse = new double[most + 1];
        for (int lag = 1; lag <= most; lag++) {
            coarse[lag] = correlation(means, lag);
        }
        int start = least;
        while (start < most && coarse[start + 1] <= coarse[start]) {
            start++;
        }
        double highest = Arrays.stream(coarse, start, most + 1).max().orElse(0);
        if (highest < LEAST) {
            return 0;
        }
        for (int lag = start; lag <= most; lag++) {
            boolean peak = coarse[lag] >= coarse[lag - 1] && (lag == most || coarse[lag] >= coarse[lag + 1]);
            if (peak && coarse[lag] >= NEAR * highest) {
                return fine(rows, lag * block, block);
            }
        }
        return 0;
    }

    private static int fine(double[][] rows, int around, int block) {
        if (block == 1) {
            return around;
        }
        int best = around;
        double highest = -1;
        for (int lag = around - block; lag <= Math.min(around + block, rows.length / LEAST_REPEATS); lag++) {
            double value = correlation(rows, lag);
            if (value > highest) {
                highest = value;
                best = lag;
            }
        }
        return best;
    }

    private static double[][] blocks(double[][] rows, int block) {
        double[][] means = new double[rows.length / block][rows[0].length];
        for (int b = 0; b < means.length; b++) {
            for (int t = b * block; t < (b + 1) * block; t++) {
                for (int j = 0; j < means[b].length; j++) {
                    // Clipped: one spike must not look like a period of one.
                    means[b][j] += Math.max(-3, Math.min(3, rows[t][j])) / block;
                }
            }
        }
        return means;
    }

    /** Correlation of rows {@code lag} apart, summed over columns: a column without movement has no say. */
    private static double correlation(double[][] rows, int lag) {
        double product = 0;
        double before = 0;
        double after = 0;
        for (int t = lag; t < rows.length; t++) {
            double[] now = rows[t];
            double[] then = rows[t - lag];
            for (int j = 0; j < now.length; j++) {
                product += now[j] * then[j];
                before += then[j] * then[j];
                after += now[j] * now[j];
            }
        }
        return before == 0 || after == 0 ? 0 : product / Math.sqrt(before * after);
    }
}
