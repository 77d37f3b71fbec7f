package io.homeostat.detector.model;

/**
 * How {@link StreamModel} walks along a stream; fixed at training and stored with the model.
 *
 * @param adaptRate step of the adaptive mean
 * @param adaptClip one row moves the mean as if it lay this many spreads away at most
 * @param fastRate step of the fast mean of innovations: a shift stops innovating after some rows
 * @param smoothRate step of the causal exponentially weighted mean of raw scores
 * @param season rows of a period found in training, 0 when none
 * @param norm raw score that counts as 1
 */
public record StreamSettings(
        double adaptRate,
        double adaptClip,
        double fastRate,
        double smoothRate,
        int season,
        double norm,
        Members members) {
    public StreamSettings {
        boolean rates = adaptRate >= 0 && adaptRate < 1 && fastRate >= 0 && fastRate <= 1;
        if (!rates || !(adaptClip > 0) || !(smoothRate > 0 && smoothRate <= 1) || season < 0 || !(norm > 0)) {
            throw new IllegalArgumentException("expected rates in [0, 1], a clip, rows and a norm above 0 but found "
                    + adaptRate + ", " + fastRate + ", " + adaptClip + ", " + smoothRate + ", " + season + ", " + norm);
        }
    }

    /** Rows that an excess of the smoothed score lasts about. */
    public double smoothRows() {
        return 2 / smoothRate - 1;
    }

    StreamSettings withNorm(double newNorm) {
        return new StreamSettings(adaptRate, adaptClip, fastRate, smoothRate, season, newNorm, members);
    }

    double[] toArray() {
        return new double[] {adaptRate, adaptClip, fastRate, smoothRate, season, norm, members.ordinal()};
    }

    static StreamSettings fromArray(double[] stored) {
        if (stored.length != 7 || !(stored[6] >= 0 && stored[6] < Members.values().length)) {
            throw new IllegalArgumentException("expected 7 settings but found " + stored.length);
        }
        return new StreamSettings(
                stored[0],
                stored[1],
                stored[2],
                stored[3],
                (int) stored[4],
                stored[5],
                Members.values()[(int) stored[6]]);
    }
}
