package io.homeostat.merkle.bundle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A complete approval policy, as leaf 0 or a policy change gives it. Immutable.
 *
 * @param tiers in the order of the encoding
 */
public record Policy(List<PolicyTier> tiers) {
    /** 0 stands for all classes together. */
    static final int CLASSES = 6;

    public Policy {
        tiers = List.copyOf(tiers);
        requireDistinct(tiers.stream().map(PolicyTier::name).toList(), "tier name");
        requireDistinct(
                tiers.stream()
                        .filter(t -> t.kind().ofMoney())
                        .map(t -> t.kind() + " " + t.asset() + " of class " + t.accountClass() + " from "
                                + t.fromAmount())
                        .toList(),
                "tier");
        for (PolicyTier.Kind kind : List.of(PolicyTier.Kind.POLICY, PolicyTier.Kind.KEYS)) {
            if (tiers.stream().filter(t -> t.kind() == kind).count() > 1) {
                throw new IllegalArgumentException("the policy has more than one tier of kind " + kind);
            }
        }
    }

    /** @throws LeafMalformed for anything but the canonical body of a policy */
    public static Policy decode(byte[] body) {
        LeafInput in = new LeafInput(body);
        Policy policy = PolicyInput.policy(in);
        in.end();
        return policy;
    }

    /**
     * What people must do before this is posted, null when nothing gates it.
     *
     * @param moved minor units by class number, 0 for all classes together
     */
    @Nullable
    Requirement approval(String asset, IntToLongFunction moved) {
        return requirement(PolicyTier.Kind.TRANSFER, asset, moved);
    }

    /** What the detector, and people after it, must do before this is posted; null when it is not screened. */
    @Nullable
    Requirement screening(String asset, IntToLongFunction moved) {
        return requirement(PolicyTier.Kind.SCREENING, asset, moved);
    }

    private @Nullable Requirement requirement(PolicyTier.Kind kind, String asset, IntToLongFunction moved) {
        List<PolicyTier> fit = new ArrayList<>();
        IntStream.range(0, CLASSES)
                .forEach(c -> tiers.stream()
                        .filter(t -> t.kind() == kind
                                && t.asset().equals(asset)
                                && t.accountClass() == c
                                && t.fromAmount() <= moved.applyAsLong(c))
                        .max((a, b) -> Long.compare(a.fromAmount(), b.fromAmount()))
                        .ifPresent(fit::add));
        Requirement joined = null;
        for (PolicyTier tier : fit) {
            joined = joined == null ? Requirement.of(tier) : joined.and(tier);
        }
        return joined;
    }

    List<PolicyTier> recoveryTiers() {
        return tiers.stream().filter(t -> t.kind() == PolicyTier.Kind.RECOVERY).toList();
    }

    /** The one tier for changes of this kind. */
    Optional<PolicyTier> changeTier(PolicyTier.Kind kind) {
        return tiers.stream().filter(t -> t.kind() == kind).findFirst();
    }

    private static void requireDistinct(List<String> values, String what) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            if (!seen.add(value)) {
                throw new IllegalArgumentException("the policy names the " + what + " '" + value + "' twice");
            }
        }
    }
}
