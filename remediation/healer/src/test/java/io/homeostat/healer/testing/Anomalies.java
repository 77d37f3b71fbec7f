package io.homeostat.healer.testing;

import io.homeostat.events.Cause;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import io.homeostat.events.Suspicion;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Anomalies as the detector would raise them. */
public final class Anomalies {
    private Anomalies() {}

    public static AnomalyRaised raised(String id, String node, Cause cause, Severity severity, Instant at) {
        return raised(id, node, cause, severity, at, List.of());
    }

    /** One that is suspected to have begun at another node. */
    public static AnomalyRaised beganAt(
            String origin, String id, String node, Cause cause, Severity severity, Instant at) {
        return raised(id, node, cause, severity, at, List.of(new Suspicion(origin, 0.9, -1, "differs first")));
    }

    private static AnomalyRaised raised(
            String id, String node, Cause cause, Severity severity, Instant at, List<Suspicion> origins) {
        return new AnomalyRaised(
                "event-" + id,
                at,
                id,
                node,
                cause,
                severity,
                "node.divergent",
                "1",
                Direction.ABOVE,
                0,
                1,
                1,
                0.5,
                List.of(),
                Map.of(),
                at.minusSeconds(1),
                at,
                "rule",
                "0".repeat(64),
                "1".repeat(64),
                at.minusSeconds(1),
                0,
                List.of(),
                Map.of(),
                origins);
    }

    public static AnomalyRaised critical(String id, String node, Cause cause) {
        return raised(id, node, cause, Severity.CRITICAL, Instant.now());
    }

    public static AnomalyRaised warning(String id, String node, Cause cause) {
        return raised(id, node, cause, Severity.WARNING, Instant.now());
    }

    public static AnomalyCleared cleared(AnomalyRaised raised) {
        return new AnomalyCleared(
                "cleared-" + raised.anomalyId(), Instant.now(), raised.anomalyId(), raised.node(), raised.cause());
    }
}
