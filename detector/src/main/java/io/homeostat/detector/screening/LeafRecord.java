package io.homeostat.detector.screening;

/** A record of {@code ledger_events}: the sequence of a leaf, and the leaf. Flat for Flink. */
public record LeafRecord(long sequence, byte[] leaf) {}
