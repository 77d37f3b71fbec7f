package io.homeostat.deploy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.chaos.History.Told;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Concurrent clients that use the ledger as anybody would, and write down what they ask and are told. Half of them know one
 * node only, so that a node with an old view would be caught answering from it.
 */
final class ChaosClients implements AutoCloseable {
    private static final int CLIENTS = 8;
    private static final int SETTLER = 100;
    private static final int ACCOUNTS = 24;
    private static final long FUNDS = 5_000;
    private static final String ASSET = "EUR";
    /** Keeps a run of a minute below a million operations and leaves the processor to the nodes. */
    private static final long THINK_NANOS = 2_000_000;

    private static final LedgerClientLimits IMPATIENT = new LedgerClientLimits(
            Duration.ofMillis(1200),
            Duration.ofMillis(300),
            Duration.ofMillis(2500),
            Duration.ofMillis(25),
            Duration.ofMillis(200));

    private final ChaosCluster cluster;
    private final History history;
    private final long seed;
    private final List<Integer> accounts = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean open = true;
    /** Moments at which a transfer was acknowledged. */
    private long[] acks = new long[1 << 14];

    private int ackCount;

    ChaosClients(ChaosCluster cluster, History history, long seed) {
        this.cluster = cluster;
        this.history = history;
        this.seed = seed;
    }

    /** Accounts and their first money. */
    void setUp() {
        LedgerClient client = client(0, false, LedgerClientLimits.DEFAULTS);
        List<LedgerClient.Account> wanted = new ArrayList<>();
        wanted.add(new LedgerClient.Account("chaos:bank", ASSET, 2, "external", false));
        int bank = history.account("chaos:bank", false);
        for (int i = 0; i < ACCOUNTS; i++) {
            wanted.add(new LedgerClient.Account("chaos:a" + i, ASSET, 2, "customer", true));
            accounts.add(history.account("chaos:a" + i, true));
        }
        LedgerClient.Reply made = client.createAccounts(wanted);
        if (!made.ok()) {
            throw new IllegalStateException("the accounts could not be made: " + made.kind() + " " + made.reason());
        }
        for (int account : accounts) {
            transfer(client, 0, history.transfer(0, bank, account, FUNDS));
        }
    }

    void start() {
        for (int i = 1; i <= CLIENTS; i++) {
            int number = i;
            running.add(threads.submit(() -> work(number)));
        }
    }

    /** Ends the load; every operation has ended when this returns. */
    void stop() throws InterruptedException {
        open = false;
        for (Future<?> client : running) {
            try {
                client.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a client failed", e.getCause());
            }
        }
    }

    private void work(int number) {
        SplittableRandom random = new SplittableRandom(seed * 1000 + number);
        LedgerClient client = client(number, number % 2 == 0, IMPATIENT);
        int last = -1;
        while (open) {
            int dice = random.nextInt(100);
            int from = random.nextInt(accounts.size());
            if (dice < 62 || last < 0) {
                int to = (from + 1 + random.nextInt(accounts.size() - 1)) % accounts.size();
                int op = history.transfer(
                        number, accounts.get(from), accounts.get(to), 1 + random.nextInt((int) FUNDS / 2));
                boolean told = transfer(client, number, op);
                last = op;
                if (!told && random.nextBoolean()) {
                    transfer(client, number, history.repeat(number, op));
                }
            } else if (dice < 66) {
                transfer(client, number, history.repeat(number, last));
            } else if (dice < 92) {
                readAccount(client, history.readAccount(number, accounts.get(from)));
            } else if (dice < 97) {
                readTransfer(client, history.readTransfer(number, last));
            } else {
                readSums(client, history.readSums(number));
            }
            LockSupport.parkNanos(THINK_NANOS);
        }
    }

    /** A batch of one, because its answer carries the index of a refusal too. False when the outcome is not known. */
    private boolean transfer(LedgerClient client, int number, int op) {
        LedgerClient.Outcome outcome = client.batch(List.of(new LedgerClient.Transfer(
                        history.id(op),
                        history.accountId(history.debit(op)),
                        history.accountId(history.credit(op)),
                        history.amount(op),
                        ASSET)))
                .get(0);
        boolean before = outcome.reason().equals("duplicate");
        switch (outcome.kind()) {
            case ACCEPTED -> {
                acknowledged();
                if (before) {
                    history.doneBefore(op, outcome.index());
                } else {
                    history.done(op, outcome.index());
                }
            }
            case REFUSED -> {
                if (!before && outcome.reason().equals("insufficient_funds") && outcome.index() >= 0) {
                    history.refused(op, outcome.index());
                } else {
                    history.refusedBefore(op, outcome.index());
                }
            }
            case UNAVAILABLE -> history.notWritten(op);
            case UNKNOWN -> history.unknown(op);
        }
        return outcome.kind() != LedgerClient.Kind.UNKNOWN;
    }

    private static Kept answer(LedgerClient.Reply reply) {
        return new Kept(reply.ok() && reply.json().has("index"), reply.json());
    }

    /** An answer worth recording. */
    private record Kept(boolean ok, JsonNode json) {}

    private void readAccount(LedgerClient client, int op) {
        Kept kept = answer(client.account(history.accountId(history.debit(op))));
        if (kept.ok()) {
            history.sawAccount(
                    op,
                    kept.json().path("index").asLong(),
                    kept.json().path("debitsPosted").asLong(),
                    kept.json().path("creditsPosted").asLong());
        } else {
            history.notWritten(op);
        }
    }

    private void readTransfer(LedgerClient client, int op) {
        Kept kept = answer(client.transferState(history.id(op)));
        if (!kept.ok()) {
            history.notWritten(op);
            return;
        }
        Told told = switch (kept.json().path("status").asText()) {
            case "posted" -> Told.POSTED;
            case "rejected" -> Told.REJECTED;
            case "unknown" -> Told.NEVER_SEEN;
            default -> Told.NOTHING;
        };
        history.sawTransfer(op, kept.json().path("index").asLong(), told);
    }

    private void readSums(LedgerClient client, int op) {
        Kept kept = answer(client.sums());
        if (kept.ok()) {
            long off = 0;
            for (JsonNode sum : kept.json().path("sums")) {
                off = Math.max(off, Math.abs(sum.asLong()));
            }
            history.sawSums(op, kept.json().path("index").asLong(), off);
        } else {
            history.notWritten(op);
        }
    }

    /** After the last fault: asks for everything whose outcome is not known, and reads everything at every node. */
    void settle() {
        int[] open = history.unresolved();
        LedgerClient any = client(1, false, LedgerClientLimits.DEFAULTS);
        for (int op : open) {
            readTransfer(any, history.readTransfer(SETTLER, op));
        }
        for (int node = 1; node <= cluster.size(); node++) {
            LedgerClient one = client(node, true, LedgerClientLimits.DEFAULTS);
            for (int account : accounts) {
                readAccount(one, history.readAccount(SETTLER + node, account));
            }
            readSums(one, history.readSums(SETTLER + node));
        }
    }

    private LedgerClient client(int number, boolean oneNode, LedgerClientLimits limits) {
        List<URI> endpoints = new ArrayList<>();
        int nodes = cluster.size();
        for (int i = 0; i < (oneNode ? 1 : nodes); i++) {
            endpoints.add(URI.create(cluster.urls().get((number + i) % nodes)));
        }
        return cluster.client(endpoints, limits);
    }

    private synchronized void acknowledged() {
        if (ackCount == acks.length) {
            acks = Arrays.copyOf(acks, acks.length * 2);
        }
        acks[ackCount++] = System.nanoTime();
    }

    /** The longest time without an acknowledgement in an interval, in milliseconds. */
    synchronized long longestGapMillis(long fromNanos, long toNanos) {
        long last = fromNanos;
        long longest = 0;
        for (int i = 0; i < ackCount; i++) {
            if (acks[i] > fromNanos && acks[i] <= toNanos) {
                longest = Math.max(longest, acks[i] - last);
                last = acks[i];
            }
        }
        longest = Math.max(longest, toNanos - last);
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    @Override
    public void close() {
        open = false;
        threads.shutdownNow();
    }
}
