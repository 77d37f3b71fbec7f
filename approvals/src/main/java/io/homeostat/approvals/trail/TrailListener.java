package io.homeostat.approvals.trail;

import io.homeostat.events.IncidentEvent;

/** Hears of each leaf once, in order, after it became durable; first of all leaves that were there before. */
public interface TrailListener {
    /** {@code event} is as in the leaf: digests in the place of free texts. Called under the trail's lock: be quick. */
    void appended(TrailEntry entry, IncidentEvent event);
}
