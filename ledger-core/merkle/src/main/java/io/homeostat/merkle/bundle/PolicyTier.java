package io.homeostat.merkle.bundle;

import java.util.List;

/**
 * A line of the policy: what needs approval, and whose.
 *
 * @param asset of transfer and screening tiers, empty for the others
 * @param accountClass number of the class that the tier looks at, 0 for all of them together
 * @param fromAmount minor units; what moves this amount or more falls in the tier
 * @param expirySeconds life of a case
 * @param screenMillis of a screening tier: how long the detector has; 0 for the others
 * @param escalateAfterSeconds life of a case after which an escalation role may stand in, 0 for never
 */
public record PolicyTier(
        String name,
        Kind kind,
        String asset,
        int accountClass,
        long fromAmount,
        long expirySeconds,
        long screenMillis,
        List<Demand> demands,
        long escalateAfterSeconds,
        List<String> escalationRoles) {
    public PolicyTier {
        demands = List.copyOf(demands);
        escalationRoles = List.copyOf(escalationRoles);
    }

    /** What a tier is for; the place in this list plus one is the encoding. */
    public enum Kind {
        TRANSFER,
        RECOVERY,
        POLICY,
        KEYS,
        SCREENING;

        boolean ofMoney() {
            return this == TRANSFER || this == SCREENING;
        }
    }
}
