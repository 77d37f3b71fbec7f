package io.homeostat.approvals.bundle;

import java.time.Duration;

/**
 * Bounds of an export.
 *
 * @param checkpointWait until a checkpoint covers the anchor: the ledger signs one every few seconds
 * @param checkpointPoll between two looks at the newest checkpoint
 * @param maxJournalLeaves a larger journal is exported on a node, not through a browser: this is about 1 GiB
 * @param maxTexts texts in one bundle, as the verifier's own bound
 */
public record BundleExportLimits(
        Duration checkpointWait, Duration checkpointPoll, long maxJournalLeaves, int maxTexts) {
    public static BundleExportLimits defaults() {
        return new BundleExportLimits(Duration.ofSeconds(30), Duration.ofMillis(250), 10_000_000, 1_000_000);
    }
}
