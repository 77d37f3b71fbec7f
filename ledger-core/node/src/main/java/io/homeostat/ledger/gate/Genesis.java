package io.homeostat.ledger.gate;

import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.MerkleTree;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The ledger's constitution: its nodes, the approvers' public keys and the tiers of the approval policy. It is the first
 * leaf of the journal, so whoever trusts that leaf trusts no file and no server for the policy. Immutable; the arrays are
 * not to be changed. Source: docs/encoding.md, GENESIS body.
 */
public record Genesis(String ledger, List<Node> nodes, List<Key> keys, List<Tier> tiers) {
    /** Names of nodes, keys, persons, roles and tiers. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");

    private static final Pattern LEDGER = Pattern.compile("[A-Za-z0-9._/-]{1,128}");
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ASSET = Pattern.compile("[A-Z][A-Z0-9]{2,11}");
    private static final int KEY_BYTES = 32;
    private static final int ED25519 = 1;
    private static final int MAX_NODES = 63;
    private static final int MAX_KEYS = 4096;
    private static final int MAX_TIERS = 1024;
    private static final int MAX_COUNT = 255;

    public Genesis {
        require(LEDGER.matcher(ledger).matches(), "ledger must match " + LEDGER + " but is '" + ledger + "'");
        nodes = List.copyOf(nodes);
        keys = List.copyOf(keys);
        tiers = List.copyOf(tiers);
        requireSize("nodes", nodes.size(), 1, MAX_NODES);
        requireSize("keys", keys.size(), 0, MAX_KEYS);
        requireSize("tiers", tiers.size(), 0, MAX_TIERS);
        requireDistinct("node id", nodes.stream().map(Node::id).toList());
        requireDistinct("key id", keys.stream().map(Key::keyId).toList());
        requireDistinct("tier name", tiers.stream().map(Tier::name).toList());
        requireDistinct(
                "asset and amount of a transfer tier",
                tiers.stream()
                        .filter(t -> t.kind() == Kind.TRANSFER)
                        .map(t -> t.asset() + " " + t.fromAmount())
                        .toList());
        for (Tier tier : tiers) {
            for (Demand demand : tier.demands()) {
                Set<String> persons = keys.stream()
                        .filter(k -> k.roles().contains(demand.role()))
                        .map(Key::person)
                        .collect(Collectors.toSet());
                require(
                        persons.size() >= demand.count(),
                        "tier '" + tier.name() + "' demands " + demand.count() + " persons with role '" + demand.role()
                                + "' but the keys name " + persons.size() + "; what it gates could never be approved");
            }
        }
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

    /** @param publicKey raw Ed25519 public key, 32 bytes */
    public record Key(String keyId, String person, List<String> roles, byte[] publicKey) {
        public Key {
            requireName("keyId", keyId);
            requireName("person of key " + keyId, person);
            roles = List.copyOf(roles);
            requireSize("roles of key " + keyId, roles.size(), 1, MAX_COUNT);
            roles.forEach(role -> requireName("role of key " + keyId, role));
            requireDistinct("role of key " + keyId, roles);
            requireKey("publicKey of key " + keyId, publicKey);
        }
    }

    /**
     * From which amount on who must approve.
     *
     * @param asset of the transfers, empty for {@link Kind#RECOVERY}
     * @param fromAmount minor units; 0 for {@link Kind#RECOVERY}
     */
    public record Tier(
            String name, Kind kind, String asset, long fromAmount, long expirySeconds, List<Demand> demands) {
        private static final long MAX_EXPIRY_SECONDS = 366L * 24 * 3600;

        public Tier {
            requireName("tier name", name);
            demands = List.copyOf(demands);
            if (kind == Kind.TRANSFER) {
                require(
                        ASSET.matcher(asset).matches(),
                        "asset of tier " + name + " must match " + ASSET + " but is '" + asset + "'");
                require(fromAmount > 0, "fromAmount of tier " + name + " must be positive but is " + fromAmount);
            } else {
                require(asset.isEmpty(), "asset of recovery tier " + name + " must be empty but is '" + asset + "'");
                require(fromAmount == 0, "fromAmount of recovery tier " + name + " must be 0 but is " + fromAmount);
            }
            require(
                    expirySeconds >= 1 && expirySeconds <= MAX_EXPIRY_SECONDS,
                    "expirySeconds of tier " + name + " must be 1.." + MAX_EXPIRY_SECONDS + " but is " + expirySeconds);
            requireSize("demands of tier " + name, demands.size(), 1, MAX_COUNT);
            for (Demand demand : demands) {
                requireName("role demanded by tier " + name, demand.role());
                requireSize("count of role " + demand.role() + " in tier " + name, demand.count(), 1, MAX_COUNT);
            }
            requireDistinct(
                    "role demanded by tier " + name,
                    demands.stream().map(Demand::role).toList());
        }
    }

    /** What a tier is for. */
    public enum Kind {
        TRANSFER(1),
        RECOVERY(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("tier kind must be 1 or 2 but is " + number);
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
            str(out, ledger);
            out.writeShort(nodes.size());
            for (Node node : nodes) {
                str(out, node.id());
                str(out, node.zone());
                bytes(out, node.checkpointKey());
            }
            out.writeShort(keys.size());
            for (Key key : keys) {
                str(out, key.keyId());
                str(out, key.person());
                out.writeByte(key.roles().size());
                for (String role : key.roles()) {
                    str(out, role);
                }
                out.writeByte(ED25519);
                bytes(out, key.publicKey());
            }
            out.writeShort(tiers.size());
            for (Tier tier : tiers) {
                str(out, tier.name());
                out.writeByte(tier.kind().number());
                str(out, tier.asset());
                out.writeLong(tier.fromAmount());
                out.writeInt((int) tier.expirySeconds());
                out.writeByte(tier.demands().size());
                for (Demand demand : tier.demands()) {
                    str(out, demand.role());
                    out.writeByte(demand.count());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException for anything but a canonical body */
    public static Genesis fromBody(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body);
        try {
            String ledger = str(in);
            int n = Short.toUnsignedInt(in.getShort());
            requireSize("nodes", n, 1, MAX_NODES);
            List<Node> nodes = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                nodes.add(new Node(str(in), str(in), key(in)));
            }
            n = Short.toUnsignedInt(in.getShort());
            requireSize("keys", n, 0, MAX_KEYS);
            List<Key> keys = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                keys.add(readKey(in));
            }
            n = Short.toUnsignedInt(in.getShort());
            requireSize("tiers", n, 0, MAX_TIERS);
            List<Tier> tiers = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                tiers.add(readTier(in));
            }
            require(!in.hasRemaining(), "genesis body has " + in.remaining() + " bytes after its end");
            return new Genesis(ledger, nodes, keys, tiers);
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("genesis body ends early at byte " + in.position(), e);
        }
    }

    private static Key readKey(ByteBuffer in) {
        String keyId = str(in);
        String person = str(in);
        int n = Byte.toUnsignedInt(in.get());
        List<String> roles = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            roles.add(str(in));
        }
        int algorithm = Byte.toUnsignedInt(in.get());
        require(algorithm == ED25519, "algorithm of key " + keyId + " must be 1 (Ed25519) but is " + algorithm);
        return new Key(keyId, person, roles, key(in));
    }

    private static Tier readTier(ByteBuffer in) {
        String name = str(in);
        Kind kind = Kind.of(Byte.toUnsignedInt(in.get()));
        String asset = str(in);
        long fromAmount = in.getLong();
        long expirySeconds = Integer.toUnsignedLong(in.getInt());
        int n = Byte.toUnsignedInt(in.get());
        List<Demand> demands = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            demands.add(new Demand(str(in), Byte.toUnsignedInt(in.get())));
        }
        return new Tier(name, kind, asset, fromAmount, expirySeconds, demands);
    }

    private static void str(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    private static void bytes(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    private static String str(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        require(length <= in.remaining(), "genesis body ends early at byte " + in.position());
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("genesis body has invalid UTF-8 before byte " + in.position(), e);
        }
    }

    private static byte[] key(ByteBuffer in) {
        int length = in.getInt();
        require(
                length == KEY_BYTES,
                "a raw Ed25519 key must have 32 bytes but byte " + in.position() + " says " + length);
        byte[] key = new byte[KEY_BYTES];
        in.get(key);
        return key;
    }

    private static void requireKey(String what, byte[] key) {
        require(key.length == KEY_BYTES, what + " must be a raw Ed25519 key of 32 bytes but has " + key.length);
    }

    private static void requireName(String what, String name) {
        require(NAME.matcher(name).matches(), what + " must match " + NAME + " but is '" + name + "'");
    }

    private static void requireSize(String what, int size, int least, int most) {
        require(size >= least && size <= most, what + " must be " + least + ".." + most + " but is " + size);
    }

    private static void requireDistinct(String what, List<String> values) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            require(seen.add(value), what + " '" + value + "' stands twice");
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
