package io.homeostat.merkle.bundle;

import io.homeostat.merkle.VerificationKey;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads what the gate is made of: keys, tiers, and the changes of both (docs/encoding.md). Stateless. */
final class PolicyInput {
    static final Pattern ASSET = Pattern.compile("[A-Z][A-Z0-9]{2,11}");
    static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final PolicyTier.Kind[] KINDS = PolicyTier.Kind.values();
    private static final int MAX_TIERS = 1024;

    private PolicyInput() {}

    static Policy policy(LeafInput in) {
        int count = in.u16("tiers");
        if (count > MAX_TIERS) {
            throw in.malformed("a policy has at most " + MAX_TIERS + " tiers");
        }
        List<PolicyTier> tiers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tiers.add(tier(in));
        }
        try {
            return new Policy(tiers);
        } catch (IllegalArgumentException e) {
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }

    static Genesis.Key key(LeafInput in) {
        String keyId = in.str("key.keyId", NAME);
        String person = in.str("key.person", NAME);
        List<String> roles = names(in, "key.roles", 1);
        return new Genesis.Key(keyId, person, roles, verificationKey(in));
    }

    static KeyChange keyChange(LeafInput in) {
        return switch (in.u8In("change", 1, 4)) {
            case 1 -> new KeyChange.Register(key(in));
            case 2 -> new KeyChange.Rotate(in.str("keyId", NAME), in.str("newKeyId", NAME), verificationKey(in));
            case 3 -> new KeyChange.Revoke(in.str("keyId", NAME));
            default -> new KeyChange.Roles(in.str("person", NAME), names(in, "roles", 1));
        };
    }

    /** At least one: a case without demands would be approved by nobody. */
    static List<Demand> demands(LeafInput in) {
        int count = in.u8In("demands", 1, 255);
        List<Demand> demands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            demands.add(new Demand(in.str("demand.role", NAME), in.u8In("demand.count", 1, 255)));
        }
        return demands;
    }

    static List<String> names(LeafInput in, String field, int least) {
        int count = in.u8In(field, least, 255);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(in.str(field, NAME));
        }
        return names;
    }

    private static VerificationKey verificationKey(LeafInput in) {
        VerificationKey.Algorithm algorithm = VerificationKey.Algorithm.of(in.u8In("key.algorithm", 1, 3));
        byte[] point = in.bytes("key.publicKey", algorithm.publicKeyBytes()).toArray();
        boolean bound = algorithm == VerificationKey.Algorithm.WEBAUTHN;
        String rpId = bound ? in.str("key.rpId") : "";
        String origin = bound ? in.str("key.origin") : "";
        try {
            return new VerificationKey(algorithm, point, rpId, origin);
        } catch (IllegalArgumentException e) {
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static PolicyTier tier(LeafInput in) {
        String name = in.str("tier.name", NAME);
        PolicyTier.Kind kind = KINDS[in.u8In("tier.kind", 1, KINDS.length) - 1];
        String asset = in.str("tier.asset");
        if (kind.ofMoney() ? !ASSET.matcher(asset).matches() : !asset.isEmpty()) {
            throw in.malformed("a tier of money names an asset " + ASSET + ", any other tier names none");
        }
        int accountClass = in.u8In("tier.class", 0, kind.ofMoney() ? Policy.CLASSES - 1 : 0);
        return new PolicyTier(
                name,
                kind,
                asset,
                accountClass,
                in.nonNegative("tier.fromAmount"),
                in.u32("tier.expirySeconds"),
                in.u32("tier.screenMillis"),
                demands(in),
                in.u32("tier.escalateAfterSeconds"),
                names(in, "tier.escalationRoles", 0));
    }
}
