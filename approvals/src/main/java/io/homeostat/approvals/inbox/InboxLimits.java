package io.homeostat.approvals.inbox;

import java.time.Duration;

/**
 * Bounds of what is shown.
 *
 * @param pollInterval between two readings of the ledger: a person does not see a second
 * @param incidentsKept incidents on the overview; older ones are reached through the trail
 * @param decisionsShown decided cases on the inbox: a shift's worth
 */
public record InboxLimits(Duration pollInterval, int incidentsKept, int decisionsShown) {
    public static InboxLimits defaults() {
        return new InboxLimits(Duration.ofSeconds(1), 100, 12);
    }
}
