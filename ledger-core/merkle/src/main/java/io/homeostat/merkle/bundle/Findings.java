package io.homeostat.merkle.bundle;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects findings up to a bound, and counts the rest. Not thread-safe. */
final class Findings {
    private final int kept;
    private final List<Finding> list = new ArrayList<>();
    private final Map<Question, Long> counts = new EnumMap<>(Question.class);

    Findings(int kept) {
        this.kept = kept;
    }

    void add(Question question, String section, long sequence, long offset, String message) {
        // The first finding of a question is always kept: a flood under one must not hide another.
        if (list.size() < kept || !counts.containsKey(question)) {
            list.add(new Finding(question, section, sequence, offset, message));
        }
        counts.merge(question, 1L, Long::sum);
    }

    void add(Question question, BundleMalformed e) {
        add(question, e.section(), e.sequence(), e.offset(), String.valueOf(e.getMessage()));
    }

    boolean none(Question question) {
        return !counts.containsKey(question);
    }

    List<Finding> list() {
        return List.copyOf(list);
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
