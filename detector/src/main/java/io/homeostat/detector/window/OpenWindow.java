package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.ArrayList;
import java.util.List;

/** A window that has not ended. A Flink POJO: public, mutable, flat. */
public class OpenWindow {
    public List<Sample> samples = new ArrayList<>();
    /** Signals whose rules were reported early. */
    public List<String> reported = new ArrayList<>();
}
