package io.homeostat.approvals.ledger;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.homeostat.events.RoleQuorum;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answer of {@code GET /v1/policy}: the approval policy in the ledger's own state (its GENESIS as JSON). */
public record LedgerPolicy(List<Key> keys, List<Tier> tiers) {
    public static final LedgerPolicy EMPTY = new LedgerPolicy(List.of(), List.of());

    public LedgerPolicy {
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
    }

    /** Name of the tier that a case falls in, by the rule of docs/encoding.md; empty when the policy names none. */
    public Optional<String> tierOf(LedgerCase held) {
        LedgerCase.Transfer transfer = held.transfer();
        if (transfer != null) {
            return tiers.stream()
                    .filter(t -> t.kind().equals("transfer")
                            && t.asset().equals(transfer.asset())
                            && t.fromAmount() <= transfer.amount())
                    .max(Comparator.comparingLong(Tier::fromAmount))
                    .map(Tier::name);
        }
        return tiers.stream()
                .filter(t -> t.kind().equals("recovery") && t.demands().equals(held.demands()))
                .findFirst()
                .map(Tier::name);
    }

    public List<Key> keysOf(String person) {
        return keys.stream().filter(k -> k.person().equals(person)).toList();
    }

    public Optional<Key> key(String keyId) {
        return keys.stream().filter(k -> k.keyId().equals(keyId)).findFirst();
    }

    /**
     * A registered approver key.
     *
     * @param publicKey base64 or hex of the raw 32 bytes, as the ledger writes it
     */
    public record Key(@JsonAlias("id") String keyId, String person, List<String> roles, String publicKey) {
        public Key(
                @JsonAlias("id") String keyId,
                String person,
                @Nullable List<String> roles,
                @Nullable String publicKey) {
            this.keyId = Objects.requireNonNull(keyId, "keyId");
            this.person = Objects.requireNonNull(person, "person");
            this.roles = roles == null ? List.of() : List.copyOf(roles);
            this.publicKey = publicKey == null ? "" : publicKey;
        }
    }

    /** From which amount which roles must sign. */
    public record Tier(
            String name, String kind, String asset, long fromAmount, long expirySeconds, List<RoleQuorum> demands) {
        public Tier(
                String name,
                String kind,
                @Nullable String asset,
                long fromAmount,
                long expirySeconds,
                @Nullable List<RoleQuorum> demands) {
            this.name = Objects.requireNonNull(name, "name");
            this.kind = Objects.requireNonNull(kind, "kind");
            this.asset = asset == null ? "" : asset;
            this.fromAmount = fromAmount;
            this.expirySeconds = expirySeconds;
            this.demands = demands == null ? List.of() : List.copyOf(demands);
        }
    }
}
