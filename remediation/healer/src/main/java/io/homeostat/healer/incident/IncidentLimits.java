package io.homeostat.healer.incident;

import java.time.Duration;

/**
 * Bounds of opening incidents and of trying.
 *
 * @param stormIncidents more incidents that ask for action than this in {@code stormWindow} stop all acting: so many
 *     sick nodes at once are one common cause, which no plan for one node heals
 * @param plansPerNode plans that may be begun for one node in {@code planWindow}; a node that needs more is for people
 * @param cooldown least time between two plans for one node, so that the first can show its effect
 * @param settle how long a plan waits for a more specific cause: a dead process looks silent first
 * @param staleAfter older news is not acted upon; the detector raises again what still holds
 * @param seenEvents remembered event ids, some hours of a very bad day
 * @param anomaliesPerIncident stored of one incident; further ones only move the time of the last one
 * @param closedIncidents kept for look-up; the story itself is on the topic and in the trail
 */
public record IncidentLimits(
        int stormIncidents,
        Duration stormWindow,
        int plansPerNode,
        Duration planWindow,
        Duration cooldown,
        Duration settle,
        Duration staleAfter,
        int seenEvents,
        int anomaliesPerIncident,
        int closedIncidents) {
    public IncidentLimits {
        requireAtLeastOne("stormIncidents", stormIncidents);
        requireAtLeastOne("plansPerNode", plansPerNode);
        requireAtLeastOne("seenEvents", seenEvents);
        requireAtLeastOne("anomaliesPerIncident", anomaliesPerIncident);
        requireAtLeastOne("closedIncidents", closedIncidents);
    }

    public static IncidentLimits defaults() {
        return new IncidentLimits(
                5,
                Duration.ofMinutes(1),
                4,
                Duration.ofMinutes(10),
                Duration.ofSeconds(3),
                Duration.ofMillis(250),
                Duration.ofMinutes(5),
                50_000,
                500,
                2_000);
    }

    private static void requireAtLeastOne(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " must be at least 1 but is " + value);
        }
    }
}
