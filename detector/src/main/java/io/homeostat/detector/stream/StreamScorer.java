package io.homeostat.detector.stream;

import io.homeostat.detector.model.StreamModel;
import io.homeostat.detector.model.StreamScore;

/**
 * Scores one stream row by row: the same for a file and for a job. A scorer starts warm, from the rows of its training;
 * {@link ScorerState} is the caller's and holds all that changes.
 *
 * <p>Alarms go by the {@link StreamScore#pace}: what moves against the newest rows, in how many columns. A fault begins
 * with a move in several; the score, which also asks whether the level is odd, ranks rows better but tells short faults
 * worse. While an alarm is open the mean does not adapt, and the buffer of normal rows takes the episode's first rows
 * only, capped at the threshold; but for no longer than {@link AlarmLimits#frozenRows}. Immutable but for what the caller
 * owns; thread-safe.
 */
public final class StreamScorer {
    private final StreamModel model;
    private final AlarmLimits limits;
    private final double openSurprise;
    private final double closeSurprise;

    public StreamScorer(StreamModel model, AlarmLimits limits) {
        this.model = model;
        this.limits = limits;
        this.openSurprise = -Math.log10(limits.rowProbability());
        this.closeSurprise = Math.max(0.5, openSurprise - Math.log10(limits.closeFactor()));
    }

    public StreamModel model() {
        return model;
    }

    /** The state after training: its rows walked once, so that lags, means and the buffer are full. */
    public ScorerState warm(double[][] training) {
        ScorerState state = new ScorerState();
        state.stream = model.newState();
        state.tail = Tail.start(limits.bufferRows());
        for (double[] row : training) {
            Tail.remember(state.tail, model.score(state.stream, row, true).pace());
        }
        if (state.tail.seen > 0) {
            Tail.fit(state.tail, limits);
        }
        return state;
    }

    /** Scores the next row and moves the state on. */
    public Scored next(ScorerState state, double[] row) {
        boolean frozen = state.open && state.rows - state.openedAt <= limits.frozenRows();
        StreamScore score = model.score(state.stream, row, !frozen);
        double surprise = Tail.surprise(state.tail, score.pace());
        double threshold = Tail.threshold(state.tail, openSurprise);
        Scored scored = Episodes.next(state, limits, score, surprise, threshold, openSurprise, closeSurprise);
        // Of an episode only the first rows count, and no more than the threshold: else the buffer would forget its own
        // tail and alarm for ever, or learn a long fault as normal.
        if (!state.open || !frozen || state.rows - state.openedAt < limits.learnRows()) {
            Tail.take(state.tail, Math.min(score.pace(), threshold), limits);
        }
        state.rows++;
        return scored;
    }
}
