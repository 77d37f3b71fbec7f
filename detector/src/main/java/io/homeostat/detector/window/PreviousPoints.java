package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.HashMap;
import java.util.Map;

/** Last points of a node's cumulative series. A Flink POJO: public, mutable, flat. */
public class PreviousPoints {
    /** By signal and series. */
    public Map<String, Sample> points = new HashMap<>();
}
