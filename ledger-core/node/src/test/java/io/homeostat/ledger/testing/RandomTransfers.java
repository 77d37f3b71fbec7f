package io.homeostat.ledger.testing;

import io.homeostat.ledger.state.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Plain transfers between accounts {@code account-0}, {@code account-1}, ...: equal generators give equal ones. */
public final class RandomTransfers {
    private RandomTransfers() {}

    public static List<Command> batch(Random random, int size, int accounts, String requester) {
        List<Command> batch = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            int debit = random.nextInt(accounts);
            int credit = (debit + 1 + random.nextInt(accounts - 1)) % accounts;
            batch.add(new Command.CreateTransfer(
                    new UUID(random.nextLong(), random.nextLong()),
                    "account-" + debit,
                    "account-" + credit,
                    "EUR",
                    1 + random.nextInt(9_000),
                    false,
                    0,
                    requester));
        }
        return batch;
    }
}
