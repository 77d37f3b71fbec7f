package io.homeostat.detector.verdict;

import io.homeostat.detector.stream.TailState;
import java.util.HashMap;
import java.util.Map;

/** What the policy remembers of the cluster. A Flink POJO: public, mutable, flat; owned by one thread. */
public class ClusterTrack {
    public Map<String, NodeTrack> nodes = new HashMap<>();
    /** Windows since a critical anomaly was last open. */
    public int quietWindows = Integer.MAX_VALUE / 2;
    /** Clean scores of the windows of 5 s. */
    public TailState steps = new TailState();
    /** Clean scores of the slopes over 60 s. */
    public TailState ramps = new TailState();

    /** A copy that the policy may go on with, while this one is sealed as it is. */
    public ClusterTrack copy() {
        ClusterTrack copy = new ClusterTrack();
        nodes.forEach((name, node) -> copy.nodes.put(name, node.copy()));
        copy.quietWindows = quietWindows;
        copy.steps = steps.copy();
        copy.ramps = ramps.copy();
        return copy;
    }
}
