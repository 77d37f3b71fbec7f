package io.homeostat.agent.reflex;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a reflex is decided by.
 *
 * @param held the node is fenced, or the agent stops
 * @param actionRunning an order is being carried out
 * @param processAlive the node's process exists
 * @param endedAt when the process last ended, {@link Instant#EPOCH} when it never did
 * @param gate the gate in the last answer that the node ever gave, empty when it gave none
 * @param deadLogProbes answers in a row, up to the newest, that said the Raft log is dead
 * @param attempts times of earlier restarts by reflex, in any order
 */
public record ReflexView(
        boolean held,
        boolean actionRunning,
        boolean processAlive,
        Instant endedAt,
        String gate,
        int deadLogProbes,
        List<Instant> attempts) {
    public ReflexView {
        Objects.requireNonNull(endedAt, "endedAt");
        Objects.requireNonNull(gate, "gate");
        attempts = List.copyOf(attempts);
    }
}
