package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A ledger of a few lines and the clients that use it at once: makes histories that are right by construction, and wrong in
 * one way on order. An operation takes effect at some moment between its begin and its end.
 */
final class ModelLedger {
    /** How a ledger can fail its clients. */
    enum Fault {
        NONE,
        LOST_ACK,
        DOUBLED_LEAF,
        DOUBLED_APPLY,
        STALE_READ,
        INDEX_BACK,
        WRONG_BALANCE,
        UNKNOWN_TWICE,
        REFUSED_APPLIED,
        NOT_WRITTEN_APPLIED,
        OVERDRAWN,
        INVENTED,
        REORDERED
    }

    private static final int CLIENTS = 12;
    private static final int ACCOUNTS = 20;

    final History history = new History(7);
    final Book book = new Book();
    /** The operation in which the fault was planted. */
    int planted = -1;

    private final SplittableRandom random;
    private final Fault fault;
    private final int plantAfter;
    private final long[] debits = new long[ACCOUNTS + 1];
    private final long[] credits = new long[ACCOUNTS + 1];
    private final Map<Integer, Long> posted = new HashMap<>();
    private final List<long[]> past = new ArrayList<>();
    private long sequence = 5;

    ModelLedger(long seed, Fault fault, int plantAfter) {
        this.random = new SplittableRandom(seed);
        this.fault = fault;
        this.plantAfter = plantAfter;
        for (int i = 0; i < ACCOUNTS; i++) {
            history.account("a" + i, true);
        }
        history.account("bank", false);
        for (int i = 0; i < ACCOUNTS; i++) {
            int op = history.transfer(0, ACCOUNTS, i, 1000);
            apply(op);
            history.done(op, sequence);
        }
    }

    private static final class Client {
        int op = -1;
        boolean applied;
        boolean refused;
        long index;
        long seenDebits;
        long seenCredits;
    }

    ModelLedger run(int operations) {
        Client[] clients = new Client[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Client();
        }
        while (history.size() < operations) {
            int c = random.nextInt(CLIENTS);
            step(c + 1, clients[c]);
        }
        for (int c = 0; c < CLIENTS; c++) {
            while (clients[c].op >= 0) {
                step(c + 1, clients[c]);
            }
        }
        return this;
    }

    private void step(int number, Client client) {
        if (client.op < 0) {
            client.op = begin(number);
            client.applied = false;
        } else if (!client.applied) {
            effect(client);
            client.applied = true;
        } else {
            end(client);
            client.op = -1;
        }
    }

    private int begin(int number) {
        int debit = random.nextInt(ACCOUNTS);
        if (random.nextInt(3) == 0) {
            return history.readAccount(number, debit);
        }
        return history.transfer(
                number, debit, (debit + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS, 1 + random.nextInt(300));
    }

    private void effect(Client client) {
        int op = client.op;
        int debit = history.debit(op);
        client.refused = false;
        client.index = sequence;
        if (history.kind(op) == History.Kind.READ_ACCOUNT) {
            client.seenDebits = debits[debit];
            client.seenCredits = credits[debit];
            boolean earlier = (fault == Fault.STALE_READ) && due();
            if (earlier) {
                planted = op;
                // Right for its index, which is old: every client has seen later ones.
                client.index = past.get(debit)[0];
                client.seenDebits = past.get(debit)[1];
                client.seenCredits = past.get(debit)[2];
            }
            return;
        }
        client.refused = credits[debit] - debits[debit] < history.amount(op);
        if (client.refused && fault == Fault.OVERDRAWN && due()) {
            planted = op;
            client.refused = false;
        }
        if (client.refused) {
            if (fault == Fault.REFUSED_APPLIED && due()) {
                planted = op;
                book.posting(++sequence, history.id(op), name(debit), name(history.credit(op)), history.amount(op));
            }
            return;
        }
        if (fault == Fault.LOST_ACK && due()) {
            planted = op;
            client.index = sequence;
            return;
        }
        apply(op);
        client.index = sequence;
    }

    private void apply(int op) {
        int debit = history.debit(op);
        int credit = history.credit(op);
        long amount = history.amount(op);
        debits[debit] += amount;
        credits[credit] += amount;
        sequence += 1 + random.nextInt(3);
        book.posting(sequence, history.id(op), name(debit), name(credit), amount);
        posted.put(op, sequence);
        if (past.size() < ACCOUNTS) {
            past.add(new long[] {sequence, 0, 1000});
        }
        if (fault == Fault.DOUBLED_LEAF && due()) {
            planted = op;
            debits[debit] += amount;
            credits[credit] += amount;
            book.posting(++sequence, history.id(op), name(debit), name(credit), amount);
        } else if (fault == Fault.DOUBLED_APPLY && due()) {
            planted = op;
            debits[debit] += amount;
            credits[credit] += amount;
        } else if (fault == Fault.INVENTED && due()) {
            planted = op;
            book.posting(++sequence, new java.util.UUID(7, 1L << 40), name(debit), name(credit), amount);
        }
    }

    private void end(Client client) {
        int op = client.op;
        if (history.kind(op) == History.Kind.READ_ACCOUNT) {
            long index = client.index;
            long off = 0;
            if (fault == Fault.INDEX_BACK && due()) {
                planted = op;
                index = 6;
                client.seenDebits = 0;
                client.seenCredits = past.get(history.debit(op))[0] <= 6 ? 1000 : 0;
            } else if (fault == Fault.WRONG_BALANCE && due()) {
                planted = op;
                off = 1;
            }
            history.sawAccount(op, index, client.seenDebits + off, client.seenCredits);
            return;
        }
        boolean applied = posted.containsKey(op);
        if (fault == Fault.UNKNOWN_TWICE && applied && due()) {
            planted = op;
            book.posting(
                    ++sequence, history.id(op), name(history.debit(op)), name(history.credit(op)), history.amount(op));
            history.unknown(op);
        } else if (fault == Fault.NOT_WRITTEN_APPLIED && applied && due()) {
            planted = op;
            history.notWritten(op);
        } else if (fault == Fault.REORDERED && applied && due()) {
            // It was told an index that lies before what had ended when it began.
            planted = op;
            history.done(op, client.index - 60);
        } else if (op != planted && random.nextInt(20) == 0) {
            history.unknown(op);
        } else if (client.refused) {
            history.refused(op, client.index);
        } else {
            history.done(op, client.index);
        }
    }

    private boolean due() {
        return planted < 0 && history.size() > plantAfter;
    }

    private String name(int account) {
        return history.accountId(account);
    }
}
