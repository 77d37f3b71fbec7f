package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Key;
import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.WebAuthn;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every key that was ever registered, and whether it may sign now. A key id and a public key are used once and for all, so
 * that a signature always means one person. Changed by events only. Not thread-safe.
 */
public final class KeyRegister {
    private final Map<String, Entry> keys = new LinkedHashMap<>();
    /** Newest signature counter of WebAuthn keys that counted. */
    private final Map<String, Long> signCounts = new HashMap<>();

    private final Map<ByteBuffer, String> byPublicKey = new HashMap<>();

    /** @param sinceSequence of the leaf that brought the key to this status, 0 for the genesis */
    public record Entry(Key key, Status status, long sinceSequence) {}

    /** Whether a key may sign; the place is the encoding in snapshots. */
    public enum Status {
        ACTIVE,
        /** A newer key of the same person took its place. */
        ROTATED,
        REVOKED
    }

    /** Why a change of keys can not be made. */
    public enum Obstacle {
        /** The key id, or the public key, was registered before. */
        KEY_EXISTS,
        /** There is no active key of this id, or no active key of this person. */
        KEY_NOT_ACTIVE,
        /** There is room for no more keys. */
        REGISTER_FULL,
        /** Afterwards nobody could change policy or keys any more. */
        STRANDS_GATE
    }

    public KeyRegister(List<Key> first) {
        first.forEach(key -> put(new Entry(key, Status.ACTIVE, 0)));
    }

    private KeyRegister(KeyRegister other) {
        keys.putAll(other.keys);
        byPublicKey.putAll(other.byPublicKey);
        signCounts.putAll(other.signCounts);
    }

    /** In the order of registration. */
    public Collection<Entry> entries() {
        return Collections.unmodifiableCollection(keys.values());
    }

    public @Nullable Entry entry(String keyId) {
        return keys.get(keyId);
    }

    /** Null unless the key is registered and may sign now. */
    public @Nullable Key active(String keyId) {
        Entry entry = keys.get(keyId);
        return entry == null || entry.status != Status.ACTIVE ? null : entry.key;
    }

    /**
     * False when an authenticator counted no further than it had: two of them sign with one key, or the assertion is old. Those
     * that never count give 0.
     */
    public boolean countGrows(Key key, byte[] signature) {
        long count = signCountOf(key, signature);
        long last = signCount(key.keyId());
        return count == 0 && last == 0 || count > last;
    }

    public long signCount(String keyId) {
        return signCounts.getOrDefault(keyId, 0L);
    }

    /** A statement of this key was taken. */
    public void count(Key key, byte[] signature) {
        long count = signCountOf(key, signature);
        if (count > 0) {
            signCounts.put(key.keyId(), count);
        }
    }

    private static long signCountOf(Key key, byte[] signature) {
        return key.key().algorithm() != VerificationKey.Algorithm.WEBAUTHN
                ? 0
                : WebAuthn.parse(signature).map(WebAuthn.Assertion::signCount).orElse(0L);
    }

    /** Whose key it is about: that person may not approve it. Empty when there is no such key. */
    public String subject(KeyChange change) {
        if (change instanceof KeyChange.Register c) {
            return c.key().person();
        }
        if (change instanceof KeyChange.Roles c) {
            return c.person();
        }
        Entry entry = keys.get(change instanceof KeyChange.Rotate c ? c.keyId() : ((KeyChange.Revoke) change).keyId());
        return entry == null ? "" : entry.key.person();
    }

    /** Why the change can not be made now, null when it can. */
    public @Nullable Obstacle obstacle(KeyChange change, List<Tier> tiers) {
        if (change instanceof KeyChange.Register c) {
            return obstacleToNew(c.key().keyId(), c.key().publicKey());
        }
        if (change instanceof KeyChange.Rotate c) {
            return active(c.keyId()) == null
                    ? Obstacle.KEY_NOT_ACTIVE
                    : obstacleToNew(c.newKeyId(), c.newKey().publicKey());
        }
        if (change instanceof KeyChange.Revoke c && active(c.keyId()) == null) {
            return Obstacle.KEY_NOT_ACTIVE;
        }
        if (change instanceof KeyChange.Roles c && keys.values().stream().noneMatch(e -> activeOf(e, c.person()))) {
            return Obstacle.KEY_NOT_ACTIVE;
        }
        List<Tier> ofChanges = tiers.stream()
                .filter(t -> t.kind() == Kind.POLICY || t.kind() == Kind.KEYS)
                .toList();
        return after(change).unfillable(ofChanges) == null ? null : Obstacle.STRANDS_GATE;
    }

    /** What the register would be after the change. */
    public KeyRegister after(KeyChange change) {
        KeyRegister after = new KeyRegister(this);
        after.apply(change, 0);
        return after;
    }

    /** The first tier that the persons with active keys could never fill, in words; null when there is none. */
    public @Nullable String unfillable(List<Tier> tiers) {
        for (Tier tier : tiers) {
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
                    return "tier '" + tier.name() + "' demands " + demand.count() + " persons with role '"
                            + demand.role() + "' but the keys name " + persons.size();
                }
                all.addAll(persons);
                needed += demand.count();
            }
            if (all.size() < needed) {
                return "tier '" + tier.name() + "' demands " + needed + " distinct persons but the keys name "
                        + all.size() + " with its roles";
            }
        }
        return null;
    }

    /** @param sequence of the KEYS_CHANGED leaf */
    void apply(KeyChange change, long sequence) {
        if (change instanceof KeyChange.Register c) {
            put(new Entry(c.key(), Status.ACTIVE, sequence));
        } else if (change instanceof KeyChange.Rotate c) {
            Key old = retire(c.keyId(), Status.ROTATED, sequence);
            put(new Entry(new Key(c.newKeyId(), old.person(), old.roles(), c.newKey()), Status.ACTIVE, sequence));
        } else if (change instanceof KeyChange.Revoke c) {
            retire(c.keyId(), Status.REVOKED, sequence);
        } else if (change instanceof KeyChange.Roles c) {
            keys.replaceAll((id, entry) -> activeOf(entry, c.person())
                    ? new Entry(new Key(id, c.person(), c.roles(), entry.key.key()), Status.ACTIVE, sequence)
                    : entry);
        }
    }

    /** Puts a snapshot's keys in the place of the genesis'. */
    void restore(List<Entry> entries, Map<String, Long> counts) {
        signCounts.clear();
        signCounts.putAll(counts);
        keys.clear();
        byPublicKey.clear();
        entries.forEach(this::put);
    }

    private @Nullable Obstacle obstacleToNew(String keyId, byte[] publicKey) {
        if (keys.containsKey(keyId) || byPublicKey.containsKey(ByteBuffer.wrap(publicKey))) {
            return Obstacle.KEY_EXISTS;
        }
        return keys.size() >= Genesis.MAX_KEYS ? Obstacle.REGISTER_FULL : null;
    }

    private void put(Entry entry) {
        keys.put(entry.key.keyId(), entry);
        byPublicKey.put(ByteBuffer.wrap(entry.key.publicKey()), entry.key.keyId());
    }

    private Key retire(String keyId, Status status, long sequence) {
        Entry entry = keys.get(keyId);
        if (entry == null) {
            throw new IllegalStateException("expected key " + keyId + " but found none");
        }
        keys.put(keyId, new Entry(entry.key, status, sequence));
        return entry.key;
    }

    private static boolean activeOf(Entry entry, String person) {
        return entry.status == Status.ACTIVE && entry.key.person().equals(person);
    }
}
