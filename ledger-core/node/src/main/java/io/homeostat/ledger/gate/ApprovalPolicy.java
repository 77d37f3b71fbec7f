package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One version of the policy: who must approve what. It is asked for every transfer, so the tiers stand ready by asset and
 * class. Immutable and thread-safe.
 *
 * <p>A transfer moves an amount on accounts of a class when they stand on either side of it; a tier without a class looks at
 * all of them together. Of the tiers of one class only the highest that is reached counts; what several classes ask for is
 * joined ({@link Requirement}), so that no choice of accounts makes a transfer ask for less.
 */
public final class ApprovalPolicy {
    /** Account classes, and 0 for all of them together. */
    public static final int CLASSES = 6;

    private final long version;
    private final List<Tier> tiers;
    private final Map<String, Levels> transferLevels;
    private final Map<String, Levels> screeningLevels;

    private record Level(long fromAmount, Requirement requirement) {}

    /**
     * Of one asset.
     *
     * @param least lower amounts reach no level
     */
    private record Levels(Level[][] byClass, long least) {}

    /** @param tiers that {@link #requireSound} takes */
    public ApprovalPolicy(long version, List<Tier> tiers) {
        requireSound(tiers);
        this.version = version;
        this.tiers = List.copyOf(tiers);
        this.transferLevels = levels(Kind.TRANSFER);
        this.screeningLevels = levels(Kind.SCREENING);
    }

    /** @throws IllegalArgumentException naming the tier when these tiers can not stand together */
    public static void requireSound(List<Tier> tiers) {
        Genesis.requireSize("tiers", tiers.size(), 0, Genesis.MAX_TIERS);
        Genesis.requireDistinct("tier name", tiers.stream().map(Tier::name).toList());
        Genesis.requireDistinct(
                "kind, asset, class and amount of a tier",
                tiers.stream()
                        .filter(t -> t.kind().ofMoney())
                        .map(t -> t.kind() + " " + t.asset() + " " + t.accountClass() + " " + t.fromAmount())
                        .toList());
        Genesis.requireDistinct(
                "kind of a tier for changes",
                tiers.stream()
                        .filter(t -> t.kind() == Kind.POLICY || t.kind() == Kind.KEYS)
                        .map(t -> t.kind().name())
                        .toList());
    }

    /** The canonical body of a policy: what a change of it carries, and what its payload digest covers. */
    public static byte[] body(List<Tier> tiers) {
        return GateBody.bytesOf(out -> GateBody.tiers(out, tiers));
    }

    /** @throws IllegalArgumentException for anything but the canonical body of a sound policy */
    public static List<Tier> tiersOf(byte[] body) {
        List<Tier> tiers = GateBody.read("policy body", body, GateBody::tiers);
        requireSound(tiers);
        return tiers;
    }

    /** 1 for that of the genesis, then counting up. */
    public long version() {
        return version;
    }

    public List<Tier> tiers() {
        return tiers;
    }

    /** What people must do before a transfer from one account to another is posted; null when nothing gates it. */
    public @Nullable Requirement approval(String asset, long amount, int debitClass, int creditClass) {
        return requirement(transferLevels.get(asset), amount, debitClass, creditClass);
    }

    /** @param moved minor units by class number, 0 for all classes together */
    public @Nullable Requirement approval(String asset, IntToLongFunction moved) {
        return requirement(transferLevels.get(asset), moved);
    }

    /** What the detector, and people after it, must do before it is posted; null when it is not screened. */
    public @Nullable Requirement screening(String asset, long amount, int debitClass, int creditClass) {
        return requirement(screeningLevels.get(asset), amount, debitClass, creditClass);
    }

    /** @param moved minor units by class number, 0 for all classes together */
    public @Nullable Requirement screening(String asset, IntToLongFunction moved) {
        return requirement(screeningLevels.get(asset), moved);
    }

    public @Nullable Tier recoveryTier(String name) {
        for (Tier tier : tiers) {
            if (tier.kind() == Kind.RECOVERY && tier.name().equals(name)) {
                return tier;
            }
        }
        return null;
    }

    /** What a change of this kind asks for, null when the policy allows none. */
    public @Nullable Requirement change(Kind kind) {
        for (Tier tier : tiers) {
            if (tier.kind() == kind) {
                return Requirement.of(tier);
            }
        }
        return null;
    }

    /** Nearly every transfer lies below all levels. */
    private static @Nullable Requirement requirement(
            @Nullable Levels levels, long amount, int debitClass, int creditClass) {
        return levels == null || amount < levels.least && levels.least > 0
                ? null
                : requirement(levels, c -> c == 0 || c == debitClass || c == creditClass ? amount : 0);
    }

    private static @Nullable Requirement requirement(@Nullable Levels levels, IntToLongFunction moved) {
        if (levels == null) {
            return null;
        }
        Requirement joined = null;
        for (int c = 0; c < CLASSES; c++) {
            for (Level level : levels.byClass[c]) {
                if (level.fromAmount <= moved.applyAsLong(c)) {
                    joined = joined == null ? level.requirement : joined.and(level.requirement);
                    break;
                }
            }
        }
        return joined;
    }

    /** By asset and class, the highest amount first. */
    private Map<String, Levels> levels(Kind kind) {
        Map<String, List<List<Level>>> found = new HashMap<>();
        for (Tier tier : tiers) {
            if (tier.kind() == kind) {
                found.computeIfAbsent(tier.asset(), asset -> lists())
                        .get(tier.accountClass())
                        .add(new Level(tier.fromAmount(), Requirement.of(tier)));
            }
        }
        Map<String, Levels> levels = new HashMap<>();
        found.forEach((asset, byClass) -> {
            Level[][] sorted = new Level[CLASSES][];
            long least = Long.MAX_VALUE;
            for (int c = 0; c < CLASSES; c++) {
                byClass.get(c).sort((a, b) -> Long.compare(b.fromAmount, a.fromAmount));
                sorted[c] = byClass.get(c).toArray(Level[]::new);
                for (Level level : sorted[c]) {
                    least = Math.min(least, level.fromAmount);
                }
            }
            levels.put(asset, new Levels(sorted, least));
        });
        return levels;
    }

    private static List<List<Level>> lists() {
        List<List<Level>> lists = new ArrayList<>(CLASSES);
        for (int c = 0; c < CLASSES; c++) {
            lists.add(new ArrayList<>());
        }
        return lists;
    }
}
