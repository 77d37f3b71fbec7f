package io.homeostat.merkle.bundle;

import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.WebAuthn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The registered keys as the replay follows them: a key id and a public key are used once and for all. Not thread-safe. */
final class KeyBook {
    private final Map<String, Entry> keys = new LinkedHashMap<>();

    private final Map<String, Long> signCounts = new LinkedHashMap<>();

    private record Entry(Genesis.Key key, Status status) {}

    /** What may become of a key. */
    enum Status {
        ACTIVE,
        ROTATED,
        REVOKED
    }

    KeyBook(List<Genesis.Key> first) {
        first.forEach(key -> keys.put(key.keyId(), new Entry(key, Status.ACTIVE)));
    }

    private KeyBook(KeyBook other) {
        keys.putAll(other.keys);
        signCounts.putAll(other.signCounts);
    }

    /** The key, when it may sign now. */
    Optional<Genesis.Key> active(String keyId) {
        Entry entry = keys.get(keyId);
        return entry == null || entry.status != Status.ACTIVE ? Optional.empty() : Optional.of(entry.key);
    }

    /** All that may sign now, in the order of registration. */
    List<Genesis.Key> active() {
        return keys.values().stream()
                .filter(entry -> entry.status == Status.ACTIVE)
                .map(Entry::key)
                .toList();
    }

    KeyBook copy() {
        return new KeyBook(this);
    }

    /** False when an authenticator's counter did not grow: two of them sign with one key, or the assertion is an old one. */
    boolean countGrows(Genesis.Key key, byte[] signature) {
        long count = signCount(key, signature);
        long last = signCounts.getOrDefault(key.keyId(), 0L);
        return count == 0 && last == 0 || count > last;
    }

    void count(Genesis.Key key, byte[] signature) {
        signCounts.merge(key.keyId(), signCount(key, signature), Math::max);
    }

    private static long signCount(Genesis.Key key, byte[] signature) {
        return key.key().algorithm() != VerificationKey.Algorithm.WEBAUTHN
                ? 0
                : WebAuthn.parse(signature).map(WebAuthn.Assertion::signCount).orElse(0L);
    }

    /** Null when no such key was ever registered. */
    @Nullable
    Status status(String keyId) {
        Entry entry = keys.get(keyId);
        return entry == null ? null : entry.status;
    }

    /** Whose key the change is about: that person may not approve it. Empty when there is no such key. */
    String subject(KeyChange change) {
        if (change instanceof KeyChange.Register c) {
            return c.key().person();
        }
        if (change instanceof KeyChange.Roles c) {
            return c.person();
        }
        String keyId = change instanceof KeyChange.Rotate c ? c.keyId() : ((KeyChange.Revoke) change).keyId();
        Entry entry = keys.get(keyId);
        return entry == null ? "" : entry.key.person();
    }

    /** Why the change can not be made now, null when it can. */
    @Nullable
    String refusalOf(KeyChange change, Policy policy) {
        if (change instanceof KeyChange.Register c) {
            return refusalOfNew(c.key());
        }
        if (change instanceof KeyChange.Rotate c) {
            Genesis.Key old = active(c.keyId()).orElse(null);
            return old == null
                    ? "key '" + c.keyId() + "' is not active"
                    : refusalOfNew(new Genesis.Key(c.newKeyId(), old.person(), old.roles(), c.newKey()));
        }
        if (change instanceof KeyChange.Revoke c && active(c.keyId()).isEmpty()) {
            return "key '" + c.keyId() + "' is not active";
        }
        if (change instanceof KeyChange.Roles c && persons(c.person()).isEmpty()) {
            return "person '" + c.person() + "' has no active key";
        }
        KeyBook after = new KeyBook(this);
        after.apply(change);
        return after.canChange(policy) ? null : "the policy and the keys could not be changed any more";
    }

    /** Why this can not become the policy, null when it can. */
    @Nullable
    String refusalOf(Policy next) {
        for (PolicyTier.Kind kind : List.of(PolicyTier.Kind.POLICY, PolicyTier.Kind.KEYS)) {
            if (next.changeTier(kind).isEmpty()) {
                return "it has no tier of kind " + kind + " and could never be changed again";
            }
        }
        return next.tiers().stream().allMatch(this::canFill) ? null : "the persons with keys could not fill its tiers";
    }

    private @Nullable String refusalOfNew(Genesis.Key key) {
        if (keys.containsKey(key.keyId())) {
            return "key id '" + key.keyId() + "' was used before";
        }
        boolean known = keys.values().stream()
                .anyMatch(e -> java.util.Arrays.equals(
                        e.key.key().publicKey(), key.key().publicKey()));
        return known ? "the public key was registered before" : null;
    }

    void apply(KeyChange change) {
        if (change instanceof KeyChange.Register c) {
            keys.put(c.key().keyId(), new Entry(c.key(), Status.ACTIVE));
        } else if (change instanceof KeyChange.Rotate c) {
            Genesis.Key old = retire(c.keyId(), Status.ROTATED);
            keys.put(
                    c.newKeyId(),
                    new Entry(new Genesis.Key(c.newKeyId(), old.person(), old.roles(), c.newKey()), Status.ACTIVE));
        } else if (change instanceof KeyChange.Revoke c) {
            retire(c.keyId(), Status.REVOKED);
        } else if (change instanceof KeyChange.Roles c) {
            for (String keyId : persons(c.person())) {
                Genesis.Key old = active(keyId).orElseThrow();
                keys.put(keyId, new Entry(new Genesis.Key(keyId, old.person(), c.roles(), old.key()), Status.ACTIVE));
            }
        }
    }

    /** True when the tiers for changes of policy and keys can be filled by the persons that there are. */
    private boolean canChange(Policy policy) {
        return policy.tiers().stream()
                .filter(t -> t.kind() == PolicyTier.Kind.POLICY || t.kind() == PolicyTier.Kind.KEYS)
                .allMatch(this::canFill);
    }

    private boolean canFill(PolicyTier tier) {
        Set<String> all = new HashSet<>();
        int needed = 0;
        for (Demand demand : tier.demands()) {
            Set<String> persons = new HashSet<>();
            for (Entry entry : keys.values()) {
                if (entry.status == Status.ACTIVE && entry.key.roles().contains(demand.role())) {
                    persons.add(entry.key.person());
                }
            }
            if (persons.size() < demand.count()) {
                return false;
            }
            all.addAll(persons);
            needed += demand.count();
        }
        return all.size() >= needed;
    }

    private Genesis.Key retire(String keyId, Status status) {
        Genesis.Key old = active(keyId).orElseThrow();
        keys.put(keyId, new Entry(old, status));
        return old;
    }

    private List<String> persons(String person) {
        List<String> found = new ArrayList<>();
        keys.forEach((id, entry) -> {
            if (entry.status == Status.ACTIVE && entry.key.person().equals(person)) {
                found.add(id);
            }
        });
        return found;
    }
}
