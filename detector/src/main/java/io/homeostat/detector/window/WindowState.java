package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.HashMap;
import java.util.Map;

/** {@link WindowStore} on the heap, for whatever runs without Flink. */
public final class WindowState implements WindowStore {
    final Map<Long, OpenWindow> open = new HashMap<>();
    Map<String, Sample> previous = new HashMap<>();

    @Override
    public OpenWindow open(long start) {
        return open.getOrDefault(start, new OpenWindow());
    }

    @Override
    public void put(long start, OpenWindow window) {
        open.put(start, window);
    }

    @Override
    public void remove(long start) {
        open.remove(start);
    }

    @Override
    public Map<String, Sample> previous() {
        return previous;
    }

    @Override
    public void putPrevious(Map<String, Sample> points) {
        previous = points;
    }
}
