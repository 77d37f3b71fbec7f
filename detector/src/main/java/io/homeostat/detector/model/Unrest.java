package io.homeostat.detector.model;

/**
 * Weighs columns by how restless they are now against training: a column whose oddness has lately been four times its usual
 * says half as much, and one that has become calm says more. Without it one column whose work changed outshouts the others.
 *
 * @param rate step of the mean of a column's oddness; a day of minutes
 * @param clip one row counts as this much at most: a fault must not make its column restless at once
 * @param part exponent of the ratio, 0 weighs all columns alike
 * @param least ratio below which a column gains no more weight: one that stood still has no say at its first move
 */
public record Unrest(double rate, double clip, double part, double least) {
    /** Least usual oddness: that of a column which never moved in training is zero. */
    static final double LEAST_USUAL = 0.02;

    public Unrest {
        if (!(rate > 0 && rate <= 1) || !(clip > 0) || !(part >= 0 && part <= 1) || !(least > 0 && least <= 1)) {
            throw new IllegalArgumentException("expected a step, a clip, a part and a least ratio above 0 but found "
                    + rate + ", " + clip + ", " + part + ", " + least);
        }
    }

    /** The oddness of a column as it counts, and the column's mean moved on. The same bits on every processor. */
    double weigh(double[] lately, double[] usual, int column, double odd) {
        double weighed = odd / StrictMath.pow(Math.max(least, lately[column] / usual[column]), part);
        lately[column] += rate * (Math.min(odd, clip) - lately[column]);
        return weighed;
    }
}
