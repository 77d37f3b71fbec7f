package io.homeostat.detector.stream;

import java.util.Arrays;

/**
 * How likely a normal row is at least as odd: two conformal quantiles of recent normal rows (Vovk; ranks in the buffer),
 * joined and continued by a generalised Pareto tail of shape zero, which is the exponential one (Pickands 1975).
 *
 * <p>The tail's scale is read off the body and not off the greatest values: those of a real training are faults that
 * nobody marked and jobs that come once a day, and a tail fitted to them forgives the next fault. Stateless;
 * {@link TailState} is the caller's. The same scores give the same bits everywhere.
 */
public final class Tail {
    /** Least scale as a part of where the tail starts: a body without spread says nothing about a tail. */
    private static final double LEAST_SCALE = 1e-3;
    /** Least scale of a body of zeros: any movement is odd then, and every surprise is a finite number. */
    private static final double LEAST = 1e-9;

    private Tail() {}

    static TailState start(int rows) {
        TailState state = new TailState();
        state.scores = new double[rows];
        return state;
    }

    static void take(TailState state, double score, AlarmLimits limits) {
        remember(state, score);
        if (state.fitted < 0 || state.seen - state.fitted >= limits.refitRows()) {
            fit(state, limits);
        }
    }

    /** Takes a score without a fit: a tail per row of training would say nothing more than one at its end. */
    public static void remember(TailState state, double score) {
        state.scores[(int) (state.seen % state.scores.length)] = score;
        state.seen++;
    }

    public static void fit(TailState state, AlarmLimits limits) {
        int size = (int) Math.min(state.seen, state.scores.length);
        double[] sorted = Arrays.copyOf(state.scores, size);
        Arrays.sort(sorted);
        state.fitted = state.seen;
        double from = sorted[(int) (limits.bodyFrom() * (size - 1))];
        state.start = sorted[(int) (limits.bodyTo() * (size - 1))];
        state.part = 1 - limits.bodyTo();
        double decades = StrictMath.log10((1 - limits.bodyFrom()) / (1 - limits.bodyTo()));
        double least = Math.max(LEAST_SCALE * Math.abs(state.start), LEAST);
        state.scale = Math.max((state.start - from) / decades, least);
    }

    /** Decades: 3 means that one normal row in a thousand is as odd. */
    static double surprise(TailState state, double score) {
        return Math.max(0, -StrictMath.log10(state.part) + (score - state.start) / state.scale);
    }

    /** The score of a surprise that lies beyond the start of the tail. */
    public static double threshold(TailState state, double surprise) {
        return state.start + state.scale * Math.max(0, surprise + StrictMath.log10(state.part));
    }
}
