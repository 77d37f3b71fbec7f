package io.homeostat.healer.incident;

import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;

/**
 * Joins many anomalies into one incident per node. Pure: decides and changes nothing.
 *
 * <p>The incident id is made from the first anomaly, so an anomaly that is delivered again makes the same id.
 */
public final class IncidentOpener {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss").withZone(ZoneOffset.UTC);

    private final Set<String> nodes;
    private final IncidentLimits limits;

    public IncidentOpener(Set<String> nodes, IncidentLimits limits) {
        this.nodes = Set.copyOf(nodes);
        this.limits = limits;
    }

    public OpeningDecision decide(
            AnomalyRaised anomaly, Optional<OpenIncident> open, Optional<Instant> lastClosure, Instant now) {
        if (!nodes.contains(anomaly.node())) {
            return new OpeningDecision.Ignored(OpeningDecision.Reason.NODE_UNKNOWN);
        }
        if (anomaly.at().isBefore(now.minus(limits.staleAfter()))) {
            return new OpeningDecision.Ignored(OpeningDecision.Reason.STALE);
        }
        if (open.isPresent()) {
            boolean worsens = open.get().severity() == Severity.WARNING && anomaly.severity() == Severity.CRITICAL;
            return new OpeningDecision.Joined(open.get().incidentId(), worsens);
        }
        if (lastClosure.isPresent() && anomaly.at().isBefore(lastClosure.get())) {
            return new OpeningDecision.Ignored(OpeningDecision.Reason.BEFORE_LAST_CLOSURE);
        }
        return new OpeningDecision.Opened(idFor(anomaly));
    }

    static String idFor(AnomalyRaised anomaly) {
        return "inc-" + SECONDS.format(anomaly.at()) + "-"
                + EventCodec.digestOfText(anomaly.eventId()).substring(0, 8);
    }
}
