package io.homeostat.detector.model;

/**
 * Keeps the score up while the columns stay where a jump brought them: a fault that holds still at an odd level no longer
 * moves, but has not gone back either. What is kept is a part of the jump's oddness, falls with every row, and is no more
 * than the part of the way that the columns are still away from the level before the jump.
 *
 * @param from raw score above which a row is a jump: the 99 % quantile of training
 * @param fall part that is lost per row
 * @param part of the jump's score that is kept at first; 0 keeps nothing
 * @param levelRate step of the mean that is the level before a jump
 */
public record Hold(double from, double fall, double part, double levelRate) {
    /** Beyond this many spreads a column is as far as it can be. */
    private static final double MOST = 20;
    /** What has fallen below this part of {@link #from} is over. */
    private static final double OVER = 0.1;
    /** Least way of a jump, in spreads: a shorter one is gone again with any noise. */
    private static final double LEAST_WAY = 0.1;

    public Hold {
        if (!(from > 0) || !(fall > 0 && fall <= 1) || !(part >= 0 && part < 1) || !(levelRate > 0 && levelRate <= 1)) {
            throw new IllegalArgumentException("expected a score, a fall, a part and a step above 0 but found " + from
                    + ", " + fall + ", " + part + ", " + levelRate);
        }
    }

    Hold withFrom(double score) {
        return new Hold(score, fall, part, levelRate);
    }

    /** The raw score, or what is kept of an earlier one; moves the level on. */
    double keep(StreamState state, double[] residual, double[] scale, double raw) {
        state.jump *= 1 - fall;
        double kept = raw;
        if (raw > from && raw > state.jump) {
            state.jump = raw;
            System.arraycopy(state.level, 0, state.before, 0, residual.length);
            state.way = Math.max(LEAST_WAY, away(residual, state.before, scale));
        } else if (state.jump > OVER * from) {
            double left = Math.min(1, away(residual, state.before, scale) / state.way);
            kept = Math.max(raw, part * state.jump * left);
        }
        for (int j = 0; j < residual.length; j++) {
            state.level[j] += levelRate * (residual[j] - state.level[j]);
        }
        return kept;
    }

    private static double away(double[] residual, double[] level, double[] scale) {
        double sum = 0;
        for (int j = 0; j < residual.length; j++) {
            double far = Math.min(MOST, Math.abs(residual[j] - level[j]) / scale[j]);
            sum += far * far;
        }
        return Math.sqrt(sum / residual.length);
    }
}
