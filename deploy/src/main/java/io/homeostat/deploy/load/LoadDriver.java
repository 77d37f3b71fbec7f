package io.homeostat.deploy.load;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Offers transfers of one source, in bulk or at a steady rate, makes the accounts that they need, and remembers every
 * acknowledged id.
 *
 * <p>Thread-safe: one batch is under way at a time.
 */
public final class LoadDriver implements AutoCloseable {
    private final TransferDoor door;
    private final TransferSource source;
    private final Supplier<UUID> ids;
    private final LoadLimits limits = LoadLimits.DEFAULT;
    private final Set<String> known = new HashSet<>();
    private final Set<UUID> acknowledged = new HashSet<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "load");
        thread.setDaemon(true);
        return thread;
    });
    private long offered;
    private long rejected;
    private long unknown;
    private double due;
    private @Nullable ScheduledFuture<?> steady;
    private @Nullable RuntimeException failure;

    public LoadDriver(TransferDoor door, TransferSource source, Supplier<UUID> ids) {
        this.door = door;
        this.source = source;
        this.ids = ids;
    }

    /** Accounts that exist already are not made again. */
    public synchronized void alreadyMade(List<String> accounts) {
        known.addAll(accounts);
    }

    /** Offers up to {@code count} transfers as fast as the ledger takes them; returns how many the source had. */
    public long bulk(long count) {
        long sent = 0;
        while (sent < count) {
            int size = batch((int) Math.min(limits.bulkBatch(), count - sent));
            if (size == 0) {
                return sent;
            }
            sent += size;
        }
        return sent;
    }

    /** From now on offers so many transfers a second, in small batches, until {@link #pause()}. */
    public synchronized void steady(int perSecond) {
        pause();
        steady = scheduler.scheduleAtFixedRate(
                () -> tick((double) perSecond / limits.ticksPerSecond()),
                0,
                1_000_000 / limits.ticksPerSecond(),
                TimeUnit.MICROSECONDS);
    }

    public synchronized void pause() {
        if (steady != null) {
            steady.cancel(false);
            steady = null;
        }
    }

    private synchronized void tick(double share) {
        if (steady == null || failure != null) {
            return;
        }
        due = Math.min(due + share, limits.bulkBatch());
        int count = (int) due;
        due -= count;
        try {
            if (count > 0) {
                batch(count);
            }
        } catch (RuntimeException e) {
            // Kept for the story's thread, which asks at its end; a scheduler would swallow it.
            failure = e;
        }
    }

    private synchronized int batch(int count) {
        List<TransferDoor.Offer> offers = new ArrayList<>(count);
        Map<String, TransferDoor.Account> fresh = new LinkedHashMap<>();
        for (Optional<TransferRow> row = source.next(); row.isPresent(); row = source.next()) {
            TransferRow transfer = row.get();
            note(fresh, transfer.from(), transfer.asset());
            note(fresh, transfer.to(), transfer.asset());
            offers.add(new TransferDoor.Offer(ids.get(), transfer));
            if (offers.size() == count) {
                break;
            }
        }
        if (offers.isEmpty()) {
            return 0;
        }
        createAll(List.copyOf(fresh.values()));
        record(offers, door.offer(offers));
        return offers.size();
    }

    /** History begins without opening balances, so every account of it may be overdrawn. */
    private void note(Map<String, TransferDoor.Account> fresh, String id, String asset) {
        if (!known.contains(id)) {
            fresh.putIfAbsent(
                    id,
                    new TransferDoor.Account(
                            id,
                            asset,
                            AccountIds.external(id)
                                    ? TransferDoor.AccountKind.EXTERNAL
                                    : TransferDoor.AccountKind.CUSTOMER,
                            true));
        }
    }

    private void createAll(List<TransferDoor.Account> accounts) {
        for (int from = 0; from < accounts.size(); from += limits.accountsBatch()) {
            List<TransferDoor.Account> part =
                    accounts.subList(from, Math.min(accounts.size(), from + limits.accountsBatch()));
            door.create(part);
            part.forEach(account -> known.add(account.id()));
        }
    }

    private void record(List<TransferDoor.Offer> offers, List<TransferDoor.Verdict> verdicts) {
        if (verdicts.size() != offers.size()) {
            throw new IllegalStateException(
                    "expected " + offers.size() + " verdicts of a batch but found " + verdicts.size());
        }
        if (acknowledged.size() + offers.size() > limits.maxRemembered()) {
            throw new IllegalStateException("at most " + limits.maxRemembered()
                    + " acknowledged transfers are remembered; give a smaller file");
        }
        for (int i = 0; i < offers.size(); i++) {
            offered++;
            switch (verdicts.get(i)) {
                case ACKNOWLEDGED -> acknowledged.add(offers.get(i).id());
                case REJECTED -> rejected++;
                case UNKNOWN -> unknown++;
            }
        }
    }

    /** Counts so far; a failure of the steady phase comes out here. */
    public synchronized Counts counts() {
        if (failure != null) {
            throw new IllegalStateException("the load stopped: " + failure.getMessage(), failure);
        }
        return new Counts(offered, acknowledged.size(), rejected, unknown);
    }

    /** A copy of the ids that must never be lost. */
    public synchronized Set<UUID> acknowledged() {
        return new HashSet<>(acknowledged);
    }

    @Override
    public void close() {
        pause();
        scheduler.shutdownNow();
    }

    /** @param unknown offers that nobody answered in time; they may or may not have been posted */
    public record Counts(long offered, long acknowledged, long rejected, long unknown) {}
}
