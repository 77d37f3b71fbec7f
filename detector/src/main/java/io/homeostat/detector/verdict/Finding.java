package io.homeostat.detector.verdict;

import io.homeostat.events.Cause;
import io.homeostat.events.Contribution;
import io.homeostat.events.Direction;
import io.homeostat.events.Severity;
import java.util.List;
import java.util.Map;

/**
 * Evidence that is strong enough for a verdict: the content of an {@link
 * io.homeostat.events.IncidentEvent.AnomalyRaised} but for its ids and digests of stored things.
 *
 * @param provenanceDigest of the model, or the SHA-256 of the rule's text
 */
public record Finding(
        String node,
        Cause cause,
        Severity severity,
        String signal,
        String unit,
        Direction direction,
        double expected,
        double observed,
        double score,
        double threshold,
        List<Contribution> contributions,
        Map<String, Double> peers,
        String modelId,
        String provenanceDigest,
        long onsetMillis,
        long leadMillis) {
    public Finding {
        contributions = List.copyOf(contributions);
        peers = Map.copyOf(peers);
    }

    Finding since(long millis) {
        return new Finding(
                node,
                cause,
                severity,
                signal,
                unit,
                direction,
                expected,
                observed,
                score,
                threshold,
                contributions,
                peers,
                modelId,
                provenanceDigest,
                millis,
                leadMillis);
    }
}
