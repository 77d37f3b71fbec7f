package io.homeostat.agent.authority;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.homeostat.events.RoleQuorum;
import io.homeostat.events.codec.EventCodec;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The part of the ledger's genesis that says who may approve a recovery: JSON of {@code GET /v1/policy}.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ApproverPolicy(List<ApproverKey> keys, List<Tier> tiers) {
    static final int MAX_KEYS = 4096;

    ApproverPolicy {
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
        if (keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException("policy has " + keys.size() + " keys, expected at most " + MAX_KEYS);
        }
        Set<String> ids = new HashSet<>();
        for (ApproverKey key : keys) {
            if (!ids.add(key.keyId())) {
                throw new IllegalArgumentException("policy names key '" + key.keyId() + "' twice");
            }
        }
    }

    /** @param publicKey base64 of the raw 32 bytes of an Ed25519 key; signatures of other keys do not count here */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record ApproverKey(String keyId, String person, List<String> roles, String publicKey) {
        ApproverKey {
            Objects.requireNonNull(keyId, "keyId");
            Objects.requireNonNull(person, "person");
            roles = List.copyOf(roles);
            int bytes = Base64.getDecoder().decode(publicKey).length;
            // A point of P-256 has 65: such a key may decide in the ledger, but here its signatures do not verify.
            if (bytes != 32 && bytes != 65) {
                throw new IllegalArgumentException(
                        "key '" + keyId + "': publicKey must be 32 bytes of Ed25519, or 65 of P-256, but has " + bytes);
            }
        }
    }

    /** @param kind {@code transfer} or {@code recovery} */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Tier(String name, String kind, long expirySeconds, List<RoleQuorum> demands) {
        Tier {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(kind, "kind");
            demands = List.copyOf(demands);
        }

        private int approvers() {
            return demands.stream().mapToInt(RoleQuorum::count).sum();
        }
    }

    static ApproverPolicy parse(byte[] json) {
        return EventCodec.read(json, ApproverPolicy.class);
    }

    Optional<ApproverKey> key(String keyId) {
        return keys.stream().filter(k -> k.keyId().equals(keyId)).findFirst();
    }

    /** Where the policy has several tiers for recovery, the one that asks for the most approvers: an order names none. */
    Optional<Tier> recoveryTier() {
        return tiers.stream().filter(t -> t.kind().equals("recovery")).max(Comparator.comparingInt(Tier::approvers));
    }
}
