package io.homeostat.healer.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.BreakerState;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class CircuitBreakerTest {
    @Test
    void every_state_and_signal_leads_where_the_drawing_says() {
        Map<BreakerState, Map<BreakerSignal, BreakerState>> drawn = Map.of(
                BreakerState.CLOSED,
                Map.of(BreakerSignal.WARNING, BreakerState.SHADOW, BreakerSignal.CRITICAL, BreakerState.OPEN),
                BreakerState.SHADOW,
                Map.of(BreakerSignal.CRITICAL, BreakerState.OPEN, BreakerSignal.QUIET, BreakerState.CLOSED),
                BreakerState.OPEN,
                Map.of(BreakerSignal.READMITTED, BreakerState.HALF_OPEN),
                BreakerState.HALF_OPEN,
                Map.of(BreakerSignal.VERIFIED, BreakerState.CLOSED, BreakerSignal.CRITICAL, BreakerState.OPEN));

        for (BreakerState state : BreakerState.values()) {
            for (BreakerSignal signal : BreakerSignal.values()) {
                assertThat(new CircuitBreaker(state).on(signal).state())
                        .as("%s on %s", state, signal)
                        .isEqualTo(drawn.get(state).getOrDefault(signal, state));
            }
        }
    }

    @Test
    void the_table_holds_exactly_the_transitions_that_signals_can_make() {
        Map<BreakerState, Set<BreakerState>> reachable = new EnumMap<>(BreakerState.class);
        for (BreakerState state : BreakerState.values()) {
            reachable.put(state, EnumSet.noneOf(BreakerState.class));
            for (BreakerSignal signal : BreakerSignal.values()) {
                BreakerState next = new CircuitBreaker(state).on(signal).state();
                if (next != state) {
                    reachable.get(state).add(next);
                }
            }
        }

        assertThat(reachable).isEqualTo(CircuitBreaker.ALLOWED);
    }

    @Test
    void an_open_breaker_never_closes_without_a_trial() {
        assertThat(CircuitBreaker.ALLOWED.get(BreakerState.OPEN)).doesNotContain(BreakerState.CLOSED);
    }
}
