package io.homeostat.detector.verdict;

import io.homeostat.events.Cause;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

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
    /** Values of the newest 60 seconds, oldest first and NaN where there was none, of each signal that is modelled. */
    public Map<String, double[]> seconds = new HashMap<>();
    /** Drifts that have not gone back, by cause. */
    public Map<String, OpenDrift> drifts = new HashMap<>();
    /** Open anomalies by cause. */
    public Map<String, OpenAnomaly> open = new HashMap<>();
    /** Anomalies that maintenance holds back, by cause. */
    public Map<String, OpenAnomaly> held = new HashMap<>();

    boolean criticalOpen() {
        return Stream.concat(open.values().stream(), held.values().stream()).anyMatch(a -> a.critical);
    }

    /** True when a critical anomaly is open or held whose cause says more than {@code cause} does. */
    boolean moreSpecificOpen(Cause cause) {
        return Stream.concat(open.entrySet().stream(), held.entrySet().stream())
                .anyMatch(
                        e -> e.getValue().critical && Cause.valueOf(e.getKey()).compareTo(cause) < 0);
    }

    NodeTrack copy() {
        NodeTrack copy = new NodeTrack();
        copy.everUp = everUp;
        copy.armed = armed;
        copy.fenced = fenced;
        copy.startingWindows = startingWindows;
        copy.absentWindows = absentWindows;
        copy.upWindows = upWindows;
        copy.latest.putAll(latest);
        copy.ruleHits.putAll(ruleHits);
        copy.softHits.putAll(softHits);
        // The arrays are replaced and never written to.
        copy.seconds.putAll(seconds);
        drifts.forEach((cause, drift) -> copy.drifts.put(cause, drift.copy()));
        open.forEach((cause, anomaly) -> copy.open.put(cause, anomaly.copy()));
        held.forEach((cause, anomaly) -> copy.held.put(cause, anomaly.copy()));
        return copy;
    }
}
