package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What concurrent clients asked of the ledger and what they were told, in the order in which it happened. An operation
 * begins before its request is sent and ends after its answer is read, so when one ends before another begins the ledger must
 * show the two in that order.
 *
 * <p>Columns of primitives: about 90 bytes for an operation, {@value #MAX_OPERATIONS} operations at most. Thread-safe.
 */
public final class History {
    /** 4 M operations are 360 MB and more than an hour of the fastest load that the runner makes. */
    static final int MAX_OPERATIONS = 1 << 22;

    static final long NO_INDEX = -1;

    /** What was asked. */
    enum Kind {
        /** A transfer under an id of its own. */
        TRANSFER,
        /** The same transfer under the same id once more; it must change nothing. */
        REPEAT,
        READ_ACCOUNT,
        /** What became of a transfer, by its id. */
        READ_TRANSFER,
        READ_SUMS
    }

    /** What was told. */
    enum Outcome {
        /** No answer yet; at the end of a history the same as {@link #UNKNOWN}. */
        OPEN,
        /** The ledger did it with this request. A read: an answer. */
        DONE,
        /** The ledger said that an earlier request under this id had done it. */
        DONE_BEFORE,
        /** The ledger said no, and decided so at the answer's index. */
        REFUSED,
        /** The ledger said no again; when it decided is not told. */
        REFUSED_BEFORE,
        /** The client says that nothing was written, and that nothing will be. A read: no answer. */
        NOT_WRITTEN,
        /** Anything may have happened, or may yet. */
        UNKNOWN
    }

    /** What a read of a transfer said. */
    enum Told {
        NOTHING,
        /** The ledger has never seen the id. */
        NEVER_SEEN,
        POSTED,
        REJECTED
    }

    private final long run;
    private final List<String> accounts = new ArrayList<>();
    private final List<Boolean> limited = new ArrayList<>();

    private int count;
    private Kind[] kinds = new Kind[1024];
    private Outcome[] outcomes = new Outcome[1024];
    private Told[] told = new Told[1024];
    private int[] clients = new int[1024];
    private int[] subjects = new int[1024];
    private int[] debits = new int[1024];
    private int[] credits = new int[1024];
    private long[] amounts = new long[1024];
    private long[] indexes = new long[1024];
    private long[] seenDebits = new long[1024];
    private long[] seenCredits = new long[1024];
    /** Operation in the higher bits, 1 in the lowest for its end. */
    private int[] events = new int[2048];

    private int eventCount;

    /** @param run upper half of every transfer id of this history */
    public History(long run) {
        this.run = run;
    }

    /** @param limited whether its debits must not exceed its credits */
    public synchronized int account(String id, boolean isLimited) {
        accounts.add(id);
        limited.add(isLimited);
        return accounts.size() - 1;
    }

    /** A transfer is about to be sent; the answer names the operation. */
    public synchronized int transfer(int client, int debit, int credit, long amount) {
        int op = begin(client, Kind.TRANSFER);
        subjects[op] = op;
        debits[op] = debit;
        credits[op] = credit;
        amounts[op] = amount;
        return op;
    }

    /** The transfer of an earlier operation is about to be sent again. */
    public synchronized int repeat(int client, int transfer) {
        int op = begin(client, Kind.REPEAT);
        subjects[op] = transfer;
        debits[op] = debits[transfer];
        credits[op] = credits[transfer];
        amounts[op] = amounts[transfer];
        return op;
    }

    public synchronized int readAccount(int client, int account) {
        int op = begin(client, Kind.READ_ACCOUNT);
        debits[op] = account;
        return op;
    }

    public synchronized int readTransfer(int client, int transfer) {
        int op = begin(client, Kind.READ_TRANSFER);
        subjects[op] = transfer;
        return op;
    }

    public synchronized int readSums(int client) {
        return begin(client, Kind.READ_SUMS);
    }

    /** The ledger accepted a transfer. */
    public synchronized void done(int op, long index) {
        end(op, Outcome.DONE, index);
    }

    public synchronized void doneBefore(int op, long index) {
        end(op, Outcome.DONE_BEFORE, index);
    }

    public synchronized void refused(int op, long index) {
        end(op, Outcome.REFUSED, index);
    }

    public synchronized void refusedBefore(int op, long index) {
        end(op, Outcome.REFUSED_BEFORE, index);
    }

    /** For a read: it was not answered. */
    public synchronized void notWritten(int op) {
        end(op, Outcome.NOT_WRITTEN, NO_INDEX);
    }

    public synchronized void unknown(int op) {
        end(op, Outcome.UNKNOWN, NO_INDEX);
    }

    public synchronized void sawAccount(int op, long index, long debitsPosted, long creditsPosted) {
        seenDebits[op] = debitsPosted;
        seenCredits[op] = creditsPosted;
        end(op, Outcome.DONE, index);
    }

    /** @param index of the posting when it is posted, of the read when it was never seen */
    public synchronized void sawTransfer(int op, long index, Told what) {
        told[op] = what;
        end(op, Outcome.DONE, index);
    }

    /** @param off the largest distance of any asset's sum from zero */
    public synchronized void sawSums(int op, long index, long off) {
        seenDebits[op] = off;
        end(op, Outcome.DONE, index);
    }

    private int begin(int client, Kind kind) {
        if (count == MAX_OPERATIONS) {
            throw new IllegalStateException("a history holds at most " + MAX_OPERATIONS + " operations");
        }
        if (count == kinds.length) {
            grow();
        }
        int op = count++;
        kinds[op] = kind;
        outcomes[op] = Outcome.OPEN;
        told[op] = Told.NOTHING;
        clients[op] = client;
        subjects[op] = -1;
        indexes[op] = NO_INDEX;
        event(op << 1);
        return op;
    }

    private void end(int op, Outcome outcome, long index) {
        if (outcomes[op] != Outcome.OPEN) {
            throw new IllegalStateException("operation " + op + " has ended already: " + describe(op));
        }
        outcomes[op] = outcome;
        indexes[op] = index;
        event(op << 1 | 1);
    }

    private void event(int event) {
        if (eventCount == events.length) {
            events = Arrays.copyOf(events, events.length * 2);
        }
        events[eventCount++] = event;
    }

    private void grow() {
        int length = count * 2;
        kinds = Arrays.copyOf(kinds, length);
        outcomes = Arrays.copyOf(outcomes, length);
        told = Arrays.copyOf(told, length);
        clients = Arrays.copyOf(clients, length);
        subjects = Arrays.copyOf(subjects, length);
        debits = Arrays.copyOf(debits, length);
        credits = Arrays.copyOf(credits, length);
        amounts = Arrays.copyOf(amounts, length);
        indexes = Arrays.copyOf(indexes, length);
        seenDebits = Arrays.copyOf(seenDebits, length);
        seenCredits = Arrays.copyOf(seenCredits, length);
    }

    /** The id under which the transfer goes to the ledger; a repeat goes under that of its transfer. */
    public UUID id(int op) {
        return new UUID(run, subject(op));
    }

    /** The operation that made this id, -1 when no operation of this history did. */
    synchronized int operation(UUID id) {
        long op = id.getLeastSignificantBits();
        boolean ours = id.getMostSignificantBits() == run && op >= 0 && op < count;
        return ours && kinds[(int) op] == Kind.TRANSFER ? (int) op : -1;
    }

    /** Operations of which the clients do not know whether they happened. */
    public synchronized int[] unresolved() {
        int[] found = new int[count];
        int n = 0;
        for (int op = 0; op < count; op++) {
            boolean write = kinds[op] == Kind.TRANSFER;
            if (write && (outcomes[op] == Outcome.UNKNOWN || outcomes[op] == Outcome.OPEN)) {
                found[n++] = op;
            }
        }
        return Arrays.copyOf(found, n);
    }

    public synchronized int size() {
        return count;
    }

    synchronized Kind kind(int op) {
        return kinds[op];
    }

    synchronized Outcome outcome(int op) {
        return outcomes[op];
    }

    synchronized Told told(int op) {
        return told[op];
    }

    synchronized int client(int op) {
        return clients[op];
    }

    synchronized int subject(int op) {
        return subjects[op];
    }

    /** The account of a read. */
    public synchronized int debit(int op) {
        return debits[op];
    }

    public synchronized int credit(int op) {
        return credits[op];
    }

    public synchronized long amount(int op) {
        return amounts[op];
    }

    synchronized long index(int op) {
        return indexes[op];
    }

    synchronized long seenDebits(int op) {
        return seenDebits[op];
    }

    synchronized long seenCredits(int op) {
        return seenCredits[op];
    }

    synchronized int events() {
        return eventCount;
    }

    synchronized int event(int at, boolean[] isEnd) {
        isEnd[0] = (events[at] & 1) == 1;
        return events[at] >> 1;
    }

    synchronized int accounts() {
        return accounts.size();
    }

    public synchronized String accountId(int account) {
        return accounts.get(account);
    }

    synchronized boolean limited(int account) {
        return limited.get(account);
    }

    /** One operation in words, for a verdict. */
    synchronized String describe(int op) {
        String what = switch (kinds[op]) {
            case TRANSFER, REPEAT ->
                (kinds[op] == Kind.REPEAT ? "repeat of " + subjects[op] + ": " : "transfer ") + accounts.get(debits[op])
                        + " -> " + accounts.get(credits[op]) + " " + amounts[op];
            case READ_ACCOUNT ->
                "read of " + accounts.get(debits[op])
                        + (outcomes[op] == Outcome.DONE
                                ? " saw debits " + seenDebits[op] + " credits " + seenCredits[op]
                                : "");
            case READ_TRANSFER -> "read of transfer " + subjects[op] + " was told " + told[op];
            case READ_SUMS -> "read of the sums saw them off by " + seenDebits[op];
        };
        String where = indexes[op] == NO_INDEX ? "" : " at index " + indexes[op];
        return "operation " + op + " (client " + clients[op] + ", " + what + ", " + outcomes[op] + where + ")";
    }
}
