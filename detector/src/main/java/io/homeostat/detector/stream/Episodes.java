package io.homeostat.detector.stream;

import io.homeostat.detector.model.StreamScore;

/** When an episode opens, goes on, is taken up again and closes. Stateless; {@link ScorerState} is the caller's. */
final class Episodes {
    private Episodes() {}

    /**
     * Takes the next row; the caller counts it in {@link ScorerState#rows} when it is done with it.
     *
     * @param surprise decades of improbability of the row
     * @param threshold what is told as the threshold
     * @param openSurprise an episode opens above it
     * @param closeSurprise a row of an open episode is odd from here on
     */
    static Scored next(
            ScorerState state,
            AlarmLimits limits,
            StreamScore score,
            double surprise,
            double threshold,
            double openSurprise,
            double closeSurprise) {
        boolean opens = !state.open && surprise > openSurprise;
        boolean continues = opens && state.oddAt >= 0 && state.rows - state.oddAt <= limits.mergeRows();
        boolean closes = false;
        if (opens) {
            state.open = true;
            state.openedAt = continues ? state.openedAt : state.rows;
            state.oddAt = state.rows;
        } else if (state.open && surprise >= closeSurprise) {
            state.oddAt = state.rows;
        } else if (state.open && state.rows - state.oddAt >= limits.quietRows()) {
            closes = true;
            state.open = false;
        }
        return new Scored(score, surprise, threshold, state.open, opens, continues, closes, state.rows - state.oddAt);
    }
}
