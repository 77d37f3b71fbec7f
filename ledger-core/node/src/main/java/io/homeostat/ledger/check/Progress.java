package io.homeostat.ledger.check;

/** Hears how far a long work has come. Called about once per thousand steps, in the thread that works. */
@FunctionalInterface
public interface Progress {
    Progress SILENT = (what, done, total) -> {};

    /** @param total 0 when it is not known */
    void at(String what, long done, long total);
}
