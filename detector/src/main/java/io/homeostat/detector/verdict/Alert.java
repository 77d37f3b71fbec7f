package io.homeostat.detector.verdict;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.util.Map;

/** A finding as it is published; the job and a replay make it by this same code. */
public final class Alert {
    private Alert() {}

    /**
     * @param atMillis event time at which it was known
     * @param windowDigest digest of the sealed window
     * @param before what was remembered before the window, for where it may have begun
     * @param shadow score over threshold of the node by each model that scored beside
     */
    public static AnomalyRaised of(
            Decision.Raise raise,
            SignalCatalog catalog,
            ClusterTrack before,
            ClusterWindow window,
            long atMillis,
            String windowDigest,
            RuleBook rules,
            Map<String, Double> shadow) {
        Finding finding = raise.finding();
        return new AnomalyRaised(
                eventId("raised", raise.anomalyId()),
                Instant.ofEpochMilli(atMillis),
                raise.anomalyId(),
                finding.node(),
                finding.cause(),
                finding.severity(),
                finding.signal(),
                finding.unit(),
                finding.direction(),
                finding.expected(),
                finding.observed(),
                finding.score(),
                finding.threshold(),
                finding.contributions(),
                finding.peers(),
                Instant.ofEpochMilli(window.startMillis()),
                Instant.ofEpochMilli(window.endMillis()),
                finding.modelId(),
                finding.provenanceDigest(),
                windowDigest,
                Instant.ofEpochMilli(finding.onsetMillis()),
                finding.leadMillis(),
                rules.inForce(finding.node(), window.startMillis()),
                shadow,
                Origins.of(catalog, before, window, finding));
    }

    /** Made of the anomaly's id, so that an event that is repeated after a restart has the same id. */
    public static String eventId(String kind, String anomalyId) {
        return kind + "-" + EventCodec.digestOfText(kind + "|" + anomalyId).substring(0, 32);
    }
}
