package io.homeostat.detector.verdict;

import io.homeostat.events.Cause;
import java.util.HashMap;
import java.util.Map;

/** What the policy remembers of one node. A Flink POJO: public, mutable, flat; owned by one thread. */
public class NodeTrack {
    /** True once the node was up in this job. */
    public boolean everUp;
    /** True while the node is judged: it was up since the job began and since it was last fenced. */
    public boolean armed;

    public boolean fenced;
    /** Windows since the process was seen ended and the node not yet up again; 0 when it is not starting. */
    public int startingWindows;
    /** Windows in a row without telemetry of this node but with telemetry of another. */
    public int absentWindows;
    /** Windows since the node came up. */
    public int upWindows;
    /** Newest known value by signal. */
    public Map<String, Double> latest = new HashMap<>();
    /** Violated windows in a row by signal with a rule. */
    public Map<String, Integer> ruleHits = new HashMap<>();
    /** Deviating windows by soft cause, newest in the lowest bit. */
    public Map<String, Long> softHits = new HashMap<>();
    /** Open anomalies by cause. */
    public Map<String, OpenAnomaly> open = new HashMap<>();

    boolean criticalOpen() {
        return open.values().stream().anyMatch(a -> a.critical);
    }

    /** True when a critical anomaly is open whose cause says more than {@code cause} does. */
    boolean moreSpecificOpen(Cause cause) {
        return open.entrySet().stream()
                .anyMatch(
                        e -> e.getValue().critical && Cause.valueOf(e.getKey()).compareTo(cause) < 0);
    }
}
