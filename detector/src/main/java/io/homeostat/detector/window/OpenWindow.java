package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.ArrayList;
import java.util.List;

/** The samples of a window that has not ended. A Flink POJO: a list inside a map would fall to Kryo. */
public class OpenWindow {
    public List<Sample> samples = new ArrayList<>();
}
