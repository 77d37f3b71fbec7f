package io.homeostat.detector.job;

import io.homeostat.detector.window.LateSamples;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** End of the side output of what came too late: counts it, and says so for the first and then once a minute at most. */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
final class LateCount extends ProcessFunction<LateSamples, LateSamples> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(LateCount.class);
    private static final long LOG_EVERY_MILLIS = 60_000;

    private transient Counter samples;
    private transient long loggedMillis;

    @Override
    public void open(OpenContext context) {
        samples = getRuntimeContext().getMetricGroup().counter("detector.samples.beyond");
        loggedMillis = Long.MIN_VALUE;
    }

    @Override
    public void processElement(LateSamples late, Context context, Collector<LateSamples> out) {
        samples.inc(late.samples());
        // In event time: a log line a minute of telemetry, also when a backlog is read.
        long now = late.timeMillis() + late.behindMillis();
        if (loggedMillis == Long.MIN_VALUE || now - loggedMillis >= LOG_EVERY_MILLIS) {
            loggedMillis = now;
            LOG.atWarn()
                    .addKeyValue("node", late.node())
                    .addKeyValue("samples", late.samples())
                    .addKeyValue("behindMillis", late.behindMillis())
                    .log("telemetry came too late to count; further lines are held back for a minute, see the counter");
        }
    }
}
