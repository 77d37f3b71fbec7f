package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What one node told in one window, flat for Flink.
 *
 * @param startMillis inclusive, a multiple of the window's length
 * @param endMillis exclusive
 * @param early true for a look into a window that is still open, made because a rule is violated
 * @param atMillis event time at which this was known: the window's end, or the newest sample when early
 * @param values value by signal; a signal without points in the window is absent
 * @param samples the raw samples that the values were made of
 * @param before the last point before the window of each counter and histogram in it: growth is measured from there
 */
@TypeInfo(NodeWindowForm.class)
public record NodeWindow(
        String node,
        long startMillis,
        long endMillis,
        boolean early,
        long atMillis,
        Map<String, Double> values,
        List<Sample> samples,
        List<Sample> before) {}
