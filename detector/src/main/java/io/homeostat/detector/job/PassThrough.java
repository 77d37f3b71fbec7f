package io.homeostat.detector.job;

import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Stands where detection stands when the job is measured without it: hands on what comes, or drops it. */
final class PassThrough<I, O> extends KeyedProcessFunction<String, I, O> {
    private static final long serialVersionUID = 1L;

    private final boolean on;

    PassThrough(boolean on) {
        this.on = on;
    }

    @Override
    @SuppressWarnings("unchecked") // I is O wherever it hands on
    public void processElement(I value, Context context, Collector<O> out) {
        if (on) {
            out.collect((O) value);
        }
    }
}
