package io.homeostat.detector.offline;

import java.util.List;

/**
 * What a run over a file did.
 *
 * @param trainRows rows of training that were used
 * @param testRows rows scored
 * @param season rows of the period found in training, 0 when none
 * @param rowsPerSecond of scoring, on this machine now
 */
public record OfflineReport(
        long trainRows,
        long testRows,
        int columns,
        int season,
        long missingCells,
        String modelId,
        String trainingDigest,
        List<OfflineAlarm> alarms,
        double rowsPerSecond) {
    public OfflineReport {
        alarms = List.copyOf(alarms);
    }
}
