package io.homeostat.approvals.trail;

import io.homeostat.events.IncidentEvent;
import java.time.Instant;

/**
 * One leaf of the trail, for lists.
 *
 * @param sequence position in the trail, from 0
 * @param caseId the approval case that the event names, empty when it names none
 * @param leafDigest hex SHA-256 of the leaf's bytes
 */
public record TrailEntry(
        long sequence,
        String eventId,
        Instant at,
        String kind,
        String storyId,
        String node,
        String caseId,
        String leafDigest) {
    static TrailEntry of(long sequence, IncidentEvent event, String leafDigest) {
        return new TrailEntry(
                sequence,
                event.eventId(),
                event.at(),
                event.kind(),
                event.storyId(),
                event.node(),
                caseOf(event),
                leafDigest);
    }

    private static String caseOf(IncidentEvent event) {
        if (event instanceof IncidentEvent.ApprovalRequested e) {
            return e.caseId();
        }
        if (event instanceof IncidentEvent.ApprovalDecided e) {
            return e.caseId();
        }
        return "";
    }
}
