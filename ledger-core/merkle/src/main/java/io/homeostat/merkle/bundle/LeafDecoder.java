package io.homeostat.merkle.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Bytes to {@link Leaf}, by docs/encoding.md, version 1. Strict: a leaf has one encoding, and anything else - another
 * version or type, a value out of range, bytes left over - is {@link LeafMalformed}. The ledger node encodes in code of
 * its own; golden files hold the two equal.
 *
 * <p>Stateless and thread-safe.
 */
public final class LeafDecoder {
    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9:._-]{1,64}");
    private static final Pattern ASSET = Pattern.compile("[A-Z][A-Z0-9]{2,11}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final Pattern CASE_ID = Pattern.compile("[A-Za-z0-9:._-]{1,128}");
    /** What a checkpoint may have as its origin. */
    private static final Pattern LEDGER = Pattern.compile("[A-Za-z0-9._/-]{1,128}");

    private static final int VERSION = 1;
    private static final int ED25519 = 1;
    private static final int PUBLIC_KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;

    private LeafDecoder() {}

    public static Leaf decode(byte[] leaf) {
        LeafInput in = new LeafInput(leaf);
        int version = in.u8("version");
        if (version != VERSION) {
            throw in.malformed("this decoder knows version 1 but found " + version);
        }
        int type = in.u8("type");
        if (type < 1 || type > 16) {
            throw in.malformed("version 1 has types 1..16 but found " + type);
        }
        long sequence = in.nonNegative("sequence");
        long time = in.nonNegative("timeMicros");
        Leaf decoded = body(in, type, sequence, time);
        in.end();
        return decoded;
    }

    private static Leaf body(LeafInput in, int type, long sequence, long time) {
        return switch (type) {
            case 1 -> new Leaf.GenesisLeaf(sequence, time, genesis(in));
            case 2 -> accountCreated(in, sequence, time);
            case 3 ->
                new Leaf.TransferPosted(
                        sequence, time, in.uuid("id"), in.u32("debit"), in.u32("credit"), in.positive("amount"));
            case 4 ->
                new Leaf.TransferHeld(
                        sequence,
                        time,
                        in.uuid("id"),
                        in.u32("debit"),
                        in.u32("credit"),
                        in.positive("amount"),
                        in.nonNegative("expiresMicros"),
                        in.str("requester"),
                        in.flag("gated"));
            case 5 -> new Leaf.HoldPosted(sequence, time, in.uuid("id"), in.positive("amount"));
            case 6 -> new Leaf.HoldVoided(sequence, time, in.uuid("id"), in.u8In("by", 1, 2) == 2);
            case 7 -> new Leaf.HoldExpired(sequence, time, in.uuid("id"));
            case 8 ->
                new Leaf.CaseOpened(
                        sequence,
                        time,
                        in.str("caseId", CASE_ID),
                        CaseKind.values()[in.u8In("kind", 1, 2) - 1],
                        in.digest("payload"),
                        in.str("requester"),
                        in.nonNegative("expiresMicros"),
                        demands(in));
            case 9 ->
                new Leaf.ApprovalRecorded(
                        sequence,
                        time,
                        in.str("caseId", CASE_ID),
                        in.digest("payload"),
                        in.u8In("decision", 1, 2) == 1,
                        in.str("keyId", NAME),
                        in.nonNegative("expiresMicros"),
                        in.digest("reason"),
                        in.bytes("signature", SIGNATURE_BYTES));
            case 10 ->
                new Leaf.CaseDecided(
                        sequence, time, in.str("caseId", CASE_ID), Leaf.Outcome.values()[in.u8In("outcome", 1, 3) - 1]);
            case 11 ->
                new Leaf.Refused(
                        sequence,
                        time,
                        in.u8In("command", 1, 3),
                        in.str("subject"),
                        in.u16("reasonCode"),
                        in.str("by"),
                        in.digest("commandDigest"));
            case 12 ->
                new Leaf.NodeIsolated(sequence, time, in.str("node", NAME), in.str("incidentId"), in.str("reason"));
            case 13 -> new Leaf.NodeAdmitted(sequence, time, in.str("node", NAME), in.str("incidentId"));
            case 14 ->
                new Leaf.Attested(
                        sequence, time, in.str("node", NAME), in.nonNegative("raftIndex"), in.digest("stateDigest"));
            case 15 ->
                new Leaf.NodeDiverged(
                        sequence,
                        time,
                        in.str("node", NAME),
                        in.nonNegative("raftIndex"),
                        in.digest("expected"),
                        in.digest("found"));
            case 16 ->
                new Leaf.TrailAnchored(sequence, time, in.str("origin"), in.nonNegative("treeSize"), in.digest("root"));
            default -> throw in.malformed("version 1 has types 1..16 but found " + type);
        };
    }

    private static Leaf accountCreated(LeafInput in, long sequence, long time) {
        return new Leaf.AccountCreated(
                sequence,
                time,
                in.u32("ordinal"),
                in.str("id", ACCOUNT),
                in.str("asset", ASSET),
                in.u8In("exponent", 0, 18),
                in.u8In("class", 1, 5),
                in.flag("flags"));
    }

    private static Genesis genesis(LeafInput in) {
        String ledger = in.str("ledgerName", LEDGER);
        int nodeCount = in.u16("nodes");
        List<Genesis.Node> nodes = new ArrayList<>();
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(new Genesis.Node(
                    in.str("node.id", NAME),
                    in.str("node.zone"),
                    in.bytes("node.key", PUBLIC_KEY_BYTES).toArray()));
        }
        int keyCount = in.u16("keys");
        List<Genesis.Key> keys = new ArrayList<>();
        for (int i = 0; i < keyCount; i++) {
            keys.add(key(in));
        }
        int tierCount = in.u16("tiers");
        List<Genesis.Tier> tiers = new ArrayList<>();
        for (int i = 0; i < tierCount; i++) {
            tiers.add(tier(in));
        }
        try {
            return new Genesis(ledger, nodes, keys, tiers);
        } catch (IllegalArgumentException e) {
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Genesis.Key key(LeafInput in) {
        String keyId = in.str("key.keyId", NAME);
        String person = in.str("key.person", NAME);
        int roleCount = in.u8("key.roles");
        List<String> roles = new ArrayList<>();
        for (int i = 0; i < roleCount; i++) {
            roles.add(in.str("key.role", NAME));
        }
        in.u8In("key.algorithm", ED25519, ED25519);
        return new Genesis.Key(
                keyId,
                person,
                roles,
                in.bytes("key.publicKey", PUBLIC_KEY_BYTES).toArray());
    }

    private static Genesis.Tier tier(LeafInput in) {
        String name = in.str("tier.name");
        CaseKind kind = CaseKind.values()[in.u8In("tier.kind", 1, 2) - 1];
        String asset = in.str("tier.asset");
        boolean fits = kind == CaseKind.RECOVERY
                ? asset.isEmpty()
                : ASSET.matcher(asset).matches();
        if (!fits) {
            throw in.malformed("a transfer tier names an asset " + ASSET + ", a recovery tier names none");
        }
        return new Genesis.Tier(
                name, kind, asset, in.nonNegative("tier.fromAmount"), in.u32("tier.expirySeconds"), demands(in));
    }

    /** At least one: a case without demands would be approved by nobody. */
    private static List<Demand> demands(LeafInput in) {
        int count = in.u8In("demands", 1, 255);
        List<Demand> demands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            demands.add(new Demand(in.str("demand.role", NAME), in.u8In("demand.count", 1, 255)));
        }
        return demands;
    }
}
