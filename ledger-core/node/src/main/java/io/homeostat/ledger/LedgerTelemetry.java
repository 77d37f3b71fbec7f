package io.homeostat.ledger;

import com.sun.management.OperatingSystemMXBean;
import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.raft.PeerConnection;
import io.homeostat.ledger.raft.Timing;
import io.homeostat.ledger.state.Reason;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every instrument and span of a ledger node, with unit and description: the contract of dashboards and of the signal
 * catalog. The only class here that knows OpenTelemetry.
 *
 * <p>Thread-safe. Gauges are read from one snapshot per collection. No attribute carries an account, a name or free text.
 */
public final class LedgerTelemetry implements AutoCloseable {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final AttributeKey<String> PEER = AttributeKey.stringKey("peer");
    private static final AttributeKey<String> EVENT = AttributeKey.stringKey("event");
    private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<Long> COMMANDS = AttributeKey.longKey("ledger.commands");
    private static final AttributeKey<Long> RAFT_INDEX = AttributeKey.longKey("ledger.raft.index");
    private static final AttributeKey<String> MEMORY_TYPE = AttributeKey.stringKey("jvm.memory.type");
    private static final Attributes HEAP = Attributes.of(MEMORY_TYPE, "heap");
    private static final Attributes NON_HEAP = Attributes.of(MEMORY_TYPE, "non_heap");
    /** Finest below one fsync of a quiet disk, coarsest above the commit timeout. */
    private static final List<Double> DURATION_BUCKETS = List.of(
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);

    private final Meter meter;
    private final Tracer tracer;
    private final ContextPropagators propagators;
    private final DoubleHistogram commitDuration;
    private final DoubleHistogram appendDuration;
    private final DoubleHistogram fsyncDuration;
    private final DoubleHistogram snapshotDuration;
    private final LongCounter transfers;
    private final LongCounter refusals;
    private final LongCounter elections;
    private final LongCounter connections;
    private final DoubleHistogram snapshotStall;
    private final LongCounter snapshotFailures;
    private volatile long snapshotBytes;
    private final Map<Reason, Attributes> reasons = new EnumMap<>(Reason.class);
    private final List<AutoCloseable> gauges = new ArrayList<>();

    /**
     * One look at the node; absent values are not reported.
     *
     * @param applyLag entries committed, as far as this node knows, and not applied here
     * @param relayLag entries that the leader has committed and this node has not applied
     * @param holdsAgeSeconds age of the oldest open hold, 0 when there is none
     * @param digestAgeSeconds time since this node last computed a state digest
     * @param quorumMargin members that may be lost before writes stop; known to the leader only
     */
    public record Gauges(
            long applyLag,
            long relayLag,
            long term,
            long queueDepth,
            double holdsAgeSeconds,
            OptionalDouble digestAgeSeconds,
            boolean digestDivergent,
            OptionalLong quorumMargin,
            boolean raftLogAlive,
            boolean gateOpen) {}

    public LedgerTelemetry(OpenTelemetry telemetry) {
        meter = telemetry.getMeter("io.homeostat.ledger");
        tracer = telemetry.getTracer("io.homeostat.ledger");
        propagators = telemetry.getPropagators();
        commitDuration =
                duration("ledger.commit.duration", "From submitting a Raft entry to its outcome being applied");
        appendDuration =
                duration("ledger.append.duration", "From handing an entry to the Raft log until it is synced here");
        fsyncDuration = duration("ledger.fsync.duration", "One sync of the Raft log to disk");
        snapshotDuration = duration("ledger.snapshot.duration", "Writing one snapshot of the state, beside the work");
        snapshotStall =
                duration("ledger.snapshot.stall", "Nothing was applied while the state was taken for a snapshot");
        snapshotFailures = meter.counterBuilder("ledger.snapshot.failures")
                .setUnit("{snapshot}")
                .setDescription("Snapshots that could not be written or were refused")
                .build();
        transfers = meter.counterBuilder("ledger.transfers")
                .setUnit("{transfer}")
                .setDescription("Transfers that this replica applied as accepted")
                .build();
        refusals = meter.counterBuilder("ledger.refusals")
                .setUnit("{transfer}")
                .setDescription("Transfers that this replica applied as refused, by reason")
                .build();
        elections = meter.counterBuilder("ledger.elections")
                .setUnit("{election}")
                .setDescription("Changes of leader that this replica saw")
                .build();
        connections = meter.counterBuilder("ledger.peer.connections")
                .setUnit("{connection}")
                .setDescription("What became of the connection that a follower holds to its leader, by peer and event")
                .build();
        for (Reason reason : Reason.values()) {
            reasons.put(reason, Attributes.of(REASON, reason.wireName()));
        }
        runtime();
    }

    /** Begins to report the gauges; {@code look} is called once per collection and gauge and must only read. */
    public void observe(Supplier<Gauges> look) {
        gauge(
                "ledger.apply.lag",
                "{entry}",
                "Committed entries not applied yet",
                () -> look.get().applyLag());
        gauge(
                "ledger.relay.lag",
                "{entry}",
                "The leader's commit index minus own applied index",
                () -> look.get().relayLag());
        gauge("ledger.term", "1", "Raft term", () -> look.get().term());
        gauge(
                "ledger.queue.depth",
                "{request}",
                "Requests that wait for a place in a Raft entry",
                () -> look.get().queueDepth());
        gauge(
                "ledger.digest.divergent",
                "1",
                "1 when the majority attested another digest",
                () -> flag(look.get().digestDivergent()));
        gauge(
                "ledger.raft.log.alive",
                "1",
                "0 after a failed write or sync of the Raft log",
                () -> flag(look.get().raftLogAlive()));
        gauge(
                "ledger.gate.open",
                "1",
                "1 while this node answers clients",
                () -> flag(look.get().gateOpen()));
        gauges.add(meter.gaugeBuilder("ledger.quorum.margin")
                .ofLongs()
                .setUnit("{node}")
                .setDescription("Members that may be lost before writes stop, as the leader sees it")
                .buildWithCallback(m -> look.get().quorumMargin().ifPresent(m::record)));
        gauge(
                "ledger.snapshot.size",
                "By",
                "Bytes of the newest snapshot that this process wrote",
                () -> snapshotBytes);
        gauges.add(meter.gaugeBuilder("ledger.holds.age")
                .setUnit("s")
                .setDescription("Age of the oldest open hold")
                .buildWithCallback(m -> m.record(look.get().holdsAgeSeconds())));
        gauges.add(meter.gaugeBuilder("ledger.digest.age")
                .setUnit("s")
                .setDescription("Time since this node last computed a state digest")
                .buildWithCallback(m -> look.get().digestAgeSeconds().ifPresent(m::record)));
    }

    /** Begins to report how long this node's certificate is still valid; {@code expires} is asked once per collection. */
    public void certificate(Supplier<Instant> expires) {
        gauges.add(meter.gaugeBuilder("ledger.certificate.lifetime")
                .setUnit("s")
                .setDescription("Time until this node's TLS certificate expires; below 0 when it has")
                .buildWithCallback(m ->
                        m.record(Duration.between(Instant.now(), expires.get()).toMillis() / 1e3)));
    }

    /** Begins to report the disk. */
    public void observeStorage(Supplier<Long> freeBytes, Supplier<Boolean> full) {
        gauge("ledger.storage.free", "By", "Free space on the disk of the node", freeBytes);
        gauge(
                "ledger.storage.full",
                "1",
                "1 while this node refuses writes because its disk is all but full",
                () -> flag(full.get()));
    }

    /** Begins to report the clock. */
    public void observeClock(Supplier<Long> largestSkewMicros, Supplier<Boolean> refused) {
        gauges.add(meter.gaugeBuilder("ledger.clock.skew")
                .setUnit("s")
                .setDescription("Largest known difference of a peer's clock to this node's")
                .buildWithCallback(m -> m.record(largestSkewMicros.get() / 1e6)));
        gauge(
                "ledger.clock.refused",
                "1",
                "1 while this node would not stamp, because its clock is too far from the majority's",
                () -> flag(refused.get()));
    }

    public void committed(long nanos) {
        commitDuration.record(nanos / NANOS);
    }

    public void appended(long nanos) {
        appendDuration.record(nanos / NANOS);
    }

    public void synced(long nanos) {
        fsyncDuration.record(nanos / NANOS);
    }

    public void snapshotTaken(long stallNanos, long nanos, long bytes) {
        snapshotStall.record(stallNanos / NANOS);
        snapshotDuration.record(nanos / NANOS);
        snapshotBytes = bytes;
    }

    public void snapshotFailed() {
        snapshotFailures.add(1);
    }

    public void transfersAccepted(long count) {
        transfers.add(count);
    }

    public void transferRefused(Reason reason) {
        refusals.add(1, reasons.getOrDefault(reason, Attributes.empty()));
    }

    public void leaderChanged() {
        elections.add(1);
    }

    /** Names the peers, so that each of their counters is known to be 0 before the first event. */
    public void peers(Collection<String> peers) {
        for (String peer : peers) {
            for (PeerConnection what : PeerConnection.values()) {
                connections.add(0, Attributes.of(PEER, peer, EVENT, what.wireName()));
            }
        }
    }

    /** Something became of the connection to a peer. */
    public void connection(String peer, PeerConnection what) {
        connections.add(1, Attributes.of(PEER, peer, EVENT, what.wireName()));
    }

    /** Begins the span of one HTTP request, below the caller's when its headers name one. */
    public RequestSpan request(String method, String route, Function<String, @Nullable String> header) {
        // Most requests carry no trace: what decides is one header, not a walk of all propagators.
        Context parent = header.apply("traceparent") == null
                ? Context.root()
                : propagators.getTextMapPropagator().extract(Context.root(), header, HeaderGetter.INSTANCE);
        Span span = tracer.spanBuilder(method + " " + route)
                .setParent(parent)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(METHOD, method)
                .setAttribute(ROUTE, route)
                .startSpan();
        return new RequestSpan(tracer, span);
    }

    @Override
    public void close() {
        for (AutoCloseable gauge : gauges) {
            try {
                gauge.close();
            } catch (Exception e) {
                throw new IllegalStateException("a gauge that does not stop would go on reading a closed node", e);
            }
        }
    }

    /** The span of one request, from its arrival to the answer. */
    public static final class RequestSpan {
        private static final Consumer<@Nullable Committed> NOT_RECORDED = committed -> {};
        private final Tracer tracer;
        private final Span span;

        private RequestSpan(Tracer tracer, Span span) {
            this.tracer = tracer;
            this.span = span;
        }

        /**
         * Under what another node goes on with this request, as W3C Trace Context section 3.2 writes it; null when nobody
         * records this request, so that the others pay nothing.
         */
        public @Nullable String traceParent() {
            if (!span.isRecording()) {
                return null;
            }
            SpanContext context = span.getSpanContext();
            return "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                    + context.getTraceFlags().asHex();
        }

        /**
         * Begins the part that waits for a place in an entry, replication and apply; run the result with what came of it,
         * or with null on failure. The parts become spans of their own once their times are known.
         */
        public Consumer<@Nullable Committed> commit(int commands) {
            if (!span.isRecording()) {
                // Of ten thousand requests one is sampled: the others must not pay for a span that nobody sees.
                return NOT_RECORDED;
            }
            long epochNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
            long offset = epochNanos - System.nanoTime();
            Span commit = tracer.spanBuilder("ledger.commit")
                    .setParent(Context.root().with(span))
                    .setStartTimestamp(epochNanos, TimeUnit.NANOSECONDS)
                    .setAttribute(COMMANDS, (long) commands)
                    .startSpan();
            return committed -> {
                if (committed == null) {
                    commit.setStatus(StatusCode.ERROR);
                } else {
                    commit.setAttribute(RAFT_INDEX, committed.raftIndex());
                    Timing timing = committed.timing();
                    part(commit, "ledger.group", offset, timing.queued(), timing.sent());
                    part(commit, "ledger.replicate", offset, timing.sent(), timing.applying());
                    part(commit, "ledger.apply", offset, timing.applying(), timing.applied());
                }
                commit.end(offset + System.nanoTime(), TimeUnit.NANOSECONDS);
            };
        }

        private void part(Span commit, String name, long offset, long from, long to) {
            if (from != 0 && to != 0) {
                tracer.spanBuilder(name)
                        .setParent(Context.root().with(commit))
                        .setStartTimestamp(offset + from, TimeUnit.NANOSECONDS)
                        .startSpan()
                        .end(offset + to, TimeUnit.NANOSECONDS);
            }
        }

        public void end(int status) {
            if (!span.isRecording()) {
                span.end();
                return;
            }
            span.setAttribute(STATUS, (long) status);
            if (status >= 500) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    private enum HeaderGetter implements TextMapGetter<Function<String, @Nullable String>> {
        INSTANCE;

        // Deprecated and still abstract.
        @Override
        @SuppressWarnings("deprecation")
        public Iterable<String> keys(Function<String, @Nullable String> carrier) {
            return List.of();
        }

        @Override
        public @Nullable String get(@Nullable Function<String, @Nullable String> carrier, String key) {
            return carrier == null ? null : carrier.apply(key);
        }
    }

    private void runtime() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        gauges.add(meter.gaugeBuilder("jvm.memory.used")
                .ofLongs()
                .setUnit("By")
                .setDescription("Memory in use by the JVM")
                .buildWithCallback(m -> {
                    m.record(memory.getHeapMemoryUsage().getUsed(), HEAP);
                    m.record(memory.getNonHeapMemoryUsage().getUsed(), NON_HEAP);
                }));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            gauges.add(meter.counterBuilder("process.cpu.time")
                    .ofDoubles()
                    .setUnit("s")
                    .setDescription("CPU time of the process")
                    .buildWithCallback(m -> m.record(system.getProcessCpuTime() / NANOS)));
        }
    }

    private void gauge(String name, String unit, String description, Supplier<Long> value) {
        gauges.add(meter.gaugeBuilder(name)
                .ofLongs()
                .setUnit(unit)
                .setDescription(description)
                .buildWithCallback(m -> m.record(value.get())));
    }

    private DoubleHistogram duration(String name, String description) {
        return meter.histogramBuilder(name)
                .setUnit("s")
                .setDescription(description)
                .setExplicitBucketBoundariesAdvice(DURATION_BUCKETS)
                .build();
    }

    private static long flag(boolean value) {
        return value ? 1 : 0;
    }
}
