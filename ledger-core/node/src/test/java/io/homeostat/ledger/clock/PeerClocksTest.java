package io.homeostat.ledger.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PeerClocksTest {
    private static final long START = 1_700_000_000_000_000L;
    private static final long LIMIT = 500_000;

    /** True time, in microseconds; how far each clock is wrong; and answers that are on their way. */
    private long trueMicros = START;

    private final Map<String, Long> wrong = new HashMap<>(Map.of("n1", 0L, "n2", 0L, "n3", 0L));
    private final Map<String, Deque<CompletableFuture<OptionalLong>>> questions = new HashMap<>();
    private final PeerClocks clocks = new PeerClocks(
            "n1", List.of("n2", "n3"), ClockLimits.DEFAULTS, () -> instant("n1"), () -> trueMicros * 1000, peer -> {
                CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
                questions.computeIfAbsent(peer, id -> new ArrayDeque<>()).add(answer);
                return answer;
            });

    @Test
    void a_clock_of_which_nothing_is_known_may_not_stamp_and_one_answer_of_two_is_enough() {
        clocks.ask();
        assertThat(clocks.refusal().orElseThrow())
                .contains("only 1 of 3 nodes")
                .contains("2 nodes have not told the time lately");

        answer("n3", 0);

        assertThat(clocks.refusal()).isEmpty();
    }

    @Test
    void the_limit_itself_is_within_the_limit_on_both_sides() {
        for (long sign : new long[] {1, -1}) {
            wrong.put("n2", sign * LIMIT);
            wrong.put("n3", sign * LIMIT);
            askBoth();
            assertThat(clocks.refusal()).as("%d us", sign * LIMIT).isEmpty();

            wrong.put("n2", sign * (LIMIT + 1));
            wrong.put("n3", sign * (LIMIT + 1));
            askBoth();
            assertThat(clocks.refusal().orElseThrow())
                    .contains("n2 is at least 500 ms " + (sign > 0 ? "ahead" : "behind"))
                    .contains("n3 is at least 500 ms")
                    .contains("Nothing was written");
        }
    }

    @Test
    void one_node_that_is_wrong_stops_itself_and_nobody_else() {
        wrong.put("n3", 3_600_000_000L);
        askBoth();
        assertThat(clocks.refusal()).isEmpty();
        assertThat(clocks.largestSkewMicros()).isEqualTo(3_600_000_000L);

        wrong.put("n3", 0L);
        askBoth();
        wrong.put("n1", 3_600_000_000L);
        assertThat(clocks.refusal().orElseThrow())
                .as("its own jump shows without another question")
                .contains("n2 is at least 3600000 ms behind, n3 is at least 3600000 ms behind");

        wrong.put("n1", 0L);
        assertThat(clocks.refusal()).isEmpty();
    }

    @Test
    void a_slow_answer_is_no_evidence_of_what_the_delay_may_explain() {
        wrong.put("n2", 800_000L);
        wrong.put("n3", -800_000L);
        clocks.ask();
        trueMicros += 400_000;
        answer("n2", 0);
        answer("n3", 0);
        assertThat(clocks.refusal())
                .as("n2 may have answered at once: then it is 0.8 s ahead; n3 at the end: then 0.4 s behind")
                .isEmpty();

        trueMicros += 600_000;
        askBoth();
        assertThat(clocks.refusal()).as("told quickly, both are wrong").isPresent();
    }

    @Test
    void a_reading_ages_and_no_peer_is_asked_again_before_its_time() {
        askBoth();
        clocks.ask();
        assertThat(questions.get("n2")).isEmpty();

        trueMicros += ClockLimits.DEFAULTS.oldest().toNanos() / 1000;
        assertThat(clocks.refusal()).isEmpty();
        trueMicros += 1;
        assertThat(clocks.refusal()).isPresent();
        askBoth();
        assertThat(clocks.refusal()).isEmpty();
    }

    private void askBoth() {
        trueMicros += ClockLimits.DEFAULTS.every().toNanos() / 1000;
        clocks.ask();
        answer("n2", 0);
        answer("n3", 0);
    }

    private void answer(String peer, long earlierMicros) {
        questions.get(peer).remove().complete(OptionalLong.of(trueMicros - earlierMicros + wrong.get(peer)));
    }

    private Instant instant(String node) {
        long micros = trueMicros + wrong.get(node);
        return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
    }
}
