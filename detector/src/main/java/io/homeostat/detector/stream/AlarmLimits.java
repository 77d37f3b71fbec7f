package io.homeostat.detector.stream;

import java.io.Serializable;

/**
 * When odd is odd enough.
 *
 * @param budgetPerWeek false episodes a week that one stream may cost
 * @param rowSeconds time between rows: makes the budget a probability per row
 * @param bufferRows newest normal rows that say what is normal; a week of minutes
 * @param bodyFrom quantile of the buffer at which the fit of the tail begins
 * @param bodyTo quantile at which it ends: what lies above may be faults that nobody marked, and has no say
 * @param refitRows rows between fits of the tail
 * @param quietRows rows below the closing level that end an episode
 * @param mergeRows an episode that starts this soon after the last one continues it
 * @param learnRows first rows of an episode that the buffer takes in, capped at the threshold
 * @param closeFactor times the probability of opening at which an episode may close: hysteresis
 * @param frozenRows rows that an open alarm holds back adaptation at most: what lasts longer is the new normal
 */
public record AlarmLimits(
        double budgetPerWeek,
        double rowSeconds,
        int bufferRows,
        double bodyFrom,
        double bodyTo,
        int refitRows,
        int quietRows,
        int mergeRows,
        int learnRows,
        double closeFactor,
        int frozenRows)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final double WEEK_SECONDS = 7 * 86_400;

    public AlarmLimits {
        if (!(budgetPerWeek > 0 && budgetPerWeek <= 10_000)) {
            throw new IllegalArgumentException("budgetPerWeek must lie in (0, 10000] but is " + budgetPerWeek);
        }
        if (!(rowSeconds > 0 && rowSeconds <= WEEK_SECONDS)) {
            throw new IllegalArgumentException("rowSeconds must lie in (0, 604800] but is " + rowSeconds);
        }
        boolean counts = bufferRows >= 32 && refitRows >= 1 && quietRows >= 1 && mergeRows >= 0 && learnRows >= 0;
        boolean body = bodyFrom > 0 && bodyFrom < bodyTo && bodyTo < 1;
        if (!counts || frozenRows < 0 || !body || !(closeFactor >= 1)) {
            throw new IllegalArgumentException("expected bufferRows >= 32, 0 < bodyFrom < bodyTo < 1, closeFactor >= 1"
                    + " and positive row counts but found " + bufferRows + ", " + bodyFrom + ", " + bodyTo + ", "
                    + closeFactor);
        }
    }

    /** One false episode a week of minutes. */
    public static AlarmLimits defaults() {
        return new AlarmLimits(1, 60, 10_080, 0.7, 0.97, 240, 10, 30, 30, 10, 240);
    }

    public AlarmLimits withBudget(double perWeek, double seconds) {
        return new AlarmLimits(
                perWeek,
                seconds,
                bufferRows,
                bodyFrom,
                bodyTo,
                refitRows,
                quietRows,
                mergeRows,
                learnRows,
                closeFactor,
                frozenRows);
    }

    /** Probability of a normal row to open an alarm: the rows that a week's budget allows among the rows of a week. */
    public double rowProbability() {
        return Math.min((1 - bodyTo), budgetPerWeek * rowSeconds / WEEK_SECONDS);
    }
}
