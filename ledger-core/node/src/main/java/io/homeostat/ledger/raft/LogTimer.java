package io.homeostat.ledger.raft;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.RatisMetrics;
import org.apache.ratis.metrics.impl.RatisMetricRegistryImpl;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.server.metrics.RaftLogMetricsBase;
import org.apache.ratis.server.metrics.SegmentedRaftLogMetrics;
import org.apache.ratis.thirdparty.com.codahale.metrics.MetricRegistry;
import org.apache.ratis.thirdparty.com.codahale.metrics.Timer;

/**
 * Hears of every append to the Raft log and of every sync of it. Ratis measures them into timers of its own registry and
 * offers no callback, so these timers take the places of those before the log is opened.
 */
final class LogTimer extends Timer {
    private final LongConsumer nanos;

    private LogTimer(LongConsumer nanos) {
        this.nanos = nanos;
    }

    /**
     * Gives back what removes the timers again.
     *
     * @param append from handing entries to the log until they are synced
     * @param sync one sync
     */
    static Runnable install(RaftGroupMemberId member, LongConsumer append, LongConsumer sync) {
        MetricRegistryInfo info = new MetricRegistryInfo(
                member.toString(),
                RatisMetrics.RATIS_APPLICATION_NAME_METRICS,
                RaftLogMetricsBase.RATIS_LOG_WORKER_METRICS,
                RaftLogMetricsBase.RATIS_LOG_WORKER_METRICS_DESC);
        RatisMetricRegistry registry = MetricRegistries.global().create(info);
        if (registry instanceof RatisMetricRegistryImpl dropwizard) {
            replace(dropwizard, SegmentedRaftLogMetrics.RAFT_LOG_APPEND_ENTRY_LATENCY, append);
            replace(dropwizard, SegmentedRaftLogMetrics.RAFT_LOG_FLUSH_TIME, sync);
        }
        return () -> MetricRegistries.global().remove(info);
    }

    private static void replace(RatisMetricRegistryImpl registry, String timer, LongConsumer nanos) {
        // Makes Ratis choose the full name; the timer under it is then exchanged.
        registry.timer(timer);
        MetricRegistry timers = registry.getDropWizardMetricRegistry();
        timers.getTimers().keySet().stream()
                .filter(name -> name.endsWith(timer))
                .toList()
                .forEach(name -> {
                    timers.remove(name);
                    timers.register(name, new LogTimer(nanos));
                });
    }

    @Override
    public void update(long duration, TimeUnit unit) {
        nanos.accept(unit.toNanos(duration));
    }
}
