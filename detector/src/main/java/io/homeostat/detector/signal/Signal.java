package io.homeostat.detector.signal;

import io.homeostat.events.Cause;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One measured quantity of a node, as the catalog defines it.
 *
 * @param name catalog name, unique, for example {@code ledger.commit.duration p99}
 * @param source what kind of OTLP record it comes from
 * @param metric OTel metric name; empty for logs and spans
 * @param unit UCUM unit of the value
 * @param quantile in (0, 1) for {@link Statistic#QUANTILE}, else 0
 * @param reading what of a log record or span is counted
 * @param operation name that a span must have; empty for any
 * @param filter attributes that a point must have with exactly these values
 * @param minSeverity least OTLP severity number of a log record, 0 for other sources
 * @param critical true when the signal is hard evidence: its rule may isolate a node
 * @param cause what an anomaly led by this signal points to
 * @param watch on which side a deviation is an anomaly
 * @param floor least difference that matters, in {@code unit}; scale of the {@code asinh} transform
 * @param modelled true when the signal is a feature of the model and of the peer comparison
 * @param limitOrNull value at which the node no longer does its work: an alert forecasts the time left until then
 */
public record Signal(
        String name,
        Source source,
        String metric,
        String unit,
        Statistic statistic,
        double quantile,
        Reading reading,
        String operation,
        Map<String, String> filter,
        int minSeverity,
        boolean critical,
        Cause cause,
        Watch watch,
        double floor,
        boolean modelled,
        @Nullable Double limitOrNull,
        @Nullable Rule ruleOrNull)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public Signal {
        filter = Map.copyOf(filter);
    }

    /** Kind of OTLP record. */
    public enum Source {
        METRIC,
        LOG,
        SPAN
    }

    /** What of a record is counted. */
    public enum Reading {
        /** A point's value, a span's duration, one for a log record. */
        VALUE,
        /** Of a span: 1 when it failed, else 0. */
        FAILED,
        /** Of a log record: 1 when its node has never written a line of this template, else 0. */
        NEW_TEMPLATE,
        /** Of a log record: 1 for its template. */
        TEMPLATE
    }

    /** Side on which a deviation counts. */
    public enum Watch {
        ABOVE,
        BELOW,
        BOTH
    }

    public Optional<Double> limit() {
        return Optional.ofNullable(limitOrNull);
    }

    public Optional<Rule> rule() {
        return Optional.ofNullable(ruleOrNull);
    }

    /**
     * The value as the model sees it: linear below {@link #floor}, logarithmic above, so that a deviation is a ratio
     * when it is large and does not matter when it is small. By {@link StrictMath}: a verdict that is replayed on another
     * processor must have the same bits.
     */
    public double transform(double value) {
        double x = value / floor;
        return Math.signum(x) * StrictMath.log(Math.abs(x) + Math.sqrt(x * x + 1));
    }

    /** Inverse of {@link #transform}. */
    public double inverse(double transformed) {
        return floor * StrictMath.sinh(transformed);
    }
}
