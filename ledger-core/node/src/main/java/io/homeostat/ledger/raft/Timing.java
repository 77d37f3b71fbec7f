package io.homeostat.ledger.raft;

/**
 * When a request's commands went from one part to the next, each as {@link System#nanoTime()}; 0 where that is not known.
 *
 * @param queued waiting for a place in an entry
 * @param sent to be replicated, together with others
 * @param applying on this node, the entry being committed
 * @param applied the whole entry
 */
public record Timing(long queued, long sent, long applying, long applied) {
    Timing queuedAt(long nanos) {
        return new Timing(nanos, sent, applying, applied);
    }
}
