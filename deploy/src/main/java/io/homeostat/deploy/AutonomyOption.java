package io.homeostat.deploy;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.healer.plan.AutonomyPolicy;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The level of autonomy per action, for the processes that must agree on it: the platform asks people before it acts, and the
 * sidecar carries nothing out without their signatures, whoever orders it. From the environment it reaches all children of
 * {@code up} alike.
 */
final class AutonomyOption {
    /** What a sidecar does itself; the other kinds are the ledger's to refuse. */
    private static final Set<ActionKind> LOCAL = EnumSet.of(ActionKind.FENCE, ActionKind.RESTART, ActionKind.RESYNC);

    @Option(
            names = "--autonomy",
            paramLabel = "ACTION=LEVEL",
            split = ",",
            defaultValue = "${env:HOMEOSTAT_AUTONOMY}",
            description = {
                "what the automation may do by itself: observe, propose, approve (people sign first) or auto,",
                "for example restart=approve,resync=approve"
            })
    private @Nullable Map<String, String> settings;

    /** @throws IllegalArgumentException naming the words that are known */
    AutonomyPolicy policy() {
        return AutonomyPolicy.of(settings == null ? Map.of() : new TreeMap<>(settings));
    }

    /** The sidecar's actions that need the signatures of approvers. */
    Set<ActionKind> signedActions() {
        AutonomyPolicy policy = policy();
        Set<ActionKind> signed = EnumSet.noneOf(ActionKind.class);
        for (ActionKind kind : LOCAL) {
            if (policy.levelOf(kind) != Autonomy.AUTO) {
                signed.add(kind);
            }
        }
        return signed;
    }
}
