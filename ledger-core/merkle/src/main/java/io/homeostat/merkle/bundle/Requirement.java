package io.homeostat.merkle.bundle;

import java.util.ArrayList;
import java.util.List;

/**
 * What the policy asks for one transfer: the tiers that it falls in, joined. Of each account class (and of all together) only
 * the highest tier counts; of several that remain, each role counts with its highest number, the shortest life counts, and an
 * escalation role counts only if every one of them names it.
 *
 * @param name of the tiers, for messages
 */
record Requirement(
        String name,
        List<Demand> demands,
        long expirySeconds,
        long screenMillis,
        List<String> escalationRoles,
        long escalateAfterSeconds) {
    private static final long MICROS_PER_SECOND = 1_000_000L;

    Requirement {
        demands = List.copyOf(demands);
        escalationRoles = List.copyOf(escalationRoles);
    }

    /** Whether a case asks for no less than this: the same demands, no longer a life, no easier an escalation. */
    boolean isMetBy(Leaf.CaseOpened leaf) {
        long lifeMicros = leaf.expiresMicros() - leaf.timeMicros();
        long escalates = escalateAfterSeconds * MICROS_PER_SECOND;
        boolean escalatesInTime =
                leaf.escalatesMicros() == 0 || escalates > 0 && leaf.escalatesMicros() - leaf.timeMicros() >= escalates;
        return leaf.demands().equals(demands)
                && lifeMicros <= expirySeconds * MICROS_PER_SECOND
                && escalatesInTime
                && escalationRoles.containsAll(leaf.escalationRoles());
    }

    static Requirement of(PolicyTier tier) {
        return new Requirement(
                tier.name(),
                tier.demands(),
                tier.expirySeconds(),
                tier.screenMillis(),
                tier.escalationRoles(),
                tier.escalationRoles().isEmpty() ? 0 : tier.escalateAfterSeconds());
    }

    Requirement and(PolicyTier tier) {
        List<Demand> joined = new ArrayList<>(demands);
        for (Demand demand : tier.demands()) {
            int place = -1;
            for (int i = 0; i < joined.size(); i++) {
                place = joined.get(i).role().equals(demand.role()) ? i : place;
            }
            if (place < 0) {
                joined.add(demand);
            } else if (joined.get(place).count() < demand.count()) {
                joined.set(place, demand);
            }
        }
        List<String> roles = new ArrayList<>(escalationRoles);
        roles.retainAll(tier.escalationRoles());
        return new Requirement(
                name + "+" + tier.name(),
                joined,
                Math.min(expirySeconds, tier.expirySeconds()),
                Math.min(screenMillis, tier.screenMillis()),
                roles,
                roles.isEmpty() ? 0 : Math.max(escalateAfterSeconds, tier.escalateAfterSeconds()));
    }
}
