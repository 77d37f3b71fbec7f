package io.homeostat.detector;

import io.homeostat.detector.job.DetectorJob;
import io.homeostat.detector.job.JobSettings;
import io.homeostat.detector.job.Publication;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/** A next version of the job: another policy, and an operator with state of its own behind the verdicts. */
public final class UpgradedJob {
    private UpgradedJob() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = DetectorJob.options(args);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        DetectorJob.configure(environment, options);
        JobSettings before = DetectorJob.settings(options);
        JobSettings now = new JobSettings(
                before.kafkaBootstrap(),
                before.consumerGroup(),
                before.dataDir(),
                before.expectedNodes(),
                before.baselineWindows(),
                before.decode(),
                before.window(),
                before.policy().withSilenceWindows(7),
                before.evidence());
        DetectorJob.wire(environment, now)
                .keyBy(Publication::node, Types.STRING)
                .process(new Count(), Types.LONG)
                .name("count")
                .uid("count")
                .sinkTo(new DiscardingSink<>())
                .uid("counted");
        environment.execute(DetectorJob.NAME);
    }

    /** Counts what is said of a node. */
    public static final class Count extends KeyedProcessFunction<String, Publication, Long> {
        private static final long serialVersionUID = 1L;
        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(Publication said, Context context, Collector<Long> out) throws Exception {
            long now = count.value() == null ? 1 : count.value() + 1;
            count.update(now);
            out.collect(now);
        }
    }
}
