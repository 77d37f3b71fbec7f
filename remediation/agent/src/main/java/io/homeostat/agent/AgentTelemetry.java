package io.homeostat.agent;

import io.homeostat.agent.supervise.NodeView;
import io.homeostat.events.NodeProbe;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.function.Supplier;

/**
 * Every instrument of the agent; {@code docs/interfaces.md} is the contract. All values of one export come from one look at
 * the node. What only the node can say is left out until its present process has answered, and stays at the last answer when
 * it falls silent: {@code node.raft.log.alive} of a node that was fenced for its dead log stays 0.
 */
final class AgentTelemetry implements AutoCloseable {
    private final BatchCallback callback;

    AgentTelemetry(OpenTelemetry openTelemetry, Supplier<NodeView> node) {
        Meter meter = openTelemetry.getMeter("io.homeostat.agent");
        ObservableLongMeasurement up = gauge(meter, "node.up", "1", "1 when the process runs and answers");
        ObservableLongMeasurement alive = gauge(meter, "node.process.alive", "1", "1 when the process exists");
        ObservableDoubleMeasurement probeDuration = meter.gaugeBuilder("node.probe.duration")
                .setUnit("s")
                .setDescription("Duration of the newest probe, answered or not")
                .buildObserver();
        ObservableLongMeasurement probeFailures = meter.counterBuilder("node.probe.failures")
                .setUnit("{failure}")
                .setDescription("Probes without a good answer in time")
                .buildObserver();
        ObservableLongMeasurement restarts = meter.counterBuilder("node.restarts")
                .setUnit("{restart}")
                .setDescription("Starts of the process after the first, by reflex or on order")
                .buildObserver();
        ObservableLongMeasurement digestLag =
                gauge(meter, "node.digest.lag", "{entry}", "Applied entries since the newest state digest");
        ObservableLongMeasurement logAlive =
                gauge(meter, "node.raft.log.alive", "1", "0 after a failed write or fsync of the Raft log");
        ObservableLongMeasurement divergent =
                gauge(meter, "node.divergent", "1", "1 when the gate is closed because the state diverged");
        ObservableLongMeasurement fenced = gauge(meter, "node.fenced", "1", "1 when the node is held down");
        callback = meter.batchCallback(
                () -> {
                    NodeView view = node.get();
                    up.record(oneIf(view.up()));
                    alive.record(oneIf(view.alive()));
                    probeFailures.record(view.probeFailures());
                    restarts.record(view.restarts());
                    fenced.record(oneIf(view.fenced()));
                    if (view.probeSeconds() >= 0) {
                        probeDuration.record(view.probeSeconds());
                    }
                    NodeProbe answer = view.answer();
                    if (answer != null) {
                        digestLag.record(Math.max(0, answer.appliedIndex() - answer.digestIndex()));
                        logAlive.record(oneIf(answer.raftLogAlive()));
                        divergent.record(oneIf(answer.gate().equals("diverged")));
                    }
                },
                up,
                alive,
                probeDuration,
                probeFailures,
                restarts,
                digestLag,
                logAlive,
                divergent,
                fenced);
    }

    @Override
    public void close() {
        callback.close();
    }

    private static ObservableLongMeasurement gauge(Meter meter, String name, String unit, String description) {
        return meter.gaugeBuilder(name)
                .ofLongs()
                .setUnit(unit)
                .setDescription(description)
                .buildObserver();
    }

    private static long oneIf(boolean condition) {
        return condition ? 1 : 0;
    }
}
