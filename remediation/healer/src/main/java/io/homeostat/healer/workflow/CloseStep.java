package io.homeostat.healer.workflow;

import io.homeostat.events.BreakerState;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.BreakerClosed;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.healer.breaker.BreakerSignal;
import io.homeostat.healer.breaker.CircuitBreaker;
import io.homeostat.healer.incident.IncidentBook;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The end, with the phases measured from the first anomaly. One instance for each of the three outcomes. */
final class CloseStep implements RecoveryStep {
    private final IncidentBook book;
    private final String outcome;

    private CloseStep(IncidentBook book, String outcome) {
        this.book = book;
        this.outcome = outcome;
    }

    static CloseStep recovered(IncidentBook book) {
        return new CloseStep(book, "recovered");
    }

    static CloseStep observed(IncidentBook book) {
        return new CloseStep(book, "observed");
    }

    /** The breaker stays as it is: a node that was isolated stays isolated until people readmit it. */
    static CloseStep abandoned(IncidentBook book) {
        return new CloseStep(book, "abandoned");
    }

    @Override
    public StepResult take(StepContext context) throws SQLException {
        RecoveryState state = context.state();
        EventIds ids = new EventIds(state);
        List<IncidentEvent> events = new ArrayList<>();
        BreakerState from = state.isolation().breaker();
        BreakerState to = to(from);
        if (from != to) {
            events.add(new BreakerClosed(ids.next(), context.now(), state.incidentId(), state.node(), from));
        }
        Instant isolatedAt = state.isolation().at();
        events.add(new IncidentClosed(
                ids.next(),
                context.now(),
                state.incidentId(),
                state.node(),
                outcome,
                isolatedAt == null ? -1 : millisSinceFirst(state, isolatedAt),
                outcome.equals("recovered") ? millisSinceFirst(state, context.now()) : -1));
        book.close(context.connection(), state.incidentId(), context.now());
        return new StepResult(ids.save(state).withBreaker(to), Outcome.CLOSED, Duration.ZERO, events);
    }

    private BreakerState to(BreakerState from) {
        CircuitBreaker breaker = new CircuitBreaker(from);
        return switch (outcome) {
            case "recovered" ->
                breaker.on(from == BreakerState.SHADOW ? BreakerSignal.QUIET : BreakerSignal.VERIFIED)
                        .state();
            case "observed" -> breaker.on(BreakerSignal.QUIET).state();
            default -> from;
        };
    }

    private static long millisSinceFirst(RecoveryState state, Instant at) {
        return Math.max(0, Duration.between(state.firstAnomalyAt(), at).toMillis());
    }
}
