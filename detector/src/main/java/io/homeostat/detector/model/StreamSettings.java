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
 * @param power columns count by the mean of this power of their oddness: below 1 many that are a little odd count more
 * @param unrest weights of the columns
 * @param hold what is kept of a jump
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
        Members members,
        double power,
        Unrest unrest,
        Hold hold) {
    public StreamSettings {
        boolean rates = adaptRate >= 0 && adaptRate < 1 && fastRate >= 0 && fastRate <= 1;
        boolean means = step(smoothRate) && step(slowRate) && step(paceRate) && slowPart >= 0 && slowPart <= 1;
        if (!rates || !means || !(adaptClip > 0) || season < 0 || !(norm > 0) || !(power > 0)) {
            throw new IllegalArgumentException("expected rates in [0, 1], a clip, rows and a norm above 0 but found "
                    + adaptRate + ", " + fastRate + ", " + smoothRate + ", " + slowRate + ", " + paceRate + ", "
                    + slowPart + ", " + adaptClip + ", " + season + ", " + norm + ", " + power);
        }
    }

    private static boolean step(double rate) {
        return rate > 0 && rate <= 1;
    }

    /** The same with what is measured on the scores of training. */
    StreamSettings with(double newNorm, double holdFrom) {
        return new StreamSettings(
                adaptRate,
                adaptClip,
                fastRate,
                smoothRate,
                slowRate,
                slowPart,
                paceRate,
                season,
                newNorm,
                members,
                power,
                unrest,
                hold.withFrom(holdFrom));
    }

    double[] toArray() {
        return new double[] {
            adaptRate,
            adaptClip,
            fastRate,
            smoothRate,
            slowRate,
            slowPart,
            paceRate,
            season,
            norm,
            members.ordinal(),
            power,
            unrest.rate(),
            unrest.clip(),
            unrest.part(),
            unrest.least(),
            hold.from(),
            hold.fall(),
            hold.part(),
            hold.levelRate()
        };
    }

    static StreamSettings fromArray(double[] stored) {
        if (stored.length != 19 || !(stored[9] >= 0 && stored[9] < Members.values().length)) {
            throw new IllegalArgumentException("expected 19 settings but found " + stored.length);
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
                Members.values()[(int) stored[9]],
                stored[10],
                new Unrest(stored[11], stored[12], stored[13], stored[14]),
                new Hold(stored[15], stored[16], stored[17], stored[18]));
    }
}
