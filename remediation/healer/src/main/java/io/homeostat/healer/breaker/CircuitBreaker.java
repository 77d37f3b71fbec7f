package io.homeostat.healer.breaker;

import io.homeostat.events.BreakerState;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Decides whether a node takes part; the ledger's own gate enforces it. A value: {@link #on} gives the next one.
 *
 * <pre>
 * CLOSED --WARNING--> SHADOW --QUIET--> CLOSED
 *    |                   |
 * CRITICAL            CRITICAL
 *    v                   v
 *   OPEN <---------------+
 *    |  READMITTED          ^
 *    v                      | CRITICAL
 * HALF_OPEN ----------------+
 *    | VERIFIED
 *    v
 * CLOSED
 * </pre>
 *
 * Modelled on Resilience4j's state machine, with SHADOW for its METRICS_ONLY.
 */
public record CircuitBreaker(BreakerState state) {
    /** The one table of allowed transitions. */
    static final Map<BreakerState, Set<BreakerState>> ALLOWED = Map.of(
            BreakerState.CLOSED, EnumSet.of(BreakerState.OPEN, BreakerState.SHADOW),
            BreakerState.SHADOW, EnumSet.of(BreakerState.OPEN, BreakerState.CLOSED),
            BreakerState.OPEN, EnumSet.of(BreakerState.HALF_OPEN),
            BreakerState.HALF_OPEN, EnumSet.of(BreakerState.CLOSED, BreakerState.OPEN));

    public static CircuitBreaker closed() {
        return new CircuitBreaker(BreakerState.CLOSED);
    }

    /** The breaker after the signal; the same when the signal means nothing in this state. */
    public CircuitBreaker on(BreakerSignal signal) {
        BreakerState next = switch (state) {
            case CLOSED -> whenClosed(signal);
            case SHADOW -> whenShadow(signal);
            case OPEN -> whenOpen(signal);
            case HALF_OPEN -> whenHalfOpen(signal);
        };
        return next == state ? this : moveTo(next);
    }

    /** The node takes part: any evidence moves it. */
    private static BreakerState whenClosed(BreakerSignal signal) {
        return switch (signal) {
            case WARNING -> BreakerState.SHADOW;
            case CRITICAL -> BreakerState.OPEN;
            case READMITTED, VERIFIED, QUIET -> BreakerState.CLOSED;
        };
    }

    /** Observed only: hard evidence isolates, quiet ends it. */
    private static BreakerState whenShadow(BreakerSignal signal) {
        return switch (signal) {
            case CRITICAL -> BreakerState.OPEN;
            case QUIET -> BreakerState.CLOSED;
            case WARNING, READMITTED, VERIFIED -> BreakerState.SHADOW;
        };
    }

    /** Isolated: only readmission moves it, however quiet it is. */
    private static BreakerState whenOpen(BreakerSignal signal) {
        return switch (signal) {
            case READMITTED -> BreakerState.HALF_OPEN;
            case WARNING, CRITICAL, VERIFIED, QUIET -> BreakerState.OPEN;
        };
    }

    /** On trial: verified closes it, hard evidence isolates again. */
    private static BreakerState whenHalfOpen(BreakerSignal signal) {
        return switch (signal) {
            case VERIFIED -> BreakerState.CLOSED;
            case CRITICAL -> BreakerState.OPEN;
            case WARNING, READMITTED, QUIET -> BreakerState.HALF_OPEN;
        };
    }

    private CircuitBreaker moveTo(BreakerState next) {
        if (!ALLOWED.getOrDefault(state, Set.of()).contains(next)) {
            throw new IllegalStateException("breaker may go from " + state + " to " + ALLOWED.get(state)
                    + " but not to " + next + "; the table and the methods of the states disagree");
        }
        return new CircuitBreaker(next);
    }
}
