package io.homeostat.detector.stream;

/** Recent normal scores and the tail fitted to them. A Flink POJO: public, mutable, flat; owned by one thread. */
public class TailState {
    /** Ring of the newest normal scores. */
    public double[] scores = {};
    /** Scores taken in. */
    public long seen;
    /** Scores taken in at the last fit. */
    public long fitted = -1;
    /** The tail begins here. */
    public double start;
    /** Part of the scores above {@link #start}. */
    public double part = 1;
    /** Shape of the generalised Pareto tail. */
    public double shape;
    /** Scale of the generalised Pareto tail. */
    public double scale = 1;
}
