package io.homeostat.detector.replay;

import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.util.List;

/**
 * What a replay found.
 *
 * @param alert as published
 * @param sealedBy version of the detector that decided
 * @param form version of the sealed window
 * @param modelDigest hex SHA-256 of the model that scored again; empty when a rule decided
 * @param values window values that were recomputed from raw samples
 * @param compared fields of the alert that were compared
 * @param notSealed what an older form did not hold and the replay took for granted
 * @param differences empty when the verdict is the same, bit for bit
 */
public record ReplayReport(
        AnomalyRaised alert,
        String sealedBy,
        int form,
        String modelDigest,
        int values,
        int compared,
        List<String> notSealed,
        List<Difference> differences) {
    public ReplayReport {
        notSealed = List.copyOf(notSealed);
        differences = List.copyOf(differences);
    }

    public boolean same() {
        return differences.isEmpty();
    }
}
