package io.homeostat.merkle.bundle;

/**
 * Something that does not hold, and where.
 *
 * @param section of the bundle, or {@code file}
 * @param sequence of the leaf, -1 when no leaf is meant
 * @param offset byte offset in the bundle file
 */
public record Finding(Question question, String section, long sequence, long offset, String message) {}
