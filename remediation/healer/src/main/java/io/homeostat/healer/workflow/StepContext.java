package io.homeostat.healer.workflow;

import io.homeostat.healer.incident.Anomaly;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;

/**
 * What a step is given: the state as the last step left it, the anomalies of the incident, the time, and the connection
 * of the transaction in which the step's result is written.
 */
record StepContext(
        RecoveryState state, List<Anomaly> anomalies, Instant lastAnomalyAt, Instant now, Connection connection) {
    StepContext {
        anomalies = List.copyOf(anomalies);
    }
}
