package io.homeostat.approvals.inbox;

import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailEntry;
import io.homeostat.approvals.trail.TrailListener;
import io.homeostat.events.IncidentEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Incidents read from the trail. What was made is kept as long as the stories behind it did not grow, for the newest
 * {@link InboxLimits#incidentsKept()} incidents.
 *
 * <p>Thread-safe.
 */
public final class Incidents implements TrailListener {
    private final ReasoningTrail trail;
    private final InboxLimits limits;
    private final Deque<String> newestIds = new ArrayDeque<>();
    private final Map<String, Made> made = new LinkedHashMap<>();

    private record Made(int length, Incident incident) {}

    public Incidents(ReasoningTrail trail, InboxLimits limits) {
        this.trail = trail;
        this.limits = limits;
    }

    @Override
    public void appended(TrailEntry entry, IncidentEvent event) {
        if (event instanceof IncidentEvent.IncidentOpened) {
            synchronized (newestIds) {
                if (!newestIds.contains(event.storyId())) {
                    newestIds.addFirst(event.storyId());
                }
                if (newestIds.size() > limits.incidentsKept()) {
                    newestIds.removeLast();
                }
            }
        }
    }

    /** The newest incidents, newest first. */
    public List<Incident> newest() {
        List<String> ids;
        synchronized (newestIds) {
            ids = List.copyOf(newestIds);
        }
        List<Incident> incidents = new ArrayList<>(ids.size());
        for (String id : ids) {
            find(id).ifPresent(incidents::add);
        }
        return incidents;
    }

    /** Any incident that the trail knows, however old. */
    public Optional<Incident> find(String incidentId) {
        List<String> anomalyIds = new ArrayList<>();
        int length = trail.storyLength(incidentId);
        Made kept;
        synchronized (made) {
            kept = made.get(incidentId);
        }
        if (kept != null && kept.length() == length + related(kept.incident())) {
            return Optional.of(kept.incident());
        }
        List<IncidentEvent> own = trail.story(incidentId);
        for (IncidentEvent event : own) {
            if (event instanceof IncidentEvent.IncidentOpened opened) {
                anomalyIds.addAll(opened.anomalyIds());
            }
        }
        if (own.stream().noneMatch(IncidentEvent.IncidentOpened.class::isInstance)) {
            return Optional.empty();
        }
        List<IncidentEvent> related = new ArrayList<>();
        for (String anomalyId : anomalyIds) {
            related.addAll(trail.story(anomalyId));
        }
        Incident incident = Incident.of(own, related);
        synchronized (made) {
            made.remove(incidentId);
            made.put(incidentId, new Made(own.size() + related.size(), incident));
            if (made.size() > limits.incidentsKept()) {
                made.remove(made.keySet().iterator().next());
            }
        }
        return Optional.of(incident);
    }

    private int related(Incident incident) {
        int length = 0;
        for (IncidentEvent event : incident.timeline()) {
            if (event instanceof IncidentEvent.IncidentOpened opened) {
                for (String anomalyId : opened.anomalyIds()) {
                    length += trail.storyLength(anomalyId);
                }
            }
        }
        return length;
    }
}
