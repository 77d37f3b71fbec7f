package io.homeostat.ledger.client;

import java.time.Duration;

/**
 * Bounds of a client.
 *
 * @param attempt time for one attempt at one endpoint: above the node's commit timeout a node would answer itself, below it
 *     another endpoint is asked while a fault lasts
 * @param connect to one endpoint
 * @param deadline after which no further attempt begins: an election and a restart fit
 * @param backoff between attempts once every endpoint failed; grows twofold to {@code backoffMax}
 */
public record LedgerClientLimits(
        Duration attempt, Duration connect, Duration deadline, Duration backoff, Duration backoffMax) {
    public static final LedgerClientLimits DEFAULTS = new LedgerClientLimits(
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            Duration.ofSeconds(15),
            Duration.ofMillis(25),
            Duration.ofMillis(400));

    public LedgerClientLimits withDeadline(Duration longest) {
        return new LedgerClientLimits(attempt, connect, longest, backoff, backoffMax);
    }
}
