package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** {@link WindowStore} in Flink's state of the current key. Owned by the task's thread. */
final class KeyedWindows implements WindowStore {
    private final MapState<Long, OpenWindow> open;
    private final ValueState<PreviousPoints> previous;

    KeyedWindows(RuntimeContext context) {
        open = context.getMapState(new MapStateDescriptor<>("open", Types.LONG, TypeInformation.of(OpenWindow.class)));
        previous = context.getState(new ValueStateDescriptor<>("previous", TypeInformation.of(PreviousPoints.class)));
    }

    @Override
    public OpenWindow open(long start) {
        try {
            OpenWindow window = open.get(start);
            return window == null ? new OpenWindow() : window;
        } catch (Exception e) {
            throw unreadable(e);
        }
    }

    @Override
    public void put(long start, OpenWindow window) {
        try {
            open.put(start, window);
        } catch (Exception e) {
            throw unreadable(e);
        }
    }

    @Override
    public void remove(long start) {
        try {
            open.remove(start);
        } catch (Exception e) {
            throw unreadable(e);
        }
    }

    @Override
    public Map<String, Sample> previous() {
        try {
            PreviousPoints points = previous.value();
            return points == null ? new PreviousPoints().points : points.points;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public void putPrevious(Map<String, Sample> points) {
        try {
            PreviousPoints changed = new PreviousPoints();
            changed.points = points;
            previous.update(changed);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Flink declares Exception; the task ends and starts again from its checkpoint. */
    private static UncheckedIOException unreadable(Exception cause) {
        return new UncheckedIOException(new IOException("the state of windows can not be read or written", cause));
    }
}
