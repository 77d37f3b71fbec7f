package io.homeostat.detector.stream;

import java.io.Serializable;

/**
 * When odd is odd enough.
 *
 * @param budgetPerWeek false episodes a week that one stream may cost
 * @param rowSeconds time between rows: makes the budget a probability per row
 * @param bufferRows newest normal scores that say what is normal; 3 days of minutes
 * @param tailPart part of the buffer that the tail is fitted to
 * @param refitRows rows between fits of the tail
 * @param quietRows rows below the closing level that end an episode
 * @param mergeRows an episode that starts this soon after the last one continues it
 * @param closeFactor times the probability of opening at which an episode may close: hysteresis
 * @param frozenRows rows that an open alarm holds back adaptation at most: what lasts longer is the new normal
 */
public record AlarmLimits(
        double budgetPerWeek,
        double rowSeconds,
        int bufferRows,
        double tailPart,
        int refitRows,
        int quietRows,
        int mergeRows,
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
        boolean counts = bufferRows >= 32 && refitRows >= 1 && quietRows >= 1 && mergeRows >= 0 && frozenRows >= 0;
        if (!counts || !(tailPart > 0 && tailPart < 0.5) || !(closeFactor >= 1)) {
            throw new IllegalArgumentException("expected bufferRows >= 32, tailPart in (0, 0.5), closeFactor >= 1 and"
                    + " positive row counts but found " + bufferRows + ", " + tailPart + ", " + closeFactor);
        }
    }

    /** One false episode a week of minutes. */
    public static AlarmLimits defaults() {
        return new AlarmLimits(1, 60, 4_320, 0.05, 60, 10, 30, 10, 240);
    }

    public AlarmLimits withBudget(double perWeek, double seconds) {
        return new AlarmLimits(
                perWeek, seconds, bufferRows, tailPart, refitRows, quietRows, mergeRows, closeFactor, frozenRows);
    }

    /**
     * Probability of a normal row to lie above the threshold. An excess of a smoothed score lasts about as long as the
     * smoothing, so that an episode costs that many rows.
     */
    public double rowProbability(double smoothRows) {
        return Math.min(0.1, budgetPerWeek * smoothRows * rowSeconds / WEEK_SECONDS);
    }
}
