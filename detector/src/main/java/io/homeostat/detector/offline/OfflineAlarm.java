package io.homeostat.detector.offline;

import java.util.List;

/**
 * An episode.
 *
 * @param firstRow row of the test that opened it, from 0
 * @param lastRow its last odd row; it closes some quiet rows later
 * @param closed false when the file ended first
 * @param pace how fast the columns moved at the opening row, see {@link io.homeostat.detector.model.StreamScore#pace}; of a
 *     univariate stream its novelty, in decades
 * @param threshold the pace, or the novelty, at which an alarm opened then
 * @param surprise decades of improbability at the opening row
 * @param contributions columns by falling share of the opening row
 */
public record OfflineAlarm(
        long firstRow,
        long lastRow,
        boolean closed,
        double pace,
        double threshold,
        double surprise,
        List<ColumnShare> contributions) {
    public OfflineAlarm {
        contributions = List.copyOf(contributions);
    }

    /** One column's part, in the column's own unit. */
    public record ColumnShare(String column, double expected, double observed, String direction, double share) {}
}
