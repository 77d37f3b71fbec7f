package io.homeostat.detector.screening;

import java.io.Serializable;

/**
 * Says which of the transfers that wait go to people: those whose score is at least {@code odd}, and not more a day than people
 * can look at, the oddest first by the spread of earlier scores. What reaches {@code always} goes to them whatever the load.
 *
 * @param perDay transfers that people look at a day
 * @param odd score below which a transfer is clear
 * @param always score from which the load does not count
 */
record ReviewBudget(double perDay, double odd, double always) implements Serializable {
    private static final long serialVersionUID = 1L;
    /** So many scores must be known before the load counts. */
    private static final double KNOWN = 100;

    private static final double BINS_PER_UNIT = 16;
    private static final double DAY_MICROS = 86_400e6;
    /** The rate of transfers that wait is measured over some two weeks. */
    private static final double RATE_DAYS = 14;

    private static final double FORGET_AT = 200_000;

    ReviewBudget {
        if (!(perDay > 0) || perDay > 1e9) {
            throw new IllegalArgumentException("reviews per day must be above 0 and at most 1e9 but are " + perDay);
        }
        if (!(odd >= 0) || !(always >= odd)) {
            throw new IllegalArgumentException("expected 0 <= odd <= always but they are " + odd + " and " + always);
        }
    }

    /** Whether people must look; counts the score. Called in the order of the journal. */
    boolean odd(AssetState asset, double score, long timeMicros) {
        double threshold = threshold(asset, timeMicros);
        asset.scores[bin(score)]++;
        if (++asset.scoreCount > FORGET_AT) {
            asset.scoreCount = TransferFeatures.halve(asset.scores);
        }
        if (asset.askedMicros == 0) {
            asset.firstAskedMicros = timeMicros;
        }
        double passed = StrictMath.max(0, timeMicros - asset.askedMicros) / DAY_MICROS;
        asset.askedRate = asset.askedRate * (asset.askedMicros == 0 ? 0 : StrictMath.exp(-passed / RATE_DAYS)) + 1;
        asset.askedMicros = StrictMath.max(asset.askedMicros, timeMicros);
        return score >= threshold;
    }

    /** The score from which people look now. */
    double threshold(AssetState asset, long timeMicros) {
        if (asset.scoreCount < KNOWN) {
            return odd;
        }
        double days = StrictMath.max(1, (timeMicros - asset.firstAskedMicros) / DAY_MICROS);
        double perDayNow = asset.askedRate / (RATE_DAYS * (1 - StrictMath.exp(-days / RATE_DAYS)));
        double share = StrictMath.min(1, perDay / perDayNow);
        double above = 0;
        int bin = AssetState.SCORE_BINS - 1;
        while (bin > 0 && above + asset.scores[bin] <= share * asset.scoreCount) {
            above += asset.scores[bin--];
        }
        return StrictMath.min(always, StrictMath.max(odd, (bin + 1) / BINS_PER_UNIT));
    }

    private static int bin(double score) {
        return StrictMath.max(0, StrictMath.min(AssetState.SCORE_BINS - 1, (int) (score * BINS_PER_UNIT)));
    }
}
