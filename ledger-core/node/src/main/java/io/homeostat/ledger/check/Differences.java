package io.homeostat.ledger.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects differences: the first {@value #KEPT} are kept, all are counted. Not thread-safe. */
final class Differences {
    static final int KEPT = 1000;
    private final List<Difference> kept = new ArrayList<>();
    private long count;
    private long compared;

    void add(String where, String subject, long sequence, @Nullable Object expected, @Nullable Object found) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(new Difference(where, subject, sequence, String.valueOf(expected), String.valueOf(found)));
        }
    }

    /** Compares one value. */
    void same(String where, String subject, long sequence, @Nullable Object expected, @Nullable Object found) {
        compared++;
        if (!Objects.equals(expected, found)) {
            add(where, subject, sequence, expected, found);
        }
    }

    List<Difference> kept() {
        return List.copyOf(kept);
    }

    long count() {
        return count;
    }

    long compared() {
        return compared;
    }
}
