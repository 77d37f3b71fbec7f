package io.homeostat.detector.stream;

import java.util.Arrays;

/**
 * How new a value is to a stream: the distance to the nearest value that the stream ever had, ranked among those distances
 * of its own past. A level, a spike and a silence that have been there before are near to something; what was never seen is
 * far, and once it has been seen it is near, so that an episode speaks at its onset.
 *
 * <p>Values count on an inverse hyperbolic scale: like their distance in training spreads near the centre, like its
 * logarithm beyond three spreads, so that a stream whose normal peaks reach far is not surprised by each higher one. The
 * answer is minus the decimal logarithm of the conformal p-value of the distance, continued by an exponential tail above
 * the 95 % quantile.
 *
 * <p>Holds the newest {@value #MEMORY} values and as many distances, 0.8 MB. For one stream; not thread-safe.
 */
public final class ValueNovelty {
    static final int MEMORY = 20_000;
    /** Spreads from the centre at which the scale turns from straight to logarithmic. */
    private static final double BEND = 3;

    private static final double TAIL_PART = 0.05;
    /** Least mean excess of the tail, on the scale of values: what differs by less is not told apart. */
    private static final double LEAST_EXCESS = 0.1;
    /** Fewer distances rank nothing. */
    private static final int LEAST_DISTANCES = 20;

    private final SortedMemory values = new SortedMemory();
    private final SortedMemory distances = new SortedMemory();

    /**
     * Takes the next value.
     *
     * @param value in training spreads from the centre of training; NaN is missing, says nothing and is not remembered
     * @return decades: 3 means that one distance in a thousand is as great; 0 while too little is known
     */
    public double next(double value) {
        if (Double.isNaN(value)) {
            return 0;
        }
        double scaled = BEND * asinh(value / BEND);
        double surprise = 0;
        if (values.size() > 0) {
            double distance = values.nearest(scaled);
            surprise = distances.size() > LEAST_DISTANCES ? surprise(distance) : 0;
            distances.add(distance);
        }
        values.add(scaled);
        return surprise;
    }

    private double surprise(double distance) {
        int size = distances.size();
        int tail = (int) ((1 - TAIL_PART) * size);
        double start = distances.at(tail);
        if (distance <= start) {
            return -Math.log10((size - distances.below(distance) + 1.0) / (size + 1.0));
        }
        double excess = 0;
        for (int i = tail; i < size; i++) {
            excess += distances.at(i) - start;
        }
        double mean = Math.max(LEAST_EXCESS, excess / (size - tail));
        return -Math.log10(TAIL_PART) + (distance - start) / mean / Math.log(10);
    }

    private static double asinh(double x) {
        double abs = Math.abs(x);
        return Math.copySign(Math.log(abs + Math.sqrt(abs * abs + 1)), x);
    }

    /** The newest numbers, in order of size; the oldest makes room. */
    private static final class SortedMemory {
        private final double[] sorted = new double[MEMORY];
        private final double[] byAge = new double[MEMORY];
        private int size;
        private long seen;

        int size() {
            return size;
        }

        double at(int rank) {
            return sorted[rank];
        }

        /** How many are less. */
        int below(double number) {
            int at = Arrays.binarySearch(sorted, 0, size, number);
            if (at < 0) {
                return -at - 1;
            }
            while (at > 0 && sorted[at - 1] == number) {
                at--;
            }
            return at;
        }

        double nearest(double number) {
            int at = below(number);
            double above = at < size ? sorted[at] - number : Double.POSITIVE_INFINITY;
            double under = at > 0 ? number - sorted[at - 1] : Double.POSITIVE_INFINITY;
            return Math.min(above, under);
        }

        void add(double number) {
            int slot = (int) (seen % MEMORY);
            if (size == MEMORY) {
                int oldest = below(byAge[slot]);
                System.arraycopy(sorted, oldest + 1, sorted, oldest, size - oldest - 1);
                size--;
            }
            int at = below(number);
            System.arraycopy(sorted, at, sorted, at + 1, size - at);
            sorted[at] = number;
            size++;
            byAge[slot] = number;
            seen++;
        }
    }
}
