package io.homeostat.detector.signal;

/** How the points of one window become one value. */
public enum Statistic {
    /** Sum over the series of each series' last point: the level of a gauge. */
    LAST,
    /** Mean of all points. */
    MEAN,
    /** Least of all points: keeps a short drop of a boolean gauge visible. */
    MIN,
    /** Greatest of all points: keeps a short peak visible. */
    MAX,
    /** Growth per second of a counter, summed over its series; for logs, records per second. */
    RATE,
    /** As RATE, but of the series that grows fastest: the worst of several peers; for templates, lines of the commonest. */
    PEAK,
    /** Quantile of a histogram's growth within the window, or of span durations. */
    QUANTILE
}
