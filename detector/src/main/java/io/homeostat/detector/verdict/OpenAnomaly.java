package io.homeostat.detector.verdict;

/** An anomaly that was raised and not cleared. A Flink POJO: public, mutable, flat. */
public class OpenAnomaly {
    public String anomalyId = "";
    public boolean critical;
    public long sinceMillis;
    /** Normal windows in a row. */
    public int normalWindows;

    OpenAnomaly copy() {
        OpenAnomaly copy = new OpenAnomaly();
        copy.anomalyId = anomalyId;
        copy.critical = critical;
        copy.sinceMillis = sinceMillis;
        copy.normalWindows = normalWindows;
        return copy;
    }
}
