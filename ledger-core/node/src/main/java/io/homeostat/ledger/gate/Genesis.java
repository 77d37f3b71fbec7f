package io.homeostat.ledger.gate;

import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerificationKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The ledger's constitution: its nodes, the approvers' public keys and the tiers of the approval policy. It is the first
 * leaf of the journal, so whoever trusts that leaf trusts no file and no server for the policy. Immutable; the arrays are
 * not to be changed. Source: docs/encoding.md, GENESIS body.
 */
public record Genesis(String ledger, List<Node> nodes, List<Key> keys, List<Tier> tiers) {
    /** Names of nodes, keys, persons, roles and tiers. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");

    /** The role of a detector's key, which signs verdicts and nothing else. */
    public static final String DETECTOR = "detector";

    private static final Pattern LEDGER = Pattern.compile("[A-Za-z0-9._/-]{1,128}");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ASSET = Pattern.compile("[A-Z][A-Z0-9]{2,11}");
    private static final int KEY_BYTES = 32;
    private static final int MAX_NODES = 63;
    static final int MAX_KEYS = 4096;
    static final int MAX_TIERS = 1024;
    private static final int MAX_COUNT = 255;

    public Genesis {
        require(LEDGER.matcher(ledger).matches(), "ledger must match " + LEDGER + " but is '" + ledger + "'");
        nodes = List.copyOf(nodes);
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
        requireSize("nodes", nodes.size(), 1, MAX_NODES);
        requireSize("keys", keys.size(), 0, MAX_KEYS);
        requireDistinct("node id", nodes.stream().map(Node::id).toList());
        requireDistinct("key id", keys.stream().map(Key::keyId).toList());
        requireDistinct(
                "public key", keys.stream().map(k -> Digests.hex(k.publicKey())).toList());
        ApprovalPolicy.requireSound(tiers);
        String unfillable = new KeyRegister(keys).unfillable(tiers);
        require(unfillable == null, unfillable + "; what it gates could never be approved");
    }

    /** @param checkpointKey raw Ed25519 public key, 32 bytes, that signs this node's checkpoints */
    public record Node(String id, String zone, byte[] checkpointKey) {
        public Node {
            requireName("node id", id);
            require(
                    ZONE.matcher(zone).matches(),
                    "zone of node " + id + " must match " + ZONE + " but is '" + zone + "'");
            requireKey("checkpointKey of node " + id, checkpointKey);
        }
    }

    /**
     * A key of an approver, or of a detector: that one has the role {@link #DETECTOR} and no other.
     *
     * @param person who signs with it; several keys may belong to one person, who counts once
     */
    public record Key(String keyId, String person, List<String> roles, VerificationKey key) {
        public Key {
            requireName("keyId", keyId);
            requireName("person of key " + keyId, person);
            roles = requireRoles("key " + keyId, roles);
        }

        /** @param publicKey raw Ed25519 public key, 32 bytes */
        public Key(String keyId, String person, List<String> roles, byte[] publicKey) {
            this(keyId, person, roles, VerificationKey.ed25519(publicKey));
        }

        public byte[] publicKey() {
            return key.publicKey();
        }

        public boolean ofDetector() {
            return roles.contains(DETECTOR);
        }
    }

    /** A person's roles: distinct names; a detector has no other role, so that no machine approves. */
    static List<String> requireRoles(String whose, List<String> roles) {
        requireSize("roles of " + whose, roles.size(), 1, MAX_COUNT);
        roles.forEach(role -> requireName("role of " + whose, role));
        requireDistinct("role of " + whose, roles);
        require(
                roles.size() == 1 || !roles.contains(DETECTOR),
                whose + " has the role '" + DETECTOR + "' and others, but a detector has no other role");
        return List.copyOf(roles);
    }

    /**
     * From which amount on who must approve.
     *
     * @param asset of the transfers, empty for kinds that are not about money
     * @param accountClass number of the class whose accounts are looked at, 0 for all of them together
     * @param fromAmount minor units that move on accounts of the class; 0 for kinds that are not about money
     * @param screenMillis how long the detector has for its verdict; 0 but for {@link Kind#SCREENING}
     * @param escalateAfterSeconds of a case's life, after which a person with an escalation role may stand in; 0 for never
     */
    public record Tier(
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
        private static final long MAX_EXPIRY_SECONDS = 366L * 24 * 3600;
        private static final long MAX_SCREEN_MILLIS = 600_000;

        public Tier {
            requireName("tier name", name);
            demands = List.copyOf(demands);
            escalationRoles = List.copyOf(escalationRoles);
            if (kind.ofMoney()) {
                require(
                        ASSET.matcher(asset).matches(),
                        "asset of tier " + name + " must match " + ASSET + " but is '" + asset + "'");
                require(fromAmount > 0, "fromAmount of tier " + name + " must be positive but is " + fromAmount);
                requireSize("accountClass of tier " + name, accountClass, 0, ApprovalPolicy.CLASSES - 1);
            } else {
                require(
                        asset.isEmpty() && fromAmount == 0 && accountClass == 0,
                        "tier " + name + " is not about money: asset, accountClass and fromAmount must be empty, any"
                                + " and 0");
            }
            require(
                    kind == Kind.SCREENING ? screenMillis >= 1 && screenMillis <= MAX_SCREEN_MILLIS : screenMillis == 0,
                    "screenMillis of tier " + name + " must be "
                            + (kind == Kind.SCREENING ? "1.." + MAX_SCREEN_MILLIS : "0") + " but is " + screenMillis);
            require(
                    expirySeconds >= 1 && expirySeconds <= MAX_EXPIRY_SECONDS,
                    "expirySeconds of tier " + name + " must be 1.." + MAX_EXPIRY_SECONDS + " but is " + expirySeconds);
            requireSize("demands of tier " + name, demands.size(), 1, MAX_COUNT);
            for (Demand demand : demands) {
                requireName("role demanded by tier " + name, demand.role());
                requireSize("count of role " + demand.role() + " in tier " + name, demand.count(), 1, MAX_COUNT);
                require(
                        !demand.role().equals(DETECTOR),
                        "tier " + name + " demands the role '" + DETECTOR + "', but a detector approves nothing");
            }
            requireDistinct(
                    "role demanded by tier " + name,
                    demands.stream().map(Demand::role).toList());
            require(
                    escalationRoles.isEmpty()
                            ? escalateAfterSeconds == 0
                            : escalateAfterSeconds >= 1 && escalateAfterSeconds < expirySeconds,
                    "escalateAfterSeconds of tier " + name + " must be 0 without escalation roles, and else less than"
                            + " expirySeconds, but is " + escalateAfterSeconds);
            if (!escalationRoles.isEmpty()) {
                requireRoles("the escalation of tier " + name, escalationRoles);
                require(
                        !escalationRoles.contains(DETECTOR),
                        "tier " + name + " escalates to the role '" + DETECTOR + "', but a detector approves nothing");
            }
        }

        /** A tier for all account classes, without screening and escalation. */
        public Tier(String name, Kind kind, String asset, long fromAmount, long expirySeconds, List<Demand> demands) {
            this(name, kind, asset, 0, fromAmount, expirySeconds, 0, demands, 0, List.of());
        }
    }

    /** What a tier is for. */
    public enum Kind {
        /** Money that people must approve. */
        TRANSFER(1),
        /** A recovery plan above the level of autonomy. */
        RECOVERY(2),
        /** A new policy. */
        POLICY(3),
        /** Keys and roles of persons. */
        KEYS(4),
        /** Money that waits for the detector's verdict, and for people when that is not clear. */
        SCREENING(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        public boolean ofMoney() {
            return this == TRANSFER || this == SCREENING;
        }

        static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("tier kind must be 1..5 but is " + number);
        }
    }

    /** Nodes that make a majority of all genesis nodes. */
    public int majority() {
        return nodes.size() / 2 + 1;
    }

    public Optional<Key> key(String keyId) {
        return keys.stream().filter(k -> k.keyId().equals(keyId)).findFirst();
    }

    /** SHA-256 of {@link #body()}. */
    public byte[] digest() {
        return MerkleTree.sha256(body());
    }

    /** The canonical GENESIS body. */
    public byte[] body() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            GateBody.str(out, ledger);
            out.writeShort(nodes.size());
            for (Node node : nodes) {
                GateBody.str(out, node.id());
                GateBody.str(out, node.zone());
                GateBody.bytes(out, node.checkpointKey());
            }
            out.writeShort(keys.size());
            for (Key key : keys) {
                GateBody.key(out, key);
            }
            GateBody.tiers(out, tiers);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException for anything but a canonical body */
    public static Genesis fromBody(byte[] body) {
        return GateBody.read("genesis body", body, in -> {
            String ledger = GateBody.str(in);
            int n = Short.toUnsignedInt(in.getShort());
            requireSize("nodes", n, 1, MAX_NODES);
            List<Node> nodes = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                nodes.add(new Node(GateBody.str(in), GateBody.str(in), GateBody.bytes(in, KEY_BYTES)));
            }
            n = Short.toUnsignedInt(in.getShort());
            requireSize("keys", n, 0, MAX_KEYS);
            List<Key> keys = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                keys.add(GateBody.key(in));
            }
            return new Genesis(ledger, nodes, keys, GateBody.tiers(in));
        });
    }

    private static void requireKey(String what, byte[] key) {
        require(key.length == KEY_BYTES, what + " must be a raw Ed25519 key of 32 bytes but has " + key.length);
    }

    static void requireName(String what, String name) {
        require(NAME.matcher(name).matches(), what + " must match " + NAME + " but is '" + name + "'");
    }

    static void requireSize(String what, int size, int least, int most) {
        require(size >= least && size <= most, what + " must be " + least + ".." + most + " but is " + size);
    }

    static void requireDistinct(String what, List<String> values) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            require(seen.add(value), what + " '" + value + "' stands twice");
        }
    }

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
