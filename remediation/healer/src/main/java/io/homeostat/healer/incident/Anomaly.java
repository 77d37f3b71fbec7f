package io.homeostat.healer.incident;

import io.homeostat.events.Cause;
import io.homeostat.events.Severity;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An anomaly of an incident; {@code clearedAt} is absent while it holds. */
public record Anomaly(
        String anomalyId,
        Cause cause,
        Severity severity,
        Instant raisedAt,
        @Nullable Instant clearedAt) {
    /** The most specific cause of the severest anomalies: what a plan is made for. */
    public static Optional<Anomaly> leading(List<Anomaly> anomalies) {
        return anomalies.stream()
                .min(Comparator.comparing(Anomaly::severity)
                        .reversed()
                        .thenComparing(Anomaly::cause)
                        .thenComparing(Anomaly::raisedAt));
    }

    public boolean cleared() {
        return clearedAt != null;
    }
}
