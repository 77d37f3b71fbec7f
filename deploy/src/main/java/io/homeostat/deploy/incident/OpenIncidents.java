package io.homeostat.deploy.incident;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Incidents that were opened and not closed. */
public final class OpenIncidents {
    private OpenIncidents() {}

    /** @param lastStep kind of the newest event of its story */
    public record Open(String id, String node, String cause, Instant openedAt, String lastStep) {}

    /** Reads what the topic holds now; gives up after the time. */
    public static List<Open> read(String bootstrap, Duration atMost) {
        try (IncidentWatch watch = new IncidentWatch(bootstrap)) {
            watch.readToEnd(atMost);
            return of(watch.seen());
        }
    }

    static List<Open> of(List<IncidentEvent> events) {
        Map<String, Open> open = new LinkedHashMap<>();
        for (IncidentEvent event : events) {
            if (event instanceof IncidentOpened e) {
                open.put(
                        e.incidentId(),
                        new Open(e.incidentId(), e.node(), e.cause().name(), e.at(), e.kind()));
            } else if (event instanceof IncidentClosed e) {
                open.remove(e.incidentId());
            } else {
                open.computeIfPresent(
                        event.storyId(),
                        (id, was) -> new Open(id, was.node(), was.cause(), was.openedAt(), event.kind()));
            }
        }
        return new ArrayList<>(open.values());
    }
}
