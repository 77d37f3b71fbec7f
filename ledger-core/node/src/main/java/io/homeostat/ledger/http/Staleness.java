package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.RaftStatus;
import java.time.Instant;

/**
 * How old an answer from this node's own state may be: the newest leaf it knows, the committed entries it knows of and has
 * not applied, and the time since its newest batch. The leader lets time pass at least every quarter of a second, so a larger
 * age means that the node is behind or cut off; both clocks take part in it.
 *
 * @param index sequence of the newest leaf, -1 when there is none
 */
record Staleness(long index, long lagEntries, long ageMillis) {
    /** Told with every answer that was not confirmed by a majority. */
    static final String HEADER = "Homeostat-Staleness";

    /** Request header: {@code local} asks a linearizable route to answer from this node's own state. */
    static final String CONSISTENCY = "Homeostat-Consistency";

    private static final long MICROS_PER_MILLI = 1000;

    static Staleness of(NodeServices node) {
        RaftStatus raft = node.status().get();
        long time = node.ledger().timeMicros();
        long age = time == 0 ? -1 : Math.max(0, Instant.now().toEpochMilli() - time / MICROS_PER_MILLI);
        return new Staleness(
                node.ledger().journalSize() - 1, Math.max(0, raft.leaderCommitIndex() - raft.appliedIndex()), age);
    }

    String text() {
        return "index=" + index + ", lag=" + lagEntries + ", age_ms=" + ageMillis;
    }
}
