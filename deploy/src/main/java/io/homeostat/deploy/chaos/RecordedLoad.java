package io.homeostat.deploy.chaos;

import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A steady load with a slow wave in it, as a bank's day has one, that can surge or fall upon one account. Every thread paces
 * itself, so the load does not follow the ledger's speed unless that is too low. It also keeps how long writes took, second by
 * second: what its clients see.
 */
final class RecordedLoad implements AutoCloseable {
    private static final int THREADS = 6;
    private static final int ACCOUNTS = 200;
    private static final String ASSET = "EUR";
    private static final long FUNDS = 1_000_000_00L - 1;
    /** Per thread; all together some 120 a second and 1.3 times as many at the top of the wave. */
    private static final long PACE_NANOS = 50_000_000L;

    private static final double WAVE_SECONDS = 300;
    private static final LedgerClientLimits IMPATIENT = new LedgerClientLimits(
            Duration.ofMillis(1500),
            Duration.ofMillis(300),
            Duration.ofMillis(2500),
            Duration.ofMillis(25),
            Duration.ofMillis(200));

    private final RecordedNodes nodes;
    private final long seed;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final long began = System.nanoTime();
    private final List<Second> seconds = new ArrayList<>();
    private long[] micros = new long[64];
    private int accepted;
    private int failed;
    private long second;
    private volatile boolean open = true;
    private volatile double factor = 1;
    private volatile boolean hot;

    /** What clients saw of one second of writes, in milliseconds; 0 when none was accepted. */
    private record Second(long at, int accepted, int failed, double p50, double p99) {}

    RecordedLoad(RecordedNodes nodes, long seed) {
        this.nodes = nodes;
        this.seed = seed;
    }

    void start() {
        LedgerClient client = nodes.client(LedgerClientLimits.DEFAULTS);
        List<LedgerClient.Account> accounts = new ArrayList<>();
        accounts.add(new LedgerClient.Account("record:bank", ASSET, 2, "external", false));
        List<LedgerClient.Transfer> funds = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            accounts.add(new LedgerClient.Account("record:a" + i, ASSET, 2, "customer", true));
            funds.add(new LedgerClient.Transfer(new UUID(seed, -1 - i), "record:bank", "record:a" + i, FUNDS, ASSET));
        }
        LedgerClient.Reply made = client.createAccounts(accounts);
        if (!made.ok() || !client.batch(funds).stream().allMatch(LedgerClient.Outcome::accepted)) {
            throw new IllegalStateException("the accounts could not be made: " + made.kind() + " " + made.reason());
        }
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.execute(() -> work(number));
        }
    }

    void surge(double times) {
        factor = times;
    }

    void hotAccount(boolean on) {
        hot = on;
    }

    private void work(int number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        LedgerClient client = nodes.client(IMPATIENT);
        long next = System.nanoTime();
        while (open) {
            int from = random.nextInt(ACCOUNTS);
            int to = hot ? 0 : (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            if (random.nextInt(5) == 0) {
                var unused = client.account("record:a" + from);
            } else if (from != to) {
                LedgerClient.Transfer transfer = new LedgerClient.Transfer(
                        new UUID(random.nextLong(), random.nextLong()),
                        "record:a" + from,
                        "record:a" + to,
                        1 + random.nextInt(500),
                        ASSET);
                long sent = System.nanoTime();
                boolean ok = client.transfer(transfer).accepted();
                took((System.nanoTime() - sent) / 1000, ok);
            }
            double wave = 1 + 0.3 * Math.sin((System.nanoTime() - began) / 1e9 / WAVE_SECONDS * 2 * Math.PI);
            next = Math.max(System.nanoTime(), next + (long) (PACE_NANOS / (factor * wave)));
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private synchronized void took(long duration, boolean ok) {
        long now = System.currentTimeMillis() / 1000;
        if (now != second) {
            roll();
            second = now;
        }
        if (!ok) {
            failed += open ? 1 : 0;
            return;
        }
        if (accepted == micros.length) {
            micros = Arrays.copyOf(micros, 2 * micros.length);
        }
        micros[accepted++] = duration;
    }

    private void roll() {
        if (accepted + failed > 0) {
            long[] sorted = Arrays.copyOf(micros, accepted);
            Arrays.sort(sorted);
            seconds.add(new Second(
                    second,
                    accepted,
                    failed,
                    accepted == 0 ? 0 : sorted[accepted / 2] / 1e3,
                    accepted == 0 ? 0 : sorted[(int) Math.ceil(0.99 * accepted) - 1] / 1e3));
        }
        accepted = 0;
        failed = 0;
    }

    /** Whether clients have seen a whole second with an accepted write. */
    synchronized boolean seen() {
        return seconds.stream().anyMatch(one -> one.accepted() > 0);
    }

    /** Median of the seconds' medians so far, in milliseconds. */
    synchronized double medianMillis() {
        double[] medians = seconds.stream()
                .filter(s -> s.accepted() > 0)
                .mapToDouble(Second::p50)
                .sorted()
                .toArray();
        return medians.length == 0 ? 0 : medians[medians.length / 2];
    }

    /** A line for each second: what clients saw. */
    synchronized void write(Path file) throws IOException {
        roll();
        try (Writer out = Files.newBufferedWriter(file)) {
            out.write("second,accepted,failed,p50_ms,p99_ms\n");
            for (Second one : seconds) {
                out.write(String.format(
                        Locale.ROOT,
                        "%d,%d,%d,%.3f,%.3f%n",
                        one.at(),
                        one.accepted(),
                        one.failed(),
                        one.p50(),
                        one.p99()));
            }
        }
    }

    @Override
    public void close() {
        open = false;
        threads.shutdownNow();
        try {
            var unused = threads.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
