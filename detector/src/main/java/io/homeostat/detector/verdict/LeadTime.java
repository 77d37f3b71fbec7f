package io.homeostat.detector.verdict;

import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.window.Stretch;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.util.Arrays;

/**
 * How long until a signal reaches its limit: the least-squares line through its newest windows, continued. Basic
 * arithmetic only, so that it has the same bits everywhere.
 */
final class LeadTime {
    /** Windows that the line goes through: long enough to see a ramp in noise, short enough to see it soon. */
    static final int WINDOWS = 16;
    /** Two points are a line through anything. */
    private static final int LEAST = 4;
    /** A line of seconds says nothing about a time beyond this. */
    private static final long MOST_MILLIS = 3_600_000;

    private static final long WINDOW_MILLIS = 1_000;

    private LeadTime() {}

    /**
     * Milliseconds; 0 beyond the limit, {@link AnomalyRaised#NOT_FORESEEN} without a limit or a way to it.
     *
     * @param seconds newest last, NaN where there was no value
     * @param windows how many of the newest values the line goes through
     */
    static long millis(Signal signal, Direction direction, double[] seconds, int windows) {
        double[] known = Arrays.stream(seconds).filter(Double::isFinite).toArray();
        if (signal.limit().isEmpty() || known.length == 0 || direction != Direction.ABOVE) {
            return AnomalyRaised.NOT_FORESEEN;
        }
        double limit = signal.limit().get();
        double newest = known[known.length - 1];
        if (newest >= limit) {
            return 0;
        }
        if (known.length < LEAST) {
            return AnomalyRaised.NOT_FORESEEN;
        }
        double slope = Stretch.of(known, Math.max(0, known.length - windows), known.length)
                .map(Stretch::slope)
                .orElse(0.0);
        double left = (limit - newest) / slope * WINDOW_MILLIS;
        return slope > 0 && left <= MOST_MILLIS ? (long) left : AnomalyRaised.NOT_FORESEEN;
    }
}
