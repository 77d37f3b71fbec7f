package io.homeostat.detector.shadow;

import java.time.Instant;

/**
 * How champion and challenger have judged the same windows; {@code models/compare.json}.
 *
 * @param windows windows of one node that both scored
 * @param both windows over both thresholds
 * @param alerts warnings and alerts that were raised since
 * @param alertsShared those in whose window the challenger found the node odd too
 */
public record Comparison(
        String champion,
        String challenger,
        Instant from,
        Instant until,
        long windows,
        long both,
        long onlyChampion,
        long onlyChallenger,
        long alerts,
        long alertsShared) {
    /** Name of the file in the models' folder. */
    public static final String FILE = "compare.json";

    static Comparison of(ShadowState state) {
        return new Comparison(
                state.champion,
                state.challenger,
                Instant.ofEpochMilli(state.fromMillis),
                Instant.ofEpochMilli(state.untilMillis),
                state.windows,
                state.both,
                state.onlyChampion,
                state.onlyChallenger,
                state.alerts,
                state.alertsShared);
    }
}
