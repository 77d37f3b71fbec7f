package io.homeostat.healer.plan;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * How much the automation may do with each kind of action.
 *
 * <p>By default a node heals by itself where nothing but its own copy is touched: isolation, leadership transfer, fence,
 * restart, and wipe with resync while all others are verified equal. Membership changes ask people, except the two around
 * a resync of the same node, which take it out and bring it back in one plan: they have a level of their own.
 *
 * @param levels for every kind of action
 * @param membershipWithinResync for REMOVE_MEMBER and ADD_MEMBER in a plan that resyncs the same node
 * @param resyncWithoutVerifiedPeers the most that RESYNC may have when not all others are verified equal
 */
public record AutonomyPolicy(
        Map<ActionKind, Autonomy> levels, Autonomy membershipWithinResync, Autonomy resyncWithoutVerifiedPeers) {
    private static final String WITHIN_RESYNC = "MEMBERSHIP_WITHIN_RESYNC";
    private static final String WITHOUT_PEERS = "RESYNC_WITHOUT_VERIFIED_PEERS";

    public AutonomyPolicy {
        for (ActionKind kind : ActionKind.values()) {
            if (!levels.containsKey(kind)) {
                throw new IllegalArgumentException("autonomy of " + kind + " is missing");
            }
        }
        levels = Map.copyOf(levels);
    }

    public static AutonomyPolicy defaults() {
        Map<ActionKind, Autonomy> levels = new EnumMap<>(ActionKind.class);
        for (ActionKind kind : ActionKind.values()) {
            levels.put(
                    kind,
                    switch (kind) {
                        case TRANSFER_LEADERSHIP, ISOLATE, FENCE, RESTART, RESYNC, READMIT -> Autonomy.AUTO;
                        case REMOVE_MEMBER, ADD_MEMBER -> Autonomy.APPROVE;
                    });
        }
        return new AutonomyPolicy(levels, Autonomy.AUTO, Autonomy.APPROVE);
    }

    /**
     * The defaults with what {@code settings} says: keys are kinds of action, {@code MEMBERSHIP_WITHIN_RESYNC} and
     * {@code RESYNC_WITHOUT_VERIFIED_PEERS}; values are levels; case does not matter. Unknown words are errors.
     */
    public static AutonomyPolicy of(Map<String, String> settings) {
        AutonomyPolicy defaults = defaults();
        Map<ActionKind, Autonomy> levels = new EnumMap<>(defaults.levels());
        Autonomy withinResync = defaults.membershipWithinResync();
        Autonomy withoutPeers = defaults.resyncWithoutVerifiedPeers();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String key = word(setting.getKey());
            Autonomy level = level(setting.getKey(), setting.getValue());
            if (key.equals(WITHIN_RESYNC)) {
                withinResync = level;
            } else if (key.equals(WITHOUT_PEERS)) {
                withoutPeers = level;
            } else {
                levels.put(kind(setting.getKey()), level);
            }
        }
        return new AutonomyPolicy(levels, withinResync, withoutPeers);
    }

    public Autonomy levelOf(ActionKind kind) {
        return levels.getOrDefault(kind, Autonomy.OBSERVE);
    }

    /** The level of one action in a plan. */
    Autonomy levelOf(ActionKind kind, boolean resyncInPlan, boolean othersVerifiedEqual) {
        return switch (kind) {
            case REMOVE_MEMBER, ADD_MEMBER -> resyncInPlan ? membershipWithinResync : levelOf(kind);
            case RESYNC -> othersVerifiedEqual ? levelOf(kind) : lower(levelOf(kind), resyncWithoutVerifiedPeers);
            case TRANSFER_LEADERSHIP, ISOLATE, FENCE, RESTART, READMIT -> levelOf(kind);
        };
    }

    static Autonomy lower(Autonomy one, Autonomy other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static ActionKind kind(String key) {
        return Arrays.stream(ActionKind.values())
                .filter(k -> k.name().equals(word(key)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("autonomy is set for one of "
                        + Arrays.toString(ActionKind.values()) + ", " + WITHIN_RESYNC + " or " + WITHOUT_PEERS
                        + " but found '" + key + "'"));
    }

    private static Autonomy level(String key, String value) {
        return Arrays.stream(Autonomy.values())
                .filter(l -> l.name().equals(word(value)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("autonomy of " + key + " must be one of "
                        + Arrays.toString(Autonomy.values()) + " but is '" + value + "'"));
    }

    private static String word(String text) {
        return text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
