package io.homeostat.detector.shadow;

import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.StreamState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the shadow remembers over a checkpoint. A Flink POJO: public, mutable, flat; owned by one thread. */
public class ShadowState {
    /** Clean windows while there is no challenger. */
    public List<BaselineRow> rows = new ArrayList<>();
    /** Seconds that gave at least one row. */
    public int seconds;
    /** The challenger as protobuf, empty before the first. */
    public byte[] model = {};
    /** Names of its columns, in order. */
    public List<String> columns = new ArrayList<>();
    /** Score above which it would warn. */
    public double threshold;
    /** Where the challenger stands in the stream of each node. */
    public Map<String, StreamState> streams = new HashMap<>();
    /** True when a person has retired the challenger: none is trained any more. */
    public boolean off;

    public String champion = "";
    public String challenger = "";
    public long fromMillis;
    public long untilMillis;
    /** Windows of one node that both scored. */
    public long windows;
    /** Windows that both find odd, and only one of them. */
    public long both;

    public long onlyChampion;
    public long onlyChallenger;
    /** Alerts of the champion since, and those in whose window the challenger found the node odd too. */
    public long alerts;

    public long alertsShared;
}
