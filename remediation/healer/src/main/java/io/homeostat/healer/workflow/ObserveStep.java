package io.homeostat.healer.workflow;

import io.homeostat.events.Severity;
import io.homeostat.healer.incident.Anomaly;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.verify.RecoveryCheck;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * Watches a node in SHADOW. The incident's row is locked before its anomalies are read, and an anomaly that joins locks it
 * too: a worsening is either seen here or finds the process waiting for it.
 */
final class ObserveStep implements RecoveryStep {
    private final IncidentBook book;
    private final RecoveryCheck check;
    private final RecoveryLimits limits;
    private final boolean mayIsolate;

    ObserveStep(IncidentBook book, RecoveryCheck check, RecoveryLimits limits, boolean mayIsolate) {
        this.book = book;
        this.check = check;
        this.limits = limits;
        this.mayIsolate = mayIsolate;
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        book.lock(context.connection(), state.incidentId());
        var anomalies = book.anomaliesOf(context.connection(), state.incidentId());
        Optional<Anomaly> leading = Anomaly.leading(anomalies);
        if (mayIsolate && leading.isPresent() && leading.get().severity() == Severity.CRITICAL) {
            return StepResult.of(state, Outcome.WORSENED);
        }
        Instant since = state.since() == null ? context.now() : state.since();
        boolean quiet = check.quietWindows(
                        anomalies, book.lastAnomalyAt(context.connection(), state.incidentId()), since, context.now())
                .isPresent();
        boolean cleared = anomalies.stream().allMatch(Anomaly::cleared);
        // Soft findings are raised once and cleared once: only the clearing, or the limit, ends the watch.
        if (cleared && quiet || context.now().isAfter(since.plus(limits.observe()))) {
            return StepResult.of(state, Outcome.QUIET);
        }
        return StepResult.wait(state.withSince(since), limits.observeAfter(state.waits()));
    }
}
