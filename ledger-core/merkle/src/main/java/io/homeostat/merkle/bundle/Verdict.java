package io.homeostat.merkle.bundle;

import java.util.Locale;

/** Answer to one question about a bundle. */
public enum Verdict {
    PASS,
    FAIL,
    /** The bundle alone can not tell, or the check could not be made; the notes say which. */
    UNKNOWN;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
