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
 * Hears of every sync of the Raft log. Ratis measures its syncs into a timer of its own registry and offers no callback, so
 * this timer takes the place of that one before the log is opened.
 */
final class SyncTimer extends Timer {
    private final LongConsumer nanos;

    private SyncTimer(LongConsumer nanos) {
        this.nanos = nanos;
    }

    /** Gives back what removes the timer again. */
    static Runnable install(RaftGroupMemberId member, LongConsumer nanos) {
        MetricRegistryInfo info = new MetricRegistryInfo(
                member.toString(),
                RatisMetrics.RATIS_APPLICATION_NAME_METRICS,
                RaftLogMetricsBase.RATIS_LOG_WORKER_METRICS,
                RaftLogMetricsBase.RATIS_LOG_WORKER_METRICS_DESC);
        RatisMetricRegistry registry = MetricRegistries.global().create(info);
        if (registry instanceof RatisMetricRegistryImpl dropwizard) {
            // Makes Ratis choose the full name; the timer under it is then exchanged.
            dropwizard.timer(SegmentedRaftLogMetrics.RAFT_LOG_FLUSH_TIME);
            MetricRegistry timers = dropwizard.getDropWizardMetricRegistry();
            timers.getTimers().keySet().stream()
                    .filter(name -> name.endsWith(SegmentedRaftLogMetrics.RAFT_LOG_FLUSH_TIME))
                    .toList()
                    .forEach(name -> {
                        timers.remove(name);
                        timers.register(name, new SyncTimer(nanos));
                    });
        }
        return () -> MetricRegistries.global().remove(info);
    }

    @Override
    public void update(long duration, TimeUnit unit) {
        nanos.accept(unit.toNanos(duration));
    }
}
