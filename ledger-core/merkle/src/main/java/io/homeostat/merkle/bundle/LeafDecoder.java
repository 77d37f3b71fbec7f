package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ApprovalSignature;
import io.homeostat.merkle.ChangePayload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
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
    private static final int PUBLIC_KEY_BYTES = 32;

    private LeafDecoder() {}

    public static Leaf decode(byte[] leaf) {
        LeafInput in = new LeafInput(leaf);
        int version = in.u8("version");
        if (version != VERSION) {
            throw in.malformed("this decoder knows version 1 but found " + version);
        }
        int type = in.u8("type");
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
                        CaseKind.values()[in.u8In("kind", 1, 4) - 1],
                        in.digest("payload"),
                        in.str("requester"),
                        in.nonNegative("expiresMicros"),
                        PolicyInput.demands(in),
                        in.nonNegative("escalatesMicros"),
                        PolicyInput.names(in, "escalationRoles", 0));
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
                        in.bytes("signature", ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES));
            case 10 ->
                new Leaf.CaseDecided(
                        sequence, time, in.str("caseId", CASE_ID), Leaf.Outcome.values()[in.u8In("outcome", 1, 4) - 1]);
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
            case 30 -> new Leaf.LegsPosted(sequence, time, in.uuid("id"), legs(in));
            case 31 -> terms(in, sequence, time);
            case 50 ->
                new Leaf.ChangeProposed(
                        sequence,
                        time,
                        in.str("caseId", CASE_ID),
                        in.nonNegative("baseVersion"),
                        in.bytes("body", 1, ChangePayload.MAX_BODY_BYTES));
            case 51 -> new Leaf.PolicyChanged(sequence, time, in.str("caseId", CASE_ID), in.nonNegative("version"));
            case 52 -> new Leaf.KeysChanged(sequence, time, in.str("caseId", CASE_ID));
            case 53 ->
                new Leaf.ScreeningBegun(
                        sequence,
                        time,
                        in.uuid("id"),
                        in.digest("payload"),
                        in.nonNegative("dueMicros"),
                        PolicyInput.demands(in),
                        in.u32("escalateAfterSeconds"),
                        PolicyInput.names(in, "escalationRoles", 0));
            case 54 ->
                new Leaf.VerdictRecorded(
                        sequence,
                        time,
                        in.uuid("id"),
                        in.digest("payload"),
                        in.u8In("verdict", 1, 2) == 1,
                        in.str("keyId", NAME),
                        in.nonNegative("expiresMicros"),
                        in.digest("evidence"),
                        in.bytes("signature", ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES));
            case 55 -> new Leaf.ScreeningLapsed(sequence, time, in.uuid("id"));
            case 56 ->
                new Leaf.ApprovalRefused(
                        sequence,
                        time,
                        in.u8In("what", 1, 2),
                        in.str("caseId", CASE_ID),
                        in.str("keyId", NAME),
                        in.u16("reasonCode"),
                        in.digest("signatureDigest"),
                        in.digest("commandDigest"));
            case 57 -> new Leaf.RefusalsCounted(sequence, time, in.str("scope"), in.positive("count"));
            case 70 ->
                new Leaf.MaintenanceSet(sequence, time, in.str("by"), in.str("reason"), in.nonNegative("untilMicros"));
            default -> throw new LeafMalformed(1, "type", "version 1 knows no type " + type);
        };
    }

    private static Leaf accountCreated(LeafInput in, long sequence, long time) {
        long ordinal = in.u32("ordinal");
        String id = in.str("id", ACCOUNT);
        String asset = in.str("asset", ASSET);
        int exponent = in.u8In("exponent", 0, 18);
        int accountClass = in.u8In("class", 1, 5);
        int flags = in.u8In("flags", 0, 2);
        return new Leaf.AccountCreated(
                sequence, time, ordinal, id, asset, exponent, accountClass, flags == 1, flags == 2);
    }

    private static List<Leaf.Leg> legs(LeafInput in) {
        int count = in.u8In("legs", 2, 64);
        List<Leaf.Leg> legs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long account = in.u32("leg.account");
            long amount = in.i64("leg.amount");
            if (amount == 0 || amount == Long.MIN_VALUE) {
                throw in.malformed("must not be 0, nor the one that has no opposite, but is " + amount);
            }
            legs.add(new Leaf.Leg(account, amount));
        }
        return legs;
    }

    private static Leaf terms(LeafInput in, long sequence, long time) {
        UUID id = in.uuid("id");
        int has = in.u8In("has", 1, 3);
        OptionalInt day = (has & 1) == 0 ? OptionalInt.empty() : OptionalInt.of(in.i32("effectiveDay"));
        boolean reverses = (has & 2) != 0;
        return new Leaf.TransferTerms(
                sequence,
                time,
                id,
                day,
                reverses ? Optional.of(in.uuid("reverses")) : Optional.empty(),
                reverses ? in.u8In("reason", 1, 5) : 0);
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
            keys.add(PolicyInput.key(in));
        }
        Policy policy = PolicyInput.policy(in);
        try {
            return new Genesis(ledger, nodes, keys, policy);
        } catch (IllegalArgumentException e) {
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }
}
