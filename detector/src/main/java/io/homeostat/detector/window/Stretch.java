package io.homeostat.detector.window;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a stretch of seconds shows of one signal of one node: the features of the windows of 5 s and 60 s. They are made of
 * the values of the seconds that they hold, which are kept exactly (60 at most), so that nothing is read twice and a longer
 * window says what its seconds said. A missing second is {@code NaN} and has no say. Basic arithmetic only: the same seconds
 * give the same bits everywhere.
 *
 * @param count seconds with a value
 * @param level mean; of a rate, the rate over the stretch
 * @param median half of the seconds lie at or below; the lower of two middles
 * @param high nine tenths of the seconds lie at or below
 * @param slope of the least-squares line, per second
 * @param scatter root mean square of the distances from that line
 */
public record Stretch(
        int count, double level, double min, double max, double median, double high, double slope, double scatter) {
    /** Seconds in the longest window, and all that is ever kept of a signal. */
    public static final int LONG = 60;
    /** Seconds in the middle window. */
    public static final int SHORT = 5;

    private static final double HIGH = 0.9;

    /** The features of {@code seconds[from, until)}; empty when fewer than half of them have a value, or fewer than two. */
    public static Optional<Stretch> of(double[] seconds, int from, int until) {
        double[] sorted = new double[until - from];
        int count = 0;
        double sum = 0;
        double sumAt = 0;
        for (int i = from; i < until; i++) {
            if (Double.isFinite(seconds[i])) {
                sorted[count++] = seconds[i];
                sum += seconds[i];
                sumAt += i - from;
            }
        }
        if (count < 2 || 2 * count < until - from) {
            return Optional.empty();
        }
        double level = sum / count;
        double middle = sumAt / count;
        double product = 0;
        double square = 0;
        for (int i = from; i < until; i++) {
            if (Double.isFinite(seconds[i])) {
                product += (i - from - middle) * (seconds[i] - level);
                square += (i - from - middle) * (i - from - middle);
            }
        }
        double slope = product / square;
        double off = 0;
        for (int i = from; i < until; i++) {
            if (Double.isFinite(seconds[i])) {
                double distance = seconds[i] - level - slope * (i - from - middle);
                off += distance * distance;
            }
        }
        Arrays.sort(sorted, 0, count);
        return Optional.of(new Stretch(
                count,
                level,
                sorted[0],
                sorted[count - 1],
                sorted[(count - 1) / 2],
                sorted[(int) Math.ceil(HIGH * count) - 1],
                slope,
                Math.sqrt(off / count)));
    }

    /** The newest seconds with one more, the oldest gone beyond {@link #LONG}; a new array each time. */
    public static double[] append(double[] seconds, double value) {
        double[] longer = seconds.length < LONG
                ? Arrays.copyOf(seconds, seconds.length + 1)
                : Arrays.copyOfRange(seconds, 1, seconds.length + 1);
        longer[longer.length - 1] = value;
        return longer;
    }
}
