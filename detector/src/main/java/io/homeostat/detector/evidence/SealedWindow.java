package io.homeostat.detector.evidence;

import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.verdict.ClusterTrack;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.NodeWindow;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that a verdict was made of: with the catalog and the model that it names by digest, the policy makes the same
 * verdict of it again, bit for bit. Its canonical JSON is what the alert's window digest is of.
 *
 * @param version of this form; a reader of today refuses a newer one
 * @param codeVersion version of the detector that decided
 * @param early true for a look into a window that was still open
 * @param atMillis event time at which the verdict was known
 * @param catalogDigest hex SHA-256 of the signal catalog
 * @param modelId the model that scored, or why there was none
 * @param modelDigest hex SHA-256 of the model's protobuf, empty when there was none
 * @param center the adaptive mean of the model at that time
 * @param rules feedback rules that were in force
 * @param track what the policy remembered before the window
 * @param windows values and raw samples of each node
 * @param shadow score over threshold of the node by models that scored beside: recorded, not recomputed
 */
public record SealedWindow(
        int version,
        String codeVersion,
        boolean early,
        long startMillis,
        long endMillis,
        long atMillis,
        String catalogDigest,
        List<String> expectedNodes,
        PolicyLimits limits,
        String modelId,
        String modelDigest,
        double[] center,
        List<FeedbackRule> rules,
        ClusterTrack track,
        List<NodeWindow> windows,
        Map<String, Double> shadow) {
    /** The newest form. Version 1 is read by {@code SealedWindowV1}. */
    public static final int VERSION = 2;

    public SealedWindow {
        expectedNodes = List.copyOf(expectedNodes);
        rules = List.copyOf(rules);
        windows = List.copyOf(windows);
        shadow = Map.copyOf(shadow);
    }

    public ClusterWindow window() {
        TreeMap<String, NodeWindow> nodes = new TreeMap<>();
        windows.forEach(window -> nodes.put(window.node(), window));
        return new ClusterWindow(startMillis, endMillis, nodes);
    }
}
