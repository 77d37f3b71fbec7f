package io.homeostat.approvals.ledger;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.homeostat.events.RoleQuorum;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answer of {@code GET /v1/policy}: policy and active keys in the ledger's own state.
 *
 * @param version of the policy, 1 for that of the genesis
 */
public record LedgerPolicy(List<Key> keys, List<Tier> tiers, long version) {
    public static final LedgerPolicy EMPTY = new LedgerPolicy(List.of(), List.of(), 0);

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
                .filter(t ->
                        t.kind().equals(held.kind().wireName()) && t.demands().equals(held.demands()))
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
     * @param publicKey base64 or hex of the raw 32 bytes of Ed25519, or of the 65 of P-256, as the ledger writes it
     * @param algorithm {@code Ed25519}, {@code ES256} or {@code WebAuthn}
     * @param rpId domain that a WebAuthn key is bound to, empty for the others
     * @param origin page that a WebAuthn key is bound to, empty for the others
     */
    public record Key(
            @JsonAlias("id") String keyId,
            String person,
            List<String> roles,
            String publicKey,
            String algorithm,
            String rpId,
            String origin) {
        public Key(
                @JsonAlias("id") String keyId,
                String person,
                @Nullable List<String> roles,
                @Nullable String publicKey,
                @Nullable String algorithm,
                @Nullable String rpId,
                @Nullable String origin) {
            this.keyId = Objects.requireNonNull(keyId, "keyId");
            this.person = Objects.requireNonNull(person, "person");
            this.roles = roles == null ? List.of() : List.copyOf(roles);
            this.publicKey = publicKey == null ? "" : publicKey;
            this.algorithm = algorithm == null ? "Ed25519" : algorithm;
            this.rpId = rpId == null ? "" : rpId;
            this.origin = origin == null ? "" : origin;
        }

        /** True for a key that lives in an authenticator. */
        public boolean passkey() {
            return algorithm.equals("WebAuthn");
        }
    }

    /** From which amount which roles must sign. */
    public record Tier(
            String name,
            String kind,
            String asset,
            String accountClass,
            long fromAmount,
            long expirySeconds,
            long screenMillis,
            List<RoleQuorum> demands,
            long escalateAfterSeconds,
            List<String> escalationRoles) {
        public Tier(
                String name,
                String kind,
                @Nullable String asset,
                @Nullable String accountClass,
                long fromAmount,
                long expirySeconds,
                long screenMillis,
                @Nullable List<RoleQuorum> demands,
                long escalateAfterSeconds,
                @Nullable List<String> escalationRoles) {
            this.name = Objects.requireNonNull(name, "name");
            this.kind = Objects.requireNonNull(kind, "kind");
            this.asset = asset == null ? "" : asset;
            this.accountClass = accountClass == null ? "any" : accountClass;
            this.screenMillis = screenMillis;
            this.escalateAfterSeconds = escalateAfterSeconds;
            this.escalationRoles = escalationRoles == null ? List.of() : List.copyOf(escalationRoles);
            this.fromAmount = fromAmount;
            this.expirySeconds = expirySeconds;
            this.demands = demands == null ? List.of() : List.copyOf(demands);
        }
    }
}
