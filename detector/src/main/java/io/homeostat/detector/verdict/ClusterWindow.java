package io.homeostat.detector.verdict;

import io.homeostat.detector.window.NodeWindow;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The windows of all nodes that reported in the same second. */
public record ClusterWindow(long startMillis, long endMillis, SortedMap<String, NodeWindow> nodes) {
    Map<String, Map<String, Double>> values() {
        Map<String, Map<String, Double>> values = new TreeMap<>();
        nodes.forEach((node, window) -> values.put(node, window.values()));
        return values;
    }
}
