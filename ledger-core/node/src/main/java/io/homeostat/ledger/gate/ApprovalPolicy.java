package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Key;
import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers what the genesis says, fast enough to be asked for every transfer. Immutable. */
public final class ApprovalPolicy {
    private final Map<String, List<Tier>> transferTiers;
    private final Map<String, Tier> recoveryTiers = new HashMap<>();
    private final Map<String, Key> keys = new HashMap<>();

    public ApprovalPolicy(Genesis genesis) {
        transferTiers = genesis.tiers().stream()
                .filter(tier -> tier.kind() == Kind.TRANSFER)
                .sorted(Comparator.comparingLong(Tier::fromAmount).reversed())
                .collect(Collectors.groupingBy(Tier::asset));
        genesis.tiers().stream()
                .filter(tier -> tier.kind() == Kind.RECOVERY)
                .forEach(tier -> recoveryTiers.put(tier.name(), tier));
        genesis.keys().forEach(key -> keys.put(key.keyId(), key));
    }

    /** The tier of the asset with the highest {@code fromAmount <= amount}; null when none gates it. */
    public @Nullable Tier tierOf(String asset, long amount) {
        List<Tier> tiers = transferTiers.get(asset);
        if (tiers != null) {
            for (Tier tier : tiers) {
                if (tier.fromAmount() <= amount) {
                    return tier;
                }
            }
        }
        return null;
    }

    public @Nullable Tier recoveryTier(String name) {
        return recoveryTiers.get(name);
    }

    public @Nullable Key key(String keyId) {
        return keys.get(keyId);
    }
}
