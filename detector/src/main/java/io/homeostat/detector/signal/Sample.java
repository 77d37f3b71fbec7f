package io.homeostat.detector.signal;

/**
 * One data point of one series, flat for Flink.
 *
 * @param signal catalog name
 * @param series digest of the point's attributes: counters of different series must not be mixed; of a log template its text
 * @param timeMillis event time
 * @param startMillis start of a cumulative series: a new start is a restart of the counter
 * @param kind how {@code value} or the buckets are to be read
 * @param value gauge, counter or span duration; 1 for a log record, a failed span and a template's first line; 0 for
 *     histograms
 * @param bounds upper bounds of the histogram's buckets but the last, which has none
 * @param counts bucket counts, one more than bounds; empty for other kinds
 */
public record Sample(
        String signal,
        String series,
        long timeMillis,
        long startMillis,
        Kind kind,
        double value,
        double[] bounds,
        long[] counts) {
    private static final double[] NO_BOUNDS = {};
    private static final long[] NO_COUNTS = {};

    /** Shape of a sample. */
    public enum Kind {
        GAUGE,
        /** Counter since {@code startMillis}. */
        CUMULATIVE,
        /** Growth since the previous point; also one log record or one span. */
        DELTA,
        CUMULATIVE_HISTOGRAM,
        DELTA_HISTOGRAM,
        /** One masked log line, in {@code series}, before its template is known; then it is a DELTA of that template. */
        LINE
    }

    public static Sample ofNumber(
            String signal, String series, long timeMillis, long startMillis, Kind kind, double value) {
        return new Sample(signal, series, timeMillis, startMillis, kind, value, NO_BOUNDS, NO_COUNTS);
    }
}
