package io.homeostat.ledger.raft;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Which of several members may take over leadership: the first that does not say that it gives no vote (ADR 0023). Ratis would
 * hold up the leader's writes for the whole time of the transfer before it learned that such a node does not stand for election;
 * asking costs a round trip and holds up nothing. Thread-safe.
 */
final class Succession {
    private final Function<String, CompletableFuture<Boolean>> votes;

    /** @param votes asks a member whether it takes part in elections; may fail, and completes within a limit of its own */
    Succession(Function<String, CompletableFuture<Boolean>> votes) {
        this.votes = votes;
    }

    /** Completes with the first candidate that may lead; a member that does not answer may, as far as is known. */
    CompletableFuture<String> choose(List<String> candidates) {
        return choose(candidates, 0);
    }

    private CompletableFuture<String> choose(List<String> candidates, int at) {
        if (at == candidates.size()) {
            return CompletableFuture.failedFuture(new NotCommitted(
                    NotCommitted.Kind.REFUSED,
                    "target_votes_withheld",
                    "of " + candidates + " none takes part in elections yet: such a node began with an empty folder and"
                            + " votes, and may lead, once the majority has attested its digest; wait for that, or choose"
                            + " another node"));
        }
        String candidate = candidates.get(at);
        return votes.apply(candidate)
                .exceptionally(failure -> true)
                .thenCompose(may -> may ? CompletableFuture.completedFuture(candidate) : choose(candidates, at + 1));
    }
}
