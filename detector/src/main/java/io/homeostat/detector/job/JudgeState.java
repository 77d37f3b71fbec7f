package io.homeostat.detector.job;

import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.shadow.ShadowState;
import io.homeostat.detector.verdict.ClusterTrack;
import java.util.ArrayList;
import java.util.List;

/** All that the judge remembers over a checkpoint. A Flink POJO: public, mutable, flat; owned by one thread. */
public class JudgeState {
    public ClusterTrack cluster = new ClusterTrack();
    /** Nodes that ever sent a window: those whose windows may wait for the end of their second. */
    public List<String> reporting = new ArrayList<>();
    /** End of the newest judged second. */
    public long judgedMillis = Long.MIN_VALUE;
    /** Clean windows while there is no model. */
    public List<BaselineRow> baseline = new ArrayList<>();
    /** Seconds that gave at least one baseline row. */
    public int baselineSeconds;
    /** The model as protobuf, empty before the first. */
    public byte[] model = {};
    /** The adaptive mean of the model. */
    public double[] center = {};
    /** The challenger that scores beside the model. */
    public ShadowState shadow = new ShadowState();
    /** Seconds in a row in which most nodes were unlike the baseline. */
    public int unlikeSeconds;
}
