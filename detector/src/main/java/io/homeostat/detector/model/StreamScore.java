package io.homeostat.detector.model;

/**
 * How odd a row is.
 *
 * @param score smoothed; 1 is the 99th percentile of training
 * @param raw of this row, not smoothed; a part of an earlier one while columns stay where it brought them
 * @param pace how fast the columns move against the newest rows: the mean of their innovations over their scale, lightly
 *     smoothed. About 0.5 in normal work; alarms go by it
 * @param shares part of each column in {@code raw}, sums to 1 or is all zero
 * @param expected what each column was forecast to be, in its unit; NaN where the column was missing
 */
public record StreamScore(double score, double raw, double pace, double[] shares, double[] expected) {}
