package io.homeostat.healer.incident;

import java.time.Instant;
import java.util.List;

/** Stops acting when too many incidents ask for it in a short time. Pure; what it counts is durable. */
public final class StormBrake {
    private final IncidentLimits limits;

    public StormBrake(IncidentLimits limits) {
        this.limits = limits;
    }

    /** {@code openings} are the times at which incidents asked for action, the present one included. */
    public boolean pulled(List<Instant> openings, Instant now) {
        return inWindow(openings, now) > limits.stormIncidents();
    }

    public String words(List<Instant> openings, Instant now) {
        return "storm brake: " + inWindow(openings, now) + " incidents ask for action within "
                + limits.stormWindow().toSeconds() + " s, at most " + limits.stormIncidents()
                + " are handled by automation; look for a common cause";
    }

    public Instant windowStart(Instant now) {
        return now.minus(limits.stormWindow());
    }

    private long inWindow(List<Instant> openings, Instant now) {
        Instant start = windowStart(now);
        return openings.stream().filter(at -> at.isAfter(start)).count();
    }
}
