package io.homeostat.healer.incident;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** How often plans may be begun for one node. Pure; what it counts is durable. */
public final class AttemptBudget {
    private final IncidentLimits limits;

    public AttemptBudget(IncidentLimits limits) {
        this.limits = limits;
    }

    /** Whether a plan may begin now, must wait, or is one too many. */
    public record Verdict(boolean exhausted, Duration delay, String words) {
        public boolean now() {
            return !exhausted && delay.isZero();
        }
    }

    public Verdict check(String node, List<Instant> attempts, Instant now) {
        Instant start = windowStart(now);
        long used = attempts.stream().filter(at -> at.isAfter(start)).count();
        if (used >= limits.plansPerNode()) {
            return new Verdict(
                    true,
                    Duration.ZERO,
                    "attempts used up: " + used + " plans for " + node + " within "
                            + limits.planWindow().toSeconds() + " s, at most " + limits.plansPerNode());
        }
        Instant earliest = attempts.stream()
                .max(Comparator.naturalOrder())
                .map(last -> last.plus(limits.cooldown()))
                .orElse(now);
        Duration wait = earliest.isAfter(now) ? Duration.between(now, earliest) : Duration.ZERO;
        return new Verdict(false, wait, wait.isZero() ? "" : "cooldown after the last plan for " + node);
    }

    public Instant windowStart(Instant now) {
        return now.minus(limits.planWindow());
    }
}
