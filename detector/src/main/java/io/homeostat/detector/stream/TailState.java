package io.homeostat.detector.stream;

/** Recent normal rows and the tail fitted to them. A Flink POJO: public, mutable, flat; owned by one thread. */
public class TailState {
    /** Ring of the newest normal rows, one number each. */
    public double[] scores = {};
    /** Rows taken in. */
    public long seen;
    /** Rows taken in at the last fit. */
    public long fitted = -1;
    /** The tail begins here. */
    public double start;
    /** Part of the rows above {@link #start}. */
    public double part = 1;
    /** A row that lies this much higher is ten times less likely. */
    public double scale = 1;

    public TailState copy() {
        TailState copy = new TailState();
        copy.scores = scores.clone();
        copy.seen = seen;
        copy.fitted = fitted;
        copy.start = start;
        copy.part = part;
        copy.scale = scale;
        return copy;
    }
}
