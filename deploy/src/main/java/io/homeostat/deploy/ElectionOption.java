package io.homeostat.deploy;

import io.homeostat.ledger.LedgerNodeLimits;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How long a silent leader is waited for. From the environment it reaches all nodes of {@code up} alike; a leader whose
 * process died is replaced at once in any case.
 */
final class ElectionOption {
    private static final Pattern MILLIS = Pattern.compile("(\\d{1,6})-(\\d{1,6})");

    @Option(
            names = "--election-timeout",
            paramLabel = "MIN-MAX",
            defaultValue = "${env:HOMEOSTAT_ELECTION_TIMEOUT}",
            description = {
                "milliseconds of a leader's silence after which another is elected, drawn between the two (500-1000);",
                "the same on every node: shorter for a quiet network, longer for one between regions"
            })
    private @Nullable String range;

    /** @throws IllegalArgumentException naming the limit that the setting breaks */
    LedgerNodeLimits in(LedgerNodeLimits limits) {
        if (range == null || range.isEmpty()) {
            return limits;
        }
        Matcher found = MILLIS.matcher(range);
        if (!found.matches()) {
            throw new IllegalArgumentException(
                    "--election-timeout must be MIN-MAX in milliseconds, for example 500-1000, but is '" + range + "'");
        }
        return limits.withElectionTimeouts(
                Duration.ofMillis(Long.parseLong(found.group(1))), Duration.ofMillis(Long.parseLong(found.group(2))));
    }
}
