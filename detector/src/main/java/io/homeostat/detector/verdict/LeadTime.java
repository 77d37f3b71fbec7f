package io.homeostat.detector.verdict;

import io.homeostat.detector.signal.Signal;
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

    /** Milliseconds; 0 beyond the limit, {@link AnomalyRaised#NOT_FORESEEN} without a limit or a way to it. */
    static long millis(Signal signal, Direction direction, double[] recent) {
        if (signal.limit().isEmpty() || recent.length == 0 || direction != Direction.ABOVE) {
            return AnomalyRaised.NOT_FORESEEN;
        }
        double limit = signal.limit().get();
        double newest = recent[recent.length - 1];
        if (newest >= limit) {
            return 0;
        }
        if (recent.length < LEAST) {
            return AnomalyRaised.NOT_FORESEEN;
        }
        double middle = (recent.length - 1) / 2.0;
        double mean = 0;
        for (double value : recent) {
            mean += value / recent.length;
        }
        double product = 0;
        double square = 0;
        for (int i = 0; i < recent.length; i++) {
            product += (i - middle) * (recent[i] - mean);
            square += (i - middle) * (i - middle);
        }
        double slope = product / square;
        double left = (limit - newest) / slope * WINDOW_MILLIS;
        return slope > 0 && left <= MOST_MILLIS ? (long) left : AnomalyRaised.NOT_FORESEEN;
    }

    /** The newest windows with one more. */
    static double[] append(double[] recent, double value) {
        double[] longer = recent.length < WINDOWS
                ? Arrays.copyOf(recent, recent.length + 1)
                : Arrays.copyOfRange(recent, 1, recent.length + 1);
        longer[longer.length - 1] = value;
        return longer;
    }
}
