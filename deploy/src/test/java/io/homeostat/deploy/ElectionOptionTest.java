package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.LedgerNodeLimits;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ElectionOptionTest {
    @Command
    static class Some {
        @Mixin
        ElectionOption election = new ElectionOption();
    }

    @Test
    void without_a_word_the_usual_timeouts_hold() {
        assertThat(limits()).isEqualTo(LedgerNodeLimits.DEFAULTS);
    }

    @Test
    void the_limits_themselves_are_taken_and_nothing_else_changes() {
        LedgerNodeLimits limits = limits("--election-timeout", "100-120000");

        assertThat(limits.electionTimeoutMin()).isEqualTo(Duration.ofMillis(100));
        assertThat(limits.electionTimeoutMax()).isEqualTo(Duration.ofMinutes(2));
        assertThat(limits)
                .isEqualTo(
                        LedgerNodeLimits.DEFAULTS.withElectionTimeouts(Duration.ofMillis(100), Duration.ofMinutes(2)));
    }

    @ParameterizedTest
    @CsvSource({
        "99-500, electionTimeoutMin must be at least 100 ms but is 99 ms",
        "500-120001, electionTimeoutMax must be at most 120000 ms but is 120001 ms",
        "500-500, electionTimeoutMin of 500 ms must be below electionTimeoutMax of 500 ms",
        "600-500, electionTimeoutMin of 600 ms must be below",
        "fast, --election-timeout must be MIN-MAX in milliseconds",
        "500, --election-timeout must be MIN-MAX in milliseconds",
        "-1-500, --election-timeout must be MIN-MAX in milliseconds",
        "500-9999999, --election-timeout must be MIN-MAX in milliseconds"
    })
    void what_breaks_a_limit_is_refused_by_name(String range, String told) {
        assertThatThrownBy(() -> limits("--election-timeout=" + range))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(told);
    }

    private static LedgerNodeLimits limits(String... arguments) {
        Some some = new Some();
        new CommandLine(some).parseArgs(arguments);
        return some.election.in(LedgerNodeLimits.DEFAULTS);
    }
}
