package io.homeostat.detector.window;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.SignalCatalog;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Event-time windows of one second per node. A window ends when the watermark passes it; a violated early rule is passed
 * on at once. Flink gives each key its own state, one thread at a time.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
public final class FeatureWindow extends KeyedProcessFunction<String, NodeSamples, NodeWindow> {
    private static final long serialVersionUID = 1L;

    private final SignalCatalog catalog;
    private final WindowLimits limits;
    private transient FeatureAccumulator accumulator;
    private transient ValueState<WindowState> windows;
    private transient Counter late;
    private transient Counter dropped;

    public FeatureWindow(SignalCatalog catalog, WindowLimits limits) {
        this.catalog = catalog;
        this.limits = limits;
    }

    @Override
    public void open(OpenContext context) {
        accumulator = new FeatureAccumulator(catalog, limits);
        windows = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("windows", TypeInformation.of(WindowState.class)));
        late = getRuntimeContext().getMetricGroup().counter("detector.samples.late");
        dropped = getRuntimeContext().getMetricGroup().counter("detector.samples.dropped");
    }

    @Override
    public void processElement(NodeSamples batch, Context context, Collector<NodeWindow> out) throws Exception {
        WindowState state = windows.value() == null ? new WindowState() : windows.value();
        FeatureAccumulator.Added added =
                accumulator.add(state, batch, context.timerService().currentWatermark());
        late.inc(added.late());
        dropped.inc(added.dropped());
        Optional<NodeWindow> early = accumulator.early(state, batch.node(), added.windowStart(), batch.timeMillis());
        early.ifPresent(out::collect);
        windows.update(state);
        context.timerService().registerEventTimeTimer(added.windowStart() + FeatureAccumulator.WINDOW_MILLIS - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<NodeWindow> out) throws Exception {
        WindowState state = windows.value();
        if (state != null) {
            out.collect(accumulator.close(
                    state, context.getCurrentKey(), timestamp + 1 - FeatureAccumulator.WINDOW_MILLIS));
            windows.update(state);
        }
    }
}
