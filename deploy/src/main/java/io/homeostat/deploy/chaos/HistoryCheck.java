package io.homeostat.deploy.chaos;

import io.homeostat.deploy.chaos.History.Kind;
import io.homeostat.deploy.chaos.History.Outcome;
import io.homeostat.deploy.chaos.History.Told;
import io.homeostat.deploy.chaos.Violation.Promise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges a history by the journal that stands at its end. In general strict serialisability is hard to decide; here every
 * answer carries the index of the journal at which the ledger gave it, so the order to be checked is known, and what remains
 * is that it agrees with real time, that every read saw exactly its prefix, and that every promise about single transfers was
 * kept. One pass over the events, one over the postings, and a sort of the reads by index.
 *
 * <p>Memory is a few primitive arrays as long as the history. A journal in which another order was replayed later is not
 * caught here but by its Merkle root.
 */
public final class HistoryCheck {
    private static final int MAX_LISTED = 100;
    private static final long NOWHERE = -1;

    private final History history;
    private final Book book;
    /** Sequence of the posting of each transfer. */
    private final long[] positions;

    private final List<Violation> listed = new ArrayList<>();
    private final Map<Promise, Integer> broken = new EnumMap<>(Promise.class);

    private HistoryCheck(History history, Book book) {
        this.history = history;
        this.book = book;
        this.positions = new long[history.size()];
        Arrays.fill(positions, NOWHERE);
    }

    /**
     * What the check came to.
     *
     * @param acknowledged transfers that a client was told to be done
     * @param refused transfers that a client was told to be refused
     * @param notWritten transfers that a client was told not to have been written
     * @param unknownApplied transfers without an answer that the journal holds
     * @param unknownNothing transfers without an answer that it does not
     * @param reads answered
     * @param broken how often each promise was broken; empty when the history is clean
     * @param violations the first {@value #MAX_LISTED}
     */
    public record Verdict(
            int operations,
            int acknowledged,
            int refused,
            int notWritten,
            int unknownApplied,
            int unknownNothing,
            int reads,
            Map<Promise, Integer> broken,
            List<Violation> violations) {
        public Verdict {
            broken = Map.copyOf(broken);
            violations = List.copyOf(violations);
        }

        public boolean clean() {
            return broken.isEmpty();
        }

        public int count(Promise promise) {
            return broken.getOrDefault(promise, 0);
        }
    }

    /** @param history of which no operation goes on any more */
    public static Verdict of(History history, Book book) {
        HistoryCheck check = new HistoryCheck(history, book);
        check.postings();
        check.promises();
        check.realTime();
        check.values();
        return check.verdict();
    }

    /** Every posting is what some client asked, once, and sequences grow. */
    private void postings() {
        long before = NOWHERE;
        for (int i = 0; i < book.size(); i++) {
            int op = history.operation(book.id(i));
            if (book.sequence(i) <= before) {
                violated(Promise.NOTHING_INVENTED, book.describe(i) + " does not come after sequence " + before);
            }
            before = book.sequence(i);
            if (op < 0) {
                violated(Promise.NOTHING_INVENTED, book.describe(i) + ": nobody asked for it");
            } else if (positions[op] != NOWHERE) {
                violated(
                        Promise.ONCE,
                        history.describe(op) + " stands in the journal at " + positions[op] + " and at "
                                + book.sequence(i),
                        op);
            } else {
                positions[op] = book.sequence(i);
                boolean same = history.accountId(history.debit(op)).equals(book.debit(i))
                        && history.accountId(history.credit(op)).equals(book.credit(i))
                        && history.amount(op) == book.amount(i);
                if (!same) {
                    violated(Promise.NOTHING_INVENTED, history.describe(op) + " became " + book.describe(i), op);
                }
            }
        }
    }

    /** What each operation was told agrees with what the journal says of its transfer. */
    private void promises() {
        boolean[] perhapsWritten = new boolean[history.size()];
        for (int op = 0; op < history.size(); op++) {
            boolean write = history.kind(op) == Kind.TRANSFER || history.kind(op) == Kind.REPEAT;
            if (write && history.outcome(op) != Outcome.NOT_WRITTEN) {
                perhapsWritten[history.subject(op)] = true;
            }
        }
        for (int op = 0; op < history.size(); op++) {
            switch (history.kind(op)) {
                case TRANSFER, REPEAT -> write(op, perhapsWritten);
                case READ_TRANSFER -> readTransfer(op);
                case READ_ACCOUNT, READ_SUMS -> {
                    // Judged by value, with the prefix at hand.
                }
            }
        }
    }

    private void write(int op, boolean[] perhapsWritten) {
        long position = positions[history.subject(op)];
        switch (history.outcome(op)) {
            case DONE, DONE_BEFORE -> {
                boolean now = history.outcome(op) == Outcome.DONE;
                if (position == NOWHERE) {
                    violated(Promise.ACKNOWLEDGED_IS_KEPT, history.describe(op) + " is not in the journal", op);
                } else if (now ? history.index(op) != position : history.index(op) < position) {
                    violated(
                            Promise.EXACT_PREFIX,
                            history.describe(op) + " stands in the journal at sequence " + position,
                            op);
                }
            }
            case REFUSED, REFUSED_BEFORE -> {
                if (position != NOWHERE) {
                    violated(
                            Promise.REFUSED_IS_NOTHING,
                            history.describe(op) + " stands in the journal at sequence " + position,
                            op);
                }
            }
            case NOT_WRITTEN -> {
                if (position != NOWHERE && !perhapsWritten[history.subject(op)]) {
                    violated(
                            Promise.NOT_WRITTEN_IS_NOTHING,
                            history.describe(op) + " stands in the journal at sequence " + position,
                            op);
                }
            }
            case OPEN, UNKNOWN -> {
                // Anything may have happened.
            }
        }
    }

    private void readTransfer(int op) {
        if (history.outcome(op) != Outcome.DONE) {
            return;
        }
        int transfer = history.subject(op);
        long position = positions[transfer];
        Told told = history.told(op);
        if (told == Told.POSTED && position == NOWHERE) {
            violated(
                    Promise.ACKNOWLEDGED_IS_KEPT,
                    history.describe(op) + " but the journal does not hold " + history.describe(transfer),
                    op,
                    transfer);
        } else if (told == Told.POSTED && history.index(op) != position) {
            violated(
                    Promise.EXACT_PREFIX,
                    history.describe(op) + " but the transfer stands at sequence " + position,
                    op,
                    transfer);
        } else if (told == Told.REJECTED && position != NOWHERE) {
            violated(
                    Promise.REFUSED_IS_NOTHING,
                    history.describe(op) + " but the transfer stands at sequence " + position,
                    op,
                    transfer);
        } else if (told == Told.NEVER_SEEN && position != NOWHERE && position <= history.index(op)) {
            violated(
                    Promise.EXACT_PREFIX,
                    history.describe(op) + " but the transfer stood at sequence " + position + " by then",
                    op,
                    transfer);
        }
    }

    /** What ended before an operation began lies before it in the journal. */
    private void realTime() {
        int n = history.size();
        long[] floors = new long[n];
        int[] floorOps = new int[n];
        long[] ownFloors = new long[n];
        long floor = NOWHERE;
        int floorOp = -1;
        Map<Integer, long[]> byClient = new HashMap<>();
        boolean[] isEnd = new boolean[1];
        for (int e = 0; e < history.events(); e++) {
            int op = history.event(e, isEnd);
            long[] own = byClient.computeIfAbsent(history.client(op), client -> new long[] {NOWHERE});
            if (!isEnd[0]) {
                floors[op] = floor;
                floorOps[op] = floorOp;
                ownFloors[op] = own[0];
                continue;
            }
            long at = told(op);
            if (at == History.NO_INDEX) {
                continue;
            }
            // The posting that a read of a transfer saw may be old: it raises the floor, but need not reach it.
            boolean seesNow = history.kind(op) != Kind.READ_TRANSFER || history.told(op) == Told.NEVER_SEEN;
            if (seesNow && at < ownFloors[op]) {
                violated(
                        Promise.NEVER_BACK,
                        history.describe(op) + " although its client had seen index " + ownFloors[op] + " before",
                        op);
            } else if (seesNow && at < floors[op]) {
                violated(
                        Promise.REAL_TIME_ORDER,
                        history.describe(op) + " began after the end of " + history.describe(floorOps[op]),
                        op,
                        floorOps[op]);
            }
            own[0] = Math.max(own[0], at);
            if (at > floor) {
                floor = at;
                floorOp = op;
            }
        }
        for (int op = 0; op < n; op++) {
            if (positions[op] != NOWHERE && positions[op] <= floors[op]) {
                violated(
                        Promise.REAL_TIME_ORDER,
                        history.describe(op) + " was posted at " + positions[op] + " but began after the end of "
                                + history.describe(floorOps[op]),
                        op,
                        floorOps[op]);
            }
        }
    }

    /** The index that the answer carries, none when there was no answer. */
    private long told(int op) {
        return switch (history.outcome(op)) {
            case DONE, DONE_BEFORE, REFUSED, REFUSED_BEFORE -> history.index(op);
            case OPEN, NOT_WRITTEN, UNKNOWN -> History.NO_INDEX;
        };
    }

    /** Replays the postings, and compares each read with the prefix at its index. */
    private void values() {
        long[] byIndex = readsByIndex();
        Map<String, Integer> ordinals = new HashMap<>();
        for (int i = 0; i < history.accounts(); i++) {
            ordinals.put(history.accountId(i), i);
        }
        long[] debits = new long[history.accounts()];
        long[] credits = new long[history.accounts()];
        int next = 0;
        for (long packed : byIndex) {
            int op = (int) (packed & (History.MAX_OPERATIONS - 1));
            while (next < book.size() && book.sequence(next) <= history.index(op)) {
                post(next++, ordinals, debits, credits);
            }
            compare(op, debits, credits);
        }
        while (next < book.size()) {
            post(next++, ordinals, debits, credits);
        }
    }

    /** Index in the upper bits, operation in the lower ones. */
    private long[] readsByIndex() {
        long[] found = new long[history.size()];
        int n = 0;
        for (int op = 0; op < history.size(); op++) {
            boolean read = history.kind(op) == Kind.READ_ACCOUNT || history.kind(op) == Kind.READ_SUMS;
            boolean answered = read && history.outcome(op) == Outcome.DONE;
            if (answered || history.outcome(op) == Outcome.REFUSED) {
                found[n++] = history.index(op) * History.MAX_OPERATIONS + op;
            }
        }
        long[] sorted = Arrays.copyOf(found, n);
        Arrays.sort(sorted);
        return sorted;
    }

    private void post(int i, Map<String, Integer> ordinals, long[] debits, long[] credits) {
        Integer debit = ordinals.get(book.debit(i));
        Integer credit = ordinals.get(book.credit(i));
        if (debit == null || credit == null) {
            // Told already: nobody asked for it.
            return;
        }
        debits[debit] += book.amount(i);
        credits[credit] += book.amount(i);
        if (history.limited(debit) && debits[debit] > credits[debit]) {
            int op = history.operation(book.id(i));
            violated(
                    Promise.LIMITS_HOLD,
                    book.describe(i) + " brings the balance of " + book.debit(i) + " to "
                            + (credits[debit] - debits[debit]),
                    op);
        }
    }

    private void compare(int op, long[] debits, long[] credits) {
        int account = history.debit(op);
        switch (history.kind(op)) {
            case READ_ACCOUNT -> {
                if (history.seenDebits(op) != debits[account] || history.seenCredits(op) != credits[account]) {
                    violated(
                            Promise.EXACT_PREFIX,
                            history.describe(op) + " but the journal up to there gives debits " + debits[account]
                                    + " credits " + credits[account],
                            op);
                }
            }
            case READ_SUMS -> {
                if (history.seenDebits(op) != 0) {
                    violated(Promise.SUMS_ARE_ZERO, history.describe(op), op);
                }
            }
            case TRANSFER, REPEAT -> {
                boolean had = credits[account] - debits[account] >= history.amount(op);
                if (had || !history.limited(account)) {
                    violated(
                            Promise.LIMITS_HOLD,
                            history.describe(op) + " but the account had " + (credits[account] - debits[account]),
                            op);
                }
            }
            case READ_TRANSFER -> {
                // Judged by its promise.
            }
        }
    }

    private void violated(Promise promise, String words, int... operations) {
        broken.merge(promise, 1, Integer::sum);
        if (listed.size() < MAX_LISTED) {
            listed.add(new Violation(
                    promise,
                    Arrays.stream(operations).filter(op -> op >= 0).boxed().toList(),
                    words));
        }
    }

    private Verdict verdict() {
        int acknowledged = 0;
        int refused = 0;
        int notWritten = 0;
        int applied = 0;
        int nothing = 0;
        int reads = 0;
        for (int op = 0; op < history.size(); op++) {
            Outcome outcome = history.outcome(op);
            if (history.kind(op) == Kind.TRANSFER) {
                switch (outcome) {
                    case DONE, DONE_BEFORE -> acknowledged++;
                    case REFUSED, REFUSED_BEFORE -> refused++;
                    case NOT_WRITTEN -> notWritten++;
                    case OPEN, UNKNOWN -> {
                        if (positions[op] == NOWHERE) {
                            nothing++;
                        } else {
                            applied++;
                        }
                    }
                }
            } else if (history.kind(op) != Kind.REPEAT && outcome == Outcome.DONE) {
                reads++;
            }
        }
        return new Verdict(history.size(), acknowledged, refused, notWritten, applied, nothing, reads, broken, listed);
    }
}
