package io.homeostat.approvals.ledger;

import java.time.Duration;

/**
 * Bounds of the conversation with the ledger.
 *
 * @param requestTimeout for one node's whole answer: longer than a leader election (about 1 s), shorter than a person's patience
 * @param rounds how often the whole list of nodes is tried: two, so that an election in between is survived
 * @param pageLeaves leaves asked for in one journal page, the API's own limit
 */
public record LedgerLimits(Duration requestTimeout, int rounds, int pageLeaves) {
    public static LedgerLimits defaults() {
        return new LedgerLimits(Duration.ofSeconds(3), 2, 65_536);
    }
}
