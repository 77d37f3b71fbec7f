package io.homeostat.detector.screening;

import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * One screen per asset in keyed state: a profile per account, bounded by {@link ScreeningLimits}. Rings cross accounts, so an
 * asset has one order, that of the journal.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
final class ScreeningFunction extends KeyedProcessFunction<String, Movement, Verdict> {
    private static final long serialVersionUID = 1L;

    private final ScreeningLimits limits;
    private final ReviewBudget budget;
    private transient Screen screen;
    private transient StateBook book;
    private transient Counter clear;
    private transient Counter odd;

    ScreeningFunction(ScreeningLimits limits, ReviewBudget budget) {
        this.limits = limits;
        this.budget = budget;
    }

    @Override
    public void open(OpenContext context) {
        screen = new Screen(limits, new TransferScorer(limits), budget);
        book = new StateBook(
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>(
                                "profiles", Types.INT, TypeInformation.of(AccountProfile.class))),
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("asset", TypeInformation.of(AssetState.class))));
        clear = getRuntimeContext().getMetricGroup().counter("screening.verdicts.clear");
        odd = getRuntimeContext().getMetricGroup().counter("screening.verdicts.odd");
    }

    @Override
    public void processElement(Movement movement, Context context, Collector<Verdict> out) throws Exception {
        if (movement.kind() != Movement.ASKED) {
            screen.posted(movement, book);
            return;
        }
        Screen.Answer answer = screen.asked(movement, book);
        (answer.odd() ? odd : clear).inc();
        out.collect(new Verdict(movement.transfer(), VerdictEvidence.of(movement, answer)));
    }

    private record StateBook(MapState<Integer, AccountProfile> profiles, ValueState<AssetState> state)
            implements ProfileBook {
        @Override
        public @Nullable AccountProfile get(int account) throws Exception {
            return profiles.get(account);
        }

        @Override
        public void put(int account, AccountProfile profile) throws Exception {
            profiles.put(account, profile);
        }

        @Override
        public Iterator<Map.Entry<Integer, AccountProfile>> all() throws Exception {
            return profiles.iterator();
        }

        @Override
        public AssetState asset() throws Exception {
            AssetState asset = state.value();
            return asset == null ? new AssetState() : asset;
        }

        @Override
        public void put(AssetState asset) throws Exception {
            state.update(asset);
        }
    }
}
