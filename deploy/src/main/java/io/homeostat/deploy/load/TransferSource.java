package io.homeostat.deploy.load;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Where transfers come from, one after the other. Not thread-safe: one thread draws. */
public interface TransferSource {
    /** The next transfer; nothing when the source is at its end, and then for ever. */
    Optional<TransferRow> next();

    /** All of the first source, then all of the second. */
    static TransferSource inOrder(TransferSource first, TransferSource second) {
        return () -> {
            Optional<TransferRow> row = first.next();
            return row.isPresent() ? row : second.next();
        };
    }

    /**
     * Endless transfers between random accounts, 1.00 to 250.00 each; the same seed gives the same transfers.
     *
     * @param accounts at least two
     */
    static TransferSource seeded(long seed, List<String> accounts, String asset) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> ids = List.copyOf(accounts);
        return () -> {
            int from = random.nextInt(ids.size());
            int to = (from + 1 + random.nextInt(ids.size() - 1)) % ids.size();
            return Optional.of(new TransferRow(ids.get(from), ids.get(to), random.nextLong(100, 25_001), asset));
        };
    }
}
