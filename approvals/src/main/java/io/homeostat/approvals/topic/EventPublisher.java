package io.homeostat.approvals.topic;

import io.homeostat.events.IncidentEvent;

/** Where approvals' own events go. */
public interface EventPublisher {
    /**
     * Returns when the broker has the event.
     *
     * @throws TopicFault when the broker did not confirm it in time; publishing the same event id again is harmless
     */
    void publish(IncidentEvent event);
}
