package io.homeostat.detector.offline;

import java.util.List;

/**
 * An episode.
 *
 * @param firstRow row of the test that opened it, from 0
 * @param lastRow row at which it closed, or the last row of the file
 * @param closed false when the file ended first
 * @param score at the opening row
 * @param threshold at the opening row
 * @param surprise decades of improbability at the opening row
 * @param contributions columns by falling share of the opening row
 */
public record OfflineAlarm(
        long firstRow,
        long lastRow,
        boolean closed,
        double score,
        double threshold,
        double surprise,
        List<ColumnShare> contributions) {
    public OfflineAlarm {
        contributions = List.copyOf(contributions);
    }

    /** One column's part, in the column's own unit. */
    public record ColumnShare(String column, double expected, double observed, String direction, double share) {}
}
