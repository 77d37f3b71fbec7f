package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/** Last points of a node's cumulative series. Mutable. */
@TypeInfo(PreviousPointsForm.class)
public class PreviousPoints {
    /** By signal and series. */
    public Map<String, Sample> points = new HashMap<>();
}
