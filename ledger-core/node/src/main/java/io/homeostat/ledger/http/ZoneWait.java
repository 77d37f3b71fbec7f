package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.Committed;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Waits until an entry is known to be synced in as many zones as a client demands, but not for ever: the entry is committed
 * whatever comes of it, so the client is told how far it got.
 *
 * <p>Thread-safe. Those who wait are admitted requests, whose number is bounded.
 */
final class ZoneWait {
    /** Shorter than a client's attempt, so that it hears of the commit rather than of nothing. */
    static final Duration LONGEST = Duration.ofSeconds(1);

    /** A follower in another zone answers within a few milliseconds of the majority, or it is in trouble. */
    private static final long LOOK_MILLIS = 5;

    private final Map<String, String> zones;
    private final LongFunction<List<String>> heldBy;

    /** @param heldBy nodes known to have synced the log up to an index */
    ZoneWait(Map<String, String> zones, LongFunction<List<String>> heldBy) {
        this.zones = zones;
        this.heldBy = heldBy;
    }

    /** Zones that there are. */
    int most() {
        return new HashSet<>(zones.values()).size();
    }

    int reached(Committed committed) {
        Set<String> reached = new HashSet<>();
        for (String id : committed.heldBy()) {
            String zone = zones.get(id);
            if (zone != null) {
                reached.add(zone);
            }
        }
        return reached.size();
    }

    /** Completes when the demand is met or {@link #LONGEST} has passed, with who holds it then. */
    CompletableFuture<Committed> reach(Committed committed, int demanded) {
        CompletableFuture<Committed> reached = new CompletableFuture<>();
        look(committed, demanded, System.nanoTime() + LONGEST.toNanos(), reached);
        return reached;
    }

    private void look(Committed committed, int demanded, long deadlineNanos, CompletableFuture<Committed> result) {
        if (reached(committed) >= demanded || System.nanoTime() - deadlineNanos >= 0) {
            result.complete(committed);
            return;
        }
        Executor later = CompletableFuture.delayedExecutor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        later.execute(() -> look(
                new Committed(
                        committed.raftIndex(),
                        committed.outcomes(),
                        heldBy.apply(committed.raftIndex()),
                        committed.timing()),
                demanded,
                deadlineNanos,
                result));
    }
}
