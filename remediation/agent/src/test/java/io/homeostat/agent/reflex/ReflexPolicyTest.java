package io.homeostat.agent.reflex;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReflexPolicyTest {
    private static final Instant ENDED = Instant.parse("2026-11-20T10:00:00Z");
    private static final ReflexPolicy POLICY =
            new ReflexPolicy(Duration.ofSeconds(2), Duration.ofSeconds(30), 5, Duration.ofMinutes(10), 3);

    @ParameterizedTest(name = "held={0} action={1} alive={2} gate={3} deadLog={4} attempts={5} after={6}ms: {7}")
    @CsvSource({
        // A crash waits for its back-off, and not a moment longer.
        "false, false, false, open,     0, 0,  1999, WAIT",
        "false, false, false, open,     0, 0,  2000, RESTART",
        "false, false, false, '',       0, 0,  2000, RESTART",
        "false, false, false, starting, 0, 0,  2000, RESTART",
        "false, false, false, open,     0, 1,  3999, WAIT",
        "false, false, false, open,     0, 1,  4000, RESTART",
        "false, false, false, open,     0, 4, 29999, WAIT",
        "false, false, false, open,     0, 4, 30000, RESTART",
        "false, false, false, open,     0, 5, 30000, GIVE_UP",
        // What is fenced, or in the hands of an order, is left alone.
        "true,  false, false, open,     0, 0, 60000, NONE",
        "false, true,  false, open,     0, 0, 60000, NONE",
        "true,  false, true,  open,     9, 0, 60000, NONE",
        "false, true,  true,  open,     9, 0, 60000, NONE",
        // A diverged or fenced gate is left to plans, dead or alive; a hung process is alive and left too.
        "false, false, false, diverged, 0, 0, 60000, NONE",
        "false, false, false, fenced,   0, 0, 60000, NONE",
        "false, false, true,  diverged, 0, 0, 60000, NONE",
        "false, false, true,  open,     0, 0, 60000, NONE",
        // A dead log fences after enough answers, whatever the gate.
        "false, false, true,  open,     2, 0, 60000, NONE",
        "false, false, true,  open,     3, 0, 60000, FENCE",
        "false, false, true,  starting, 3, 5, 60000, FENCE",
    })
    void the_table_of_reflexes(
            boolean held,
            boolean action,
            boolean alive,
            String gate,
            int deadLog,
            int attempts,
            long afterMillis,
            Reflex expected) {
        List<Instant> earlier = Collections.nCopies(attempts, ENDED.minusSeconds(60));

        Reflex reflex = POLICY.decide(
                new ReflexView(held, action, alive, ENDED, gate, deadLog, earlier), ENDED.plusMillis(afterMillis));

        assertThat(reflex).isEqualTo(expected);
    }

    @Test
    void attempts_older_than_the_window_no_longer_count() {
        Instant now = ENDED.plusSeconds(60);
        List<Instant> atTheBorder = Collections.nCopies(5, now.minus(Duration.ofMinutes(10)));
        List<Instant> justInside =
                Collections.nCopies(5, now.minus(Duration.ofMinutes(10)).plusMillis(1));

        assertThat(POLICY.decide(crashed(atTheBorder), now)).isEqualTo(Reflex.RESTART);
        assertThat(POLICY.decide(crashed(justInside), now)).isEqualTo(Reflex.GIVE_UP);
    }

    @Test
    void the_backoff_doubles_up_to_the_longest() {
        assertThat(List.of(0, 1, 2, 3, 4, 100).stream().map(POLICY::backoff))
                .containsExactly(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(16),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30));
    }

    private static ReflexView crashed(List<Instant> attempts) {
        return new ReflexView(false, false, false, ENDED, "open", 0, attempts);
    }
}
