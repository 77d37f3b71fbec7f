package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.Map;

/**
 * What windowing remembers of one node between samples: on the heap ({@link WindowState}) or in Flink's state, where each
 * open window is an entry of its own, so that a batch rewrites its second and nothing else. Owned by one thread.
 */
public interface WindowStore {
    /** The samples of a window, none when nothing came for it yet. What is changed in it counts after {@link #put}. */
    OpenWindow open(long start);

    void put(long start, OpenWindow window);

    void remove(long start);

    /** Last point of each cumulative series, by signal and series. Changes count after {@link #putPrevious}. */
    Map<String, Sample> previous();

    void putPrevious(Map<String, Sample> previous);
}
