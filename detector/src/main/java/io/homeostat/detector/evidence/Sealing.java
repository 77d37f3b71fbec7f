package io.homeostat.detector.evidence;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.Alert;
import io.homeostat.detector.verdict.ClusterTrack;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.util.List;
import java.util.Map;

/** Makes alerts of findings: seals what they were made of, then writes them down. Used by one thread. */
public final class Sealing {
    private final SignalCatalog catalog;
    private final List<String> expectedNodes;
    private final PolicyLimits limits;
    private final EvidenceStore store;

    /** What is the same for every verdict of a job. */
    public Sealing(EvidenceStore store, SignalCatalog catalog, List<String> expectedNodes, PolicyLimits limits) {
        this.store = store;
        this.catalog = catalog;
        this.expectedNodes = List.copyOf(expectedNodes);
        this.limits = limits;
    }

    /**
     * What a window is judged with.
     *
     * @param before what the policy remembered before it judged
     * @param modelDigest empty when no model scored
     * @param shadow score over threshold by node, and by model that scored beside
     */
    public record Basis(
            ClusterWindow window,
            boolean early,
            long atMillis,
            ClusterTrack before,
            RuleBook rules,
            String modelId,
            String modelDigest,
            double[] center,
            Map<String, Map<String, Double>> shadow) {}

    /** The alert of a finding, whose window is on the disk when this returns. */
    public AnomalyRaised alert(Decision.Raise raise, Basis basis, String source) {
        Map<String, Double> shadow = basis.shadow.getOrDefault(raise.node(), Map.of());
        List<NodeWindow> windows = List.copyOf(basis.window.nodes().values());
        RuleBook rules = basis.rules.at(basis.window.startMillis());
        store.keepCatalog(catalog.digest(), catalog.yaml());
        String digest = store.seal(new SealedWindow(
                SealedWindow.VERSION,
                CodeVersion.text(),
                basis.early,
                basis.window.startMillis(),
                basis.window.endMillis(),
                basis.atMillis,
                catalog.digest(),
                expectedNodes,
                limits,
                basis.modelId,
                basis.modelDigest,
                basis.center,
                rules.rules(),
                basis.before,
                windows,
                shadow));
        AnomalyRaised alert =
                Alert.of(raise, catalog, basis.before, basis.window, basis.atMillis, digest, rules, shadow);
        store.keepAlert(alert.anomalyId(), EventCodec.toCloudEvent(alert, source));
        return alert;
    }
}
