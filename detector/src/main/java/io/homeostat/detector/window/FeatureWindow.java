package io.homeostat.detector.window;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.template.TemplateMiner;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Event-time windows of one second per node. A window ends when the watermark passes it; a violated early rule is passed
 * on at once. Flink gives each key its own state, one thread at a time.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
public final class FeatureWindow extends KeyedProcessFunction<String, NodeSamples, NodeWindow> {
    /** What came later than {@link WindowLimits#lateBound} allows. */
    public static final OutputTag<LateSamples> LATE = new OutputTag<>("late", TypeInformation.of(LateSamples.class));

    private static final long serialVersionUID = 1L;

    private final SignalCatalog catalog;
    private final WindowLimits limits;
    private transient FeatureAccumulator accumulator;
    private transient KeyedWindows windows;
    private transient TemplateMiner miner;
    private transient KeyedTemplates templates;
    private transient Counter late;
    private transient Counter dropped;

    public FeatureWindow(SignalCatalog catalog, WindowLimits limits) {
        this.catalog = catalog;
        this.limits = limits;
    }

    @Override
    public void open(OpenContext context) {
        accumulator = new FeatureAccumulator(catalog, limits);
        windows = new KeyedWindows(getRuntimeContext());
        miner = new TemplateMiner(catalog);
        templates = new KeyedTemplates(getRuntimeContext());
        late = getRuntimeContext().getMetricGroup().counter("detector.samples.late");
        dropped = getRuntimeContext().getMetricGroup().counter("detector.samples.dropped");
    }

    int nodesInMemory() {
        return windows.size();
    }

    void writeBack(Consumer<String> key) {
        windows.writeBack(key);
    }

    @Override
    public void processElement(NodeSamples decoded, Context context, Collector<NodeWindow> out) {
        windows.select(context.getCurrentKey());
        NodeSamples batch = templates.mine(miner, decoded);
        FeatureAccumulator.Added added =
                accumulator.add(windows, batch, context.timerService().currentWatermark());
        late.inc(added.late());
        dropped.inc(added.dropped());
        if (added.beyond()) {
            long behind = context.timerService().currentWatermark() - batch.timeMillis();
            context.output(
                    LATE,
                    new LateSamples(
                            batch.node(),
                            batch.timeMillis(),
                            behind,
                            batch.samples().size()));
        }
        if (accumulator.breaksEarlyRule(batch)) {
            accumulator
                    .early(windows, batch.node(), added.windowStart(), batch.timeMillis())
                    .ifPresent(out::collect);
        }
        context.timerService().registerEventTimeTimer(added.windowStart() + FeatureAccumulator.WINDOW_MILLIS - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<NodeWindow> out) {
        windows.select(context.getCurrentKey());
        out.collect(
                accumulator.close(windows, context.getCurrentKey(), timestamp + 1 - FeatureAccumulator.WINDOW_MILLIS));
    }
}
