package io.homeostat.detector.stream;

import java.util.Arrays;

/**
 * How likely a normal row scores at least as high: the conformal p-value among recent normal scores (Vovk; the rank in
 * the buffer), and beyond the buffer's reach a generalised Pareto tail (Pickands 1975), fitted by probability-weighted
 * moments (Hosking and Wallis 1987). Stateless; {@link TailState} is the caller's.
 */
final class Tail {
    /** A lighter tail would be bounded, and two scores beyond its end would be alike. */
    private static final double LEAST_SHAPE = 0.05;
    /** A heavier one has no variance to speak of; probability-weighted moments are valid below. */
    private static final double MOST_SHAPE = 0.5;

    private static final int LEAST_EXCESSES = 8;

    private Tail() {}

    static TailState start(int rows) {
        TailState state = new TailState();
        state.scores = new double[rows];
        return state;
    }

    static void take(TailState state, double score, AlarmLimits limits) {
        state.scores[(int) (state.seen % state.scores.length)] = score;
        state.seen++;
        if (state.fitted < 0 || state.seen - state.fitted >= limits.refitRows()) {
            fit(state, limits);
        }
    }

    static void fit(TailState state, AlarmLimits limits) {
        int size = (int) Math.min(state.seen, state.scores.length);
        double[] sorted = Arrays.copyOf(state.scores, size);
        Arrays.sort(sorted);
        int excesses = Math.min(size - 1, Math.max(LEAST_EXCESSES, (int) (limits.tailPart() * size)));
        state.fitted = state.seen;
        if (excesses < 1) {
            state.start = sorted[size - 1];
            state.part = 1;
            return;
        }
        double start = sorted[size - 1 - excesses];
        double first = 0;
        double second = 0;
        for (int i = 0; i < excesses; i++) {
            double excess = sorted[size - excesses + i] - start;
            first += excess / excesses;
            second += (1 - (i + 1 - 0.35) / excesses) * excess / excesses;
        }
        state.start = start;
        state.part = (excesses + 1.0) / (size + 1.0);
        double spread = first - 2 * second;
        if (!(first > 0) || !(spread > 0)) {
            // All excesses are alike: an exponential tail as wide as the start itself.
            state.shape = LEAST_SHAPE;
            state.scale = Math.max(first, Math.max(Math.abs(start) * 0.1, 1e-9));
            return;
        }
        state.shape = Math.max(LEAST_SHAPE, Math.min(MOST_SHAPE, 2 - first / spread));
        // The scale that keeps the mean excess with the bounded shape.
        state.scale = first * (1 - state.shape);
    }

    /** Decades: 3 means that one normal row in a thousand is as odd. */
    static double surprise(TailState state, double score) {
        if (score <= state.start) {
            return -Math.log10(state.part) * (state.start <= 0 ? 1 : Math.max(0, score / state.start));
        }
        double log = Math.log1p(state.shape * (score - state.start) / state.scale) / state.shape;
        return -Math.log10(state.part) + log / Math.log(10);
    }

    /** The score of a surprise. */
    static double threshold(TailState state, double surprise) {
        double beyond = (surprise + Math.log10(state.part)) * Math.log(10);
        return state.start + state.scale * Math.expm1(state.shape * Math.max(0, beyond)) / state.shape;
    }
}
