package io.homeostat.detector.stream;

import io.homeostat.detector.model.StreamState;

/** All that a {@link StreamScorer} remembers. A Flink POJO: public, mutable; owned by one thread. */
public class ScorerState {
    public StreamState stream = new StreamState();
    public TailState tail = new TailState();
    /** True while an alarm is open. */
    public boolean open;
    /** Rows taken in since the end of training. */
    public long rows;
    /** Row at which the open or the last episode began; -1 before the first. */
    public long openedAt = -1;
    /** Row at which the last episode ended; -1 before the first. */
    public long closedAt = -1;
    /** Rows in a row below the closing level. */
    public int quiet;
}
