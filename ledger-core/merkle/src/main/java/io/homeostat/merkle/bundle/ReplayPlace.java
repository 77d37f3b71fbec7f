package io.homeostat.merkle.bundle;

import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a replay stands, what the very next leaf must be, and who is told of a leaf that the rules do not allow. Not
 * thread-safe.
 */
final class ReplayPlace {
    private static final String SECTION = BundleSection.JOURNAL.wireName();

    private final Findings findings;
    private @Nullable Expectation expected;
    private long sequence;
    private long offset;

    /** What the very next leaf must be, because the ledger writes the two in one command. */
    private record Expectation(long since, String what, Predicate<Leaf> holds) {}

    ReplayPlace(Findings findings) {
        this.findings = findings;
    }

    /** @param atOffset byte offset of the leaf's frame in the bundle */
    void moveTo(Leaf leaf, long atOffset) {
        sequence = leaf.sequence();
        offset = atOffset;
        Expectation due = expected;
        expected = null;
        if (due != null && !due.holds.test(leaf)) {
            incomplete("after leaf " + due.since + " " + due.what + " must follow at once");
        }
    }

    void expect(String what, Predicate<Leaf> holds) {
        expected = new Expectation(sequence, what, holds);
    }

    void expectPosting(UUID hold) {
        expect("HOLD_POSTED of " + hold, next -> next instanceof Leaf.HoldPosted p && p.id().equals(hold));
    }

    long sequence() {
        return sequence;
    }

    void incomplete(String message) {
        findings.add(Question.COMPLETENESS, SECTION, sequence, offset, message);
    }

    void integrity(String message) {
        findings.add(Question.INTEGRITY, SECTION, sequence, offset, message);
    }

    void authorship(String message) {
        findings.add(Question.AUTHORSHIP, SECTION, sequence, offset, message);
    }
}
