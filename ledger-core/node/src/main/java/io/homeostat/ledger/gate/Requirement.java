package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Tier;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import java.util.ArrayList;
import java.util.List;

/**
 * What the policy asks for one thing: the tiers that it falls in, joined so that the strictest of each counts. Immutable.
 *
 * @param demands of all tiers, a role of several with its highest count, in the order of the tiers
 * @param expirySeconds the shortest of all
 * @param screenMillis the shortest of all, 0 when nothing is to be screened
 * @param escalationRoles that every tier names
 * @param escalateAfterSeconds the longest of all, 0 without escalation roles
 */
public record Requirement(
        List<Demand> demands,
        long expirySeconds,
        long screenMillis,
        List<String> escalationRoles,
        long escalateAfterSeconds) {
    private static final long MICROS_PER_SECOND = 1_000_000L;

    public Requirement {
        demands = List.copyOf(demands);
        escalationRoles = List.copyOf(escalationRoles);
    }

    static Requirement of(Tier tier) {
        return new Requirement(
                tier.demands(),
                tier.expirySeconds(),
                tier.screenMillis(),
                tier.escalationRoles(),
                tier.escalateAfterSeconds());
    }

    Requirement and(Requirement other) {
        List<Demand> joined = new ArrayList<>(demands);
        for (Demand demand : other.demands) {
            int known = -1;
            for (int i = 0; i < joined.size(); i++) {
                if (joined.get(i).role().equals(demand.role())) {
                    known = i;
                }
            }
            if (known < 0) {
                joined.add(demand);
            } else if (joined.get(known).count() < demand.count()) {
                joined.set(known, demand);
            }
        }
        List<String> roles = new ArrayList<>(escalationRoles);
        roles.retainAll(other.escalationRoles);
        return new Requirement(
                joined,
                Math.min(expirySeconds, other.expirySeconds),
                Math.min(screenMillis, other.screenMillis),
                roles,
                roles.isEmpty() ? 0 : Math.max(escalateAfterSeconds, other.escalateAfterSeconds));
    }

    /** Ledger time until which a case lives that is opened at {@code timeMicros}. */
    public long expiresMicros(long timeMicros) {
        return timeMicros + expirySeconds * MICROS_PER_SECOND;
    }

    /** Ledger time from which on an escalation role may stand in, 0 for never. */
    public long escalatesMicros(long timeMicros) {
        return escalationRoles.isEmpty() ? 0 : timeMicros + escalateAfterSeconds * MICROS_PER_SECOND;
    }
}
