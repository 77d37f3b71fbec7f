package io.homeostat.detector.model;

/**
 * What {@link StreamModel} remembers between rows. A Flink POJO: public, mutable, flat; owned by one thread. Its size is
 * bounded by the greatest lag times the columns.
 */
public class StreamState {
    /** Rows taken in, training included. */
    public long rows;
    /** Adaptive mean of each column, in spreads. */
    public double[] mean = {};
    /** Fast mean of each column's innovation. */
    public double[] fast = {};
    /** Ring of past residuals from the mean, row by row. */
    public double[] history = {};
    /** Mean oddness of each column lately, see {@link Unrest}. */
    public double[] unrest = {};
    /** Mean of each column that follows within some rows, see {@link Hold}. */
    public double[] level = {};
    /** {@link #level} before the jump that is held. */
    public double[] before = {};
    /** What is left of the raw score of the newest jump. */
    public double jump;
    /** How far that jump led, in spreads. */
    public double way;
    /** Exponentially weighted mean of the raw scores. */
    public double smooth;
    /** The same with a smaller step. */
    public double slow;
    /** Exponentially weighted mean of the columns' mean innovation. */
    public double pace;

    public StreamState copy() {
        StreamState copy = new StreamState();
        copy.rows = rows;
        copy.mean = mean.clone();
        copy.fast = fast.clone();
        copy.history = history.clone();
        copy.unrest = unrest.clone();
        copy.level = level.clone();
        copy.before = before.clone();
        copy.jump = jump;
        copy.way = way;
        copy.smooth = smooth;
        copy.slow = slow;
        copy.pace = pace;
        return copy;
    }
}
