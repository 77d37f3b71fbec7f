package io.homeostat.detector.replay;

import io.homeostat.detector.evidence.SealedWindow;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.ClusterTrack;
import io.homeostat.detector.verdict.NodeTrack;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first form of a sealed window, as the first detectors wrote it: values, samples, the mean and the newest known values,
 * but not what the policy remembered. What it lacks is taken for granted and named.
 */
record SealedWindowV1(
        String node,
        Instant windowStart,
        Instant windowEnd,
        String catalogDigest,
        String modelId,
        double[] center,
        Map<String, Window> nodes,
        Map<String, Map<String, Double>> latest) {
    /** What a version 1 does not hold. */
    static final List<String> NOT_SEALED = List.of(
            "how many windows before this one deviated: taken as enough for the alert",
            "the policy's limits: taken as the defaults",
            "the last points before the window: values are taken as sealed and not made of the samples again",
            "contributions after the fifth, onset, lead time and suspected origins: not told then");

    /** Contributions that were told then. */
    static final int CONTRIBUTIONS = 5;

    /** What one node told. */
    record Window(Map<String, Double> values, List<Sample> samples) {}

    static SealedWindow read(byte[] json, AnomalyRaised alert, SignalCatalog catalog) {
        SealedWindowV1 old = EventCodec.read(json, SealedWindowV1.class);
        PolicyLimits limits = PolicyLimits.defaults();
        long start = old.windowStart.toEpochMilli();
        long end = old.windowEnd.toEpochMilli();
        boolean early = alert.at().isBefore(old.windowEnd);
        ClusterTrack track = new ClusterTrack();
        old.latest.forEach((name, values) -> track.nodes.put(name, seen(values, alert, catalog, limits)));
        List<NodeWindow> windows = new ArrayList<>();
        new TreeMap<>(old.nodes)
                .forEach((name, window) -> windows.add(new NodeWindow(
                        name, start, end, early, alert.at().toEpochMilli(), window.values, window.samples, List.of())));
        return new SealedWindow(
                1,
                "a detector that sealed version 1",
                early,
                start,
                end,
                alert.at().toEpochMilli(),
                old.catalogDigest,
                List.of(),
                limits,
                old.modelId,
                "",
                old.center,
                List.of(),
                track,
                windows,
                Map.of());
    }

    /** A node that was up for long and whose deviation had lasted just long enough. */
    private static NodeTrack seen(
            Map<String, Double> latest, AnomalyRaised alert, SignalCatalog catalog, PolicyLimits limits) {
        NodeTrack node = new NodeTrack();
        node.everUp = true;
        node.armed = true;
        node.upWindows = limits.warmupWindows() + 1;
        node.latest.putAll(latest);
        node.absentWindows = limits.silenceWindows() - 1;
        node.softHits.put(alert.cause().name(), (1L << limits.softHits()) - 1);
        for (Signal signal : catalog.signals()) {
            signal.rule().ifPresent(rule -> node.ruleHits.put(signal.name(), rule.windows() - 1));
        }
        return node;
    }
}
