package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;

import io.homeostat.ledger.state.Command.AccountClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Applies batches of 1000 transfers on 100 000 accounts, leaves and tree included, on one thread, and prints transfers per
 * second. Not a test: its figures mean something on a quiet machine only.
 */
final class LedgerBenchmark {
    private static final int ACCOUNTS = 100_000;
    private static final int BATCH = 1000;
    private static final int PREPARED = 200;
    private static final int ROUNDS = 10;

    private LedgerBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("ledger-benchmark");
        try (Ledger ledger = Ledger.open(directory, GENESIS, "n1", LedgerStateLimits.defaults())) {
            long index = 0;
            long time = 1_700_000_000_000_000L;
            ledger.apply(++index, new Command.Batch(time, List.of(new Command.Begin(GENESIS.body()))));
            for (int from = 0; from < ACCOUNTS; from += BATCH) {
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
                    entries.add(CommandCodec.encode(new Command.Batch(time, transfers(random))));
                }
                long decoding = System.nanoTime();
                List<Command.Batch> batches = new ArrayList<>();
                for (byte[] entry : entries) {
                    batches.add(CommandCodec.decode(entry));
                }
                long applying = System.nanoTime();
                for (Command.Batch batch : batches) {
                    time += 2000;
                    ledger.apply(++index, new Command.Batch(time, batch.commands()));
                }
                long end = System.nanoTime();
                System.out.printf(
                        Locale.ROOT,
                        "round %d: decode %,.0f transfers/s, apply %,.0f transfers/s, entry %,d bytes, journal %,d leaves%n",
                        round,
                        1e9 * PREPARED * BATCH / (applying - decoding),
                        1e9 * PREPARED * BATCH / (end - applying),
                        entries.get(0).length,
                        ledger.journalSize());
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

    private static List<Command> transfers(Random random) {
        List<Command> transfers = new ArrayList<>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            int debit = random.nextInt(ACCOUNTS);
            int credit = (debit + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            transfers.add(new Command.CreateTransfer(
                    new UUID(random.nextLong(), random.nextLong()),
                    "account-" + debit,
                    "account-" + credit,
                    "EUR",
                    1 + random.nextInt(9_000),
                    false,
                    0,
                    "client"));
        }
        return transfers;
    }
}
