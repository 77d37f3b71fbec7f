package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;

import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.testing.RandomTransfers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Applies batches of 1000 transfers on 100 000 accounts (or as many as the argument says), leaves and tree included, on one
 * thread, and prints transfers per second and what a snapshot costs that thread. Not a test: its figures mean something on a
 * quiet machine only; CPU is less disturbed.
 */
final class LedgerBenchmark {
    private static final int BATCH = 1000;
    private static final int PREPARED = 200;
    private static final int ROUNDS = 10;

    private LedgerBenchmark() {}

    public static void main(String[] args) throws IOException {
        int accountCount = args.length == 0 ? 100_000 : Integer.parseInt(args[0]);
        Path directory = Files.createTempDirectory("ledger-benchmark");
        try (Ledger ledger = Ledger.open(directory, GENESIS, "n1", LedgerStateLimits.defaults())) {
            long index = 0;
            long time = 1_700_000_000_000_000L;
            ledger.apply(++index, new Command.Batch(time, List.of(new Command.Begin(GENESIS.body()))));
            for (int from = 0; from < accountCount; from += BATCH) {
                List<Command> accounts = new ArrayList<>();
                for (int i = from; i < from + BATCH; i++) {
                    accounts.add(new Command.CreateAccount("account-" + i, "EUR", 2, AccountClass.CUSTOMER, false));
                }
                ledger.apply(++index, new Command.Batch(++time, accounts));
            }
            Random random = new Random(7);
            for (int round = 0; round < ROUNDS; round++) {
                List<byte[]> entries = new ArrayList<>();
                for (int i = 0; i < PREPARED; i++) {
                    entries.add(CommandCodec.encode(
                            new Command.Batch(time, RandomTransfers.batch(random, BATCH, accountCount, "client"))));
                }
                long wall = System.nanoTime();
                long before = cpuNanos();
                long decoding = 0;
                for (byte[] bytes : entries) {
                    time += 2000;
                    CommandCodec.stamp(bytes, time);
                    long start = cpuNanos();
                    Entry entry = CommandCodec.read(ByteBuffer.wrap(bytes));
                    decoding += cpuNanos() - start;
                    ledger.apply(++index, entry);
                }
                long cpu = cpuNanos() - before;
                System.out.printf(
                        Locale.ROOT,
                        "round %d: transfers/s=%d cpu_us/transfer=%.3f of_it_decoding=%.3f entry_bytes=%d journal=%d%n",
                        round,
                        Math.round(1e9 * PREPARED * BATCH / (System.nanoTime() - wall)),
                        cpu / 1e3 / PREPARED / BATCH,
                        decoding / 1e3 / PREPARED / BATCH,
                        entries.get(0).length,
                        ledger.journalSize());
            }
            for (int i = 0; i < 5; i++) {
                long freezing = System.nanoTime();
                try (LedgerImage image = ledger.freeze()) {
                    System.out.printf(
                            Locale.ROOT,
                            "freeze at %d: %.1f ms%n",
                            image.raftIndex(),
                            (System.nanoTime() - freezing) / 1e6);
                }
            }
            long snapshot = System.nanoTime();
            Path file = directory.resolve("snapshot");
            try (var out = Files.newOutputStream(file)) {
                ledger.writeSnapshot(out);
            }
            System.out.printf(
                    Locale.ROOT,
                    "snapshot: %,d bytes in %.0f ms%n",
                    Files.size(file),
                    (System.nanoTime() - snapshot) / 1e6);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted((a, b) -> b.compareTo(a))
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
