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
    /** Newest row of the open or the last episode that was odd; -1 before the first. */
    public long oddAt = -1;
}
