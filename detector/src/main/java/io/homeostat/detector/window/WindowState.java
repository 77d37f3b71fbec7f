package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What windowing remembers of one node between samples. A Flink POJO: public, mutable, flat; owned by one thread. */
public class WindowState {
    /** Samples by start of their window. */
    public Map<Long, OpenWindow> open = new HashMap<>();
    /** Last point of each cumulative series, by signal and series. */
    public Map<String, Sample> previous = new HashMap<>();
    /** Rules that were reported early, as {@code start/signal}. */
    public List<String> reported = new ArrayList<>();
}
