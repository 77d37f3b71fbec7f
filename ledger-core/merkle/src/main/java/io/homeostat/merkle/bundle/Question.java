package io.homeostat.merkle.bundle;

import java.util.Locale;

/** What a bundle is asked, each with a verdict of its own. */
public enum Question {
    /** Are these the bytes that the ledger signed? */
    INTEGRITY,
    /** Did everything that the rules gate have its approvals, and do the accounts add up? */
    COMPLETENESS,
    /** Were the approvals signed by the persons whom a trusted genesis names? */
    AUTHORSHIP,
    /** Is this the newest state, and the only one? */
    FRESHNESS;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
