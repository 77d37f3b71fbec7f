package io.homeostat.merkle.bundle;

import java.util.Locale;

/** The sections of a bundle, in their one order. */
public enum BundleSection {
    /** {@code key=value} lines, sorted by key. */
    MANIFEST,
    /** The bytes of leaf 0. */
    GENESIS,
    /** A signed note. */
    CHECKPOINT,
    /** Frames of all leaves. */
    JOURNAL,
    /** Frames of all trail leaves. */
    TRAIL,
    /** Frames of the texts that leaves cite by digest, sorted by digest. */
    TEXTS;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
