package io.homeostat.detector.model;

/**
 * How {@link StreamModel} walks along a stream; fixed at training and stored with the model.
 *
 * @param adaptRate step of the adaptive mean
 * @param adaptClip one row moves the mean as if it lay this many spreads away at most
 * @param fastRate step of the fast mean of innovations: a shift stops innovating after some rows
 * @param smoothRate step of the causal exponentially weighted mean of raw scores
 * @param slowRate step of a slower one: what lasts counts more than what is over soon
 * @param slowPart weight of the slower one in the geometric mean of both
 * @param paceRate step of the exponentially weighted mean that alarms go by
 * @param season rows of a period found in training, 0 when none
 * @param norm raw score that counts as 1
 */
public record StreamSettings(
        double adaptRate,
        double adaptClip,
        double fastRate,
        double smoothRate,
        double slowRate,
        double slowPart,
        double paceRate,
        int season,
        double norm,
        Members members) {
    public StreamSettings {
        boolean rates = adaptRate >= 0 && adaptRate < 1 && fastRate >= 0 && fastRate <= 1;
        boolean means = step(smoothRate) && step(slowRate) && step(paceRate) && slowPart >= 0 && slowPart <= 1;
        if (!rates || !means || !(adaptClip > 0) || season < 0 || !(norm > 0)) {
            throw new IllegalArgumentException("expected rates in [0, 1], a clip, rows and a norm above 0 but found "
                    + adaptRate + ", " + fastRate + ", " + smoothRate + ", " + slowRate + ", " + paceRate + ", "
                    + slowPart + ", " + adaptClip + ", " + season + ", " + norm);
        }
    }

    private static boolean step(double rate) {
        return rate > 0 && rate <= 1;
    }

    StreamSettings withNorm(double newNorm) {
        return new StreamSettings(
                adaptRate, adaptClip, fastRate, smoothRate, slowRate, slowPart, paceRate, season, newNorm, members);
    }

    double[] toArray() {
        return new double[] {
            adaptRate, adaptClip, fastRate, smoothRate, slowRate, slowPart, paceRate, season, norm, members.ordinal()
        };
    }

    static StreamSettings fromArray(double[] stored) {
        if (stored.length != 10 || !(stored[9] >= 0 && stored[9] < Members.values().length)) {
            throw new IllegalArgumentException("expected 10 settings but found " + stored.length);
        }
        return new StreamSettings(
                stored[0],
                stored[1],
                stored[2],
                stored[3],
                stored[4],
                stored[5],
                stored[6],
                (int) stored[7],
                stored[8],
                Members.values()[(int) stored[9]]);
    }
}
