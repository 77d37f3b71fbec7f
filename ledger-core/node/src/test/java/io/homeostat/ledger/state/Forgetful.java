package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;

import io.homeostat.ledger.testing.MemoryRowArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that keeps only some transfers in memory, and now and then begins again from its last snapshot. The copy of its
 * old transfers is made late, so that it holds more than the snapshot.
 */
final class Forgetful implements AutoCloseable {
    private final Path folder;
    private final LedgerStateLimits limits;
    private final Random random;
    private final int oneIn;
    private final boolean real;
    private final List<Command.Batch> log = new ArrayList<>();
    private Ledger ledger;
    private @Nullable LedgerImage image;
    private int imageAt;
    private byte @Nullable [] snapshot;
    private @Nullable Path old;
    private int snapshotAt;
    private int snapshots;
    private int restarts;

    /** @param oneIn restarts once in so many batches */
    Forgetful(Path folder, int recent, int oneIn, long seed) {
        this.folder = folder;
        this.oneIn = oneIn;
        this.limits = LedgerStateLimits.defaults().withRecentTransfers(recent);
        this.random = new Random(seed);
        this.real = random.nextInt(4) == 0;
        this.ledger = open();
    }

    /** Some with the real index; the others with one in memory, which takes less time. */
    private Ledger open() {
        return real
                ? Ledger.open(folder, GENESIS, "n2", limits)
                : Ledger.open(folder, new MemoryRowArchive(random.nextInt(3)), GENESIS, "n2", limits);
    }

    Ledger ledger() {
        return ledger;
    }

    int restarts() {
        return restarts;
    }

    List<Command.Outcome> apply(int index, Command.Batch batch) throws IOException {
        List<Command.Outcome> outcomes = ledger.apply(index, batch);
        log.add(batch);
        switch (random.nextInt(oneIn)) {
            case 0 -> {
                if (image == null) {
                    image = ledger.freeze();
                    imageAt = index;
                }
            }
            case 1, 2 -> write();
            case 3 -> restart();
            default -> {}
        }
        return outcomes;
    }

    private void write() throws IOException {
        if (image == null) {
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LedgerImage frozen = image) {
            frozen.write(out);
            old = null;
            if (frozen.hasOldTransfers()) {
                old = folder.resolveSibling(folder.getFileName() + "-copy-" + snapshots++);
                frozen.writeOldTransfers(old);
            }
        }
        snapshot = out.toByteArray();
        snapshotAt = imageAt;
        image = null;
    }

    /** As after a kill: nothing of the live index is used again. */
    private void restart() throws IOException {
        if (snapshot == null) {
            return;
        }
        if (image != null) {
            image.close();
            image = null;
        }
        ledger.close();
        restarts++;
        ledger = open();
        ledger.restore(new ByteArrayInputStream(snapshot), old, true);
        for (int i = snapshotAt; i < log.size(); i++) {
            ledger.apply(i + 1, log.get(i));
        }
    }

    @Override
    public void close() {
        if (image != null) {
            image.close();
        }
        ledger.close();
    }
}
