package io.homeostat.detector.stream;

/**
 * Alarms of a univariate stream, by {@link ValueNovelty}. The pace of one column alone breaks its promise where the stream is
 * bursty by nature; a burst that has been there before is not new.
 *
 * <p>Novel rows come in flocks: one walk into new values is many of them and one episode, and what has been seen once is near
 * afterwards. So an episode opens at {@value #FLOCK} times the probability per row that the budget has. For one stream; not
 * thread-safe.
 */
public final class NoveltyAlarms {
    /** Novel rows to an episode, rounded down: measured on the visible half of NAB, see docs/detection.md. */
    static final int FLOCK = 20;
    /** More probable rows are no news whatever the budget. */
    private static final double MOST = 0.03;

    private final AlarmLimits limits;
    private final double opening;
    private final ScorerState state = new ScorerState();

    public NoveltyAlarms(AlarmLimits limits) {
        this.limits = limits;
        this.opening = -Math.log10(Math.min(MOST, FLOCK * limits.rowProbability()));
    }

    /**
     * Takes the next row.
     *
     * @param byPace the row as the model scored it: its columns explain the alarm
     * @param novelty of the row's value, {@link ValueNovelty#next}
     * @return threshold and surprise in decades
     */
    public Scored next(Scored byPace, double novelty) {
        Scored scored = Episodes.next(state, limits, byPace.score(), novelty, opening, opening, opening);
        state.rows++;
        return scored;
    }
}
