package io.homeostat.detector.screening;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the journal in its order: drops sequences that were seen, and remembers accounts and open holds, as many as the ledger
 * has. One key, because there is one order.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
final class JournalFunction extends KeyedProcessFunction<String, LeafRecord, Movement> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(JournalFunction.class);

    private transient JournalReader reader;
    private transient StateMemory memory;
    private transient ValueState<Long> next;
    private transient Counter gaps;
    private transient Counter malformed;

    @Override
    public void open(OpenContext context) {
        reader = new JournalReader();
        memory = new StateMemory(
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>(
                                "accounts", Types.INT, TypeInformation.of(JournalState.Account.class))),
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>(
                                "holds", Types.STRING, TypeInformation.of(JournalState.Held.class))));
        next = getRuntimeContext().getState(new ValueStateDescriptor<>("next", Types.LONG));
        gaps = getRuntimeContext().getMetricGroup().counter("screening.journal.gaps");
        malformed = getRuntimeContext().getMetricGroup().counter("screening.leaves.malformed");
    }

    @Override
    public void processElement(LeafRecord record, Context context, Collector<Movement> out) throws Exception {
        Long expected = next.value();
        if (expected != null && record.sequence() < expected) {
            return;
        }
        if (expected != null && record.sequence() > expected) {
            gaps.inc();
            LOG.atWarn()
                    .addKeyValue("expected", expected)
                    .addKeyValue("found", record.sequence())
                    .log("the journal's topic has a gap: what is missing is not in the history that verdicts rest on");
        }
        next.update(record.sequence() + 1);
        try {
            Movement movement = reader.read(record, memory);
            if (movement != null) {
                out.collect(movement);
            }
        } catch (IllegalArgumentException e) {
            malformed.inc();
            LOG.atWarn().addKeyValue("sequence", record.sequence()).setCause(e).log("a leaf can not be read");
        }
    }

    private record StateMemory(
            MapState<Integer, JournalState.Account> accounts, MapState<String, JournalState.Held> holds)
            implements JournalReader.Memory {
        @Override
        public void put(int ordinal, JournalState.Account account) throws Exception {
            accounts.put(ordinal, account);
        }

        @Override
        public JournalState.@Nullable Account account(int ordinal) throws Exception {
            return accounts.get(ordinal);
        }

        @Override
        public void hold(String id, JournalState.Held held) throws Exception {
            holds.put(id, held);
        }

        @Override
        public JournalState.@Nullable Held held(String id) throws Exception {
            return holds.get(id);
        }

        @Override
        public void ended(String id) throws Exception {
            holds.remove(id);
        }
    }
}
