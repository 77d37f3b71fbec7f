package io.homeostat.ledger.raft;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent reads share one read index round. A read may only use a round that began after the read did, so those
 * that come while a round is under way share the next one.
 *
 * <p>Thread-safe. At most one round runs and one waits.
 */
final class ReadBarrier {
    private final Supplier<CompletableFuture<Void>> round;
    private @Nullable CompletableFuture<Void> next;
    private boolean running;

    /** @param round starts a round; it must complete, also in failure */
    ReadBarrier(Supplier<CompletableFuture<Void>> round) {
        this.round = round;
    }

    /** Completes when the local state holds everything that was acknowledged anywhere before this call. */
    CompletableFuture<Void> pass() {
        CompletableFuture<Void> mine;
        synchronized (this) {
            if (next == null) {
                next = new CompletableFuture<>();
            }
            mine = next;
            if (running) {
                return mine;
            }
            running = true;
            next = null;
        }
        run(mine);
        return mine;
    }

    private void run(CompletableFuture<Void> waiting) {
        round.get().whenComplete((nothing, failure) -> {
            CompletableFuture<Void> following;
            synchronized (this) {
                following = next;
                next = null;
                running = following != null;
            }
            if (following != null) {
                run(following);
            }
            if (failure == null) {
                waiting.complete(null);
            } else {
                waiting.completeExceptionally(failure);
            }
        });
    }
}
