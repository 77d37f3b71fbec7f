package io.homeostat.agent.authority;

import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.bundle.Demand;
import io.homeostat.merkle.bundle.GateFollower;
import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.PolicyTier;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Who may approve a recovery now: the keys that may sign, and what the tiers for recovery ask for. Immutable.
 *
 * @param genesis whose nodes sign the heads of this ledger
 */
record ApproverPolicy(List<ApproverKey> keys, List<Tier> tiers, Genesis genesis) {
    ApproverPolicy {
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
    }

    /** @param key of Ed25519, ES256 or a passkey */
    record ApproverKey(String keyId, String person, List<String> roles, VerificationKey key) {
        ApproverKey {
            roles = List.copyOf(roles);
        }
    }

    /**
     * A tier for recovery.
     *
     * @param escalateAfterSeconds of a case's life, after which a person with an escalation role may stand in
     */
    record Tier(
            String name,
            long expirySeconds,
            List<Demand> demands,
            long escalateAfterSeconds,
            List<String> escalationRoles) {
        Tier {
            demands = List.copyOf(demands);
            escalationRoles = List.copyOf(escalationRoles);
        }

        private int approvers() {
            return demands.stream().mapToInt(Demand::count).sum();
        }
    }

    static ApproverPolicy of(GateFollower followed) {
        return new ApproverPolicy(
                followed.activeKeys().stream()
                        .map(key -> new ApproverKey(key.keyId(), key.person(), key.roles(), key.key()))
                        .toList(),
                followed.policy().tiers().stream()
                        .filter(tier -> tier.kind() == PolicyTier.Kind.RECOVERY)
                        .map(tier -> new Tier(
                                tier.name(),
                                tier.expirySeconds(),
                                tier.demands(),
                                tier.escalateAfterSeconds(),
                                tier.escalationRoles()))
                        .toList(),
                followed.genesis());
    }

    Optional<ApproverKey> key(String keyId) {
        return keys.stream().filter(k -> k.keyId().equals(keyId)).findFirst();
    }

    /** Where the policy has several tiers for recovery, the one that asks for the most approvers: an order names none. */
    Optional<Tier> recoveryTier() {
        return tiers.stream().max(Comparator.comparingInt(Tier::approvers));
    }
}
