package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * {@link WindowStore} in Flink's keyed state, with what was touched since the last checkpoint in memory: a node writes its
 * second some times, and a checkpoint needs it once. {@link #select} comes before everything else, {@link #writeBack} before
 * each checkpoint. Owned by the task's thread.
 */
final class KeyedWindows implements WindowStore {
    private final MapState<Long, OpenWindow> open;
    private final ValueState<PreviousPoints> previous;
    private final Map<String, Touched> touched = new HashMap<>();
    private @Nullable Touched selected;

    /** A node since the last checkpoint. What is handed to Flink's state is given up with this. */
    private static final class Touched {
        private final Map<Long, OpenWindow> open = new HashMap<>();
        private final Set<Long> stored = new HashSet<>();
        private final Set<Long> changed = new HashSet<>();
        private Map<String, Sample> previous = new HashMap<>();
        private boolean previousChanged;
    }

    KeyedWindows(RuntimeContext context) {
        open = context.getMapState(new MapStateDescriptor<>("open", Types.LONG, TypeInformation.of(OpenWindow.class)));
        previous = context.getState(new ValueStateDescriptor<>("previous", TypeInformation.of(PreviousPoints.class)));
    }

    /** The node whose key Flink has set. */
    void select(String node) {
        Touched known = touched.get(node);
        if (known == null) {
            known = read();
            touched.put(node, known);
        }
        selected = known;
    }

    /** Nodes in memory. */
    int size() {
        return touched.size();
    }

    /** Writes what has changed to Flink's state and forgets it here; {@code key} sets Flink's key. */
    void writeBack(Consumer<String> key) {
        touched.forEach((node, changes) -> {
            key.accept(node);
            write(changes);
        });
        touched.clear();
        selected = null;
    }

    private Touched read() {
        try {
            Touched read = new Touched();
            for (Map.Entry<Long, OpenWindow> entry : open.entries()) {
                read.open.put(entry.getKey(), entry.getValue());
                read.stored.add(entry.getKey());
            }
            PreviousPoints points = previous.value();
            if (points != null) {
                read.previous = points.points;
            }
            return read;
        } catch (Exception e) {
            throw unreadable(e);
        }
    }

    private void write(Touched changes) {
        try {
            for (long start : changes.stored) {
                if (!changes.open.containsKey(start)) {
                    open.remove(start);
                }
            }
            for (long start : changes.changed) {
                OpenWindow window = changes.open.get(start);
                if (window != null) {
                    open.put(start, window);
                }
            }
            if (changes.previousChanged) {
                PreviousPoints points = new PreviousPoints();
                points.points = changes.previous;
                previous.update(points);
            }
        } catch (Exception e) {
            throw unreadable(e);
        }
    }

    private Touched selected() {
        Touched node = selected;
        if (node == null) {
            throw new IllegalStateException("a node must be selected before its windows are read");
        }
        return node;
    }

    @Override
    public OpenWindow open(long start) {
        OpenWindow window = selected().open.get(start);
        return window == null ? new OpenWindow() : window;
    }

    @Override
    public void put(long start, OpenWindow window) {
        selected().open.put(start, window);
        selected().changed.add(start);
    }

    @Override
    public void remove(long start) {
        selected().open.remove(start);
        selected().changed.remove(start);
    }

    @Override
    public Map<String, Sample> previous() {
        return selected().previous;
    }

    @Override
    public void putPrevious(Map<String, Sample> points) {
        selected().previous = points;
        selected().previousChanged = true;
    }

    /** Flink declares Exception; the task ends and starts again from its checkpoint. */
    private static UncheckedIOException unreadable(Exception cause) {
        return new UncheckedIOException(new IOException("the state of windows can not be read or written", cause));
    }
}
