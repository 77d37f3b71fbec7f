package io.homeostat.healer.incident;

import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Joins many anomalies into one incident per node. A warning joins the open incident of the node that it is suspected to have
 * begun at; hard evidence always is its own node's, because its node may have to be isolated. Pure: decides and changes nothing.
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

    /** The nodes whose open incident the anomaly may join, the first that has one. */
    public List<String> homes(AnomalyRaised anomaly) {
        boolean warning = anomaly.severity() == Severity.WARNING;
        boolean elsewhere = warning
                && !anomaly.origins().isEmpty()
                && nodes.contains(anomaly.origins().get(0).node());
        return elsewhere
                ? Stream.of(anomaly.node(), anomaly.origins().get(0).node())
                        .distinct()
                        .toList()
                : List.of(anomaly.node());
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
