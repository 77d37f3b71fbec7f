package io.homeostat.approvals.explain;

import io.homeostat.approvals.inbox.InboxLimits;
import io.homeostat.approvals.inbox.Incidents;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailLimits;
import io.homeostat.events.IncidentEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Facts the way production makes them: events through a trail. */
final class IncidentFacts {
    private IncidentFacts() {}

    static Facts of(List<IncidentEvent> events) {
        try {
            Path folder = Files.createTempDirectory("facts");
            try (ReasoningTrail trail = ReasoningTrail.open(folder, TrailLimits.defaults())) {
                trail.append(events);
                String incidentId = events.stream()
                        .filter(IncidentEvent.IncidentOpened.class::isInstance)
                        .findFirst()
                        .orElseThrow()
                        .storyId();
                return Facts.ofIncident(
                        new Incidents(trail, InboxLimits.defaults())
                                .find(incidentId)
                                .orElseThrow(),
                        ExplainLimits.defaults());
            } finally {
                try (var files = Files.walk(folder)) {
                    files.sorted(java.util.Comparator.reverseOrder())
                            .forEach(f -> f.toFile().delete());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
