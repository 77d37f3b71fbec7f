package io.homeostat.ledger;

import io.homeostat.ledger.archive.RunRowArchive;
import io.homeostat.ledger.clock.OffsetClock;
import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.control.ControlApi;
import io.homeostat.ledger.control.NodeGate;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.ledger.http.NodeServices;
import io.homeostat.ledger.http.PeerClient;
import io.homeostat.ledger.http.PublicApi;
import io.homeostat.ledger.http.Tokens;
import io.homeostat.ledger.http.WebEngine;
import io.homeostat.ledger.raft.RaftReplica;
import io.homeostat.ledger.raft.StorageWatch;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.witness.SignedHeads;
import io.homeostat.ledger.witness.WitnessRounds;
import io.homeostat.ledger.witness.WitnessTarget;
import io.homeostat.merkle.Ed25519;
import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of the ledger: listeners, Raft and state, from start to stop. The door of the module.
 *
 * <p>Thread-safe. {@link #start} returns when the listeners answer; the node serves clients once its gate is open, which
 * {@code /health/ready} tells. Every thread that a node makes ends with {@link #close()}.
 */
public final class LedgerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerNode.class);
    /** Exit code of a process whose Raft log or journal failed: EX_IOERR of sysexits.h. It must not simply start again. */
    public static final int STORAGE_FAILED = 74;

    private static final Duration DUTY_STOP = Duration.ofSeconds(2);
    /** The sidecar, and people at the command line of a machine that holds the control token. */
    private static final Set<Party> CONTROLLERS = Set.of(Party.SIDECAR, Party.CLIENT);

    private final LedgerNodeConfig config;
    private final Genesis genesis;
    private final Optional<MutualTls> tls;
    private final Ledger ledger;
    private final OffsetClock clock = new OffsetClock();
    private final LedgerTelemetry telemetry;
    private final NodeGate gate;
    private final RaftReplica raft;
    private final NodeDuties duties;
    private final WitnessRounds witnesses;
    private final WebEngine engine;
    private final PublicApi api;
    private final ControlApi controlApi;
    private final ScheduledExecutorService scheduler;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicReference<@Nullable String> stopReason = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private final Duration lingering;
    private volatile boolean storageFailed;
    private int httpPort;
    private int controlPort;

    /** Starts a node with the usual limits. */
    public static LedgerNode start(LedgerNodeConfig config, OpenTelemetry telemetry) {
        return start(config, LedgerNodeLimits.DEFAULTS, telemetry);
    }

    /**
     * Starts a node.
     *
     * @throws IllegalArgumentException when configuration or a file of it is wrong
     * @throws UncheckedIOException when a port, the log or the journal can not be opened
     * @throws StorageDamaged when the node must be rebuilt before it may start
     */
    public static LedgerNode start(LedgerNodeConfig config, LedgerNodeLimits limits, OpenTelemetry telemetry) {
        return start(config, limits, telemetry, List.of());
    }

    /**
     * Starts a node that asks witnesses to cosign its heads while it leads.
     *
     * @param witnesses none by default: a ledger works the same without
     */
    public static LedgerNode start(
            LedgerNodeConfig config, LedgerNodeLimits limits, OpenTelemetry telemetry, List<WitnessTarget> witnesses) {
        LedgerNode node = new LedgerNode(config, limits, new LedgerTelemetry(telemetry), witnesses);
        try {
            node.begin(limits);
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
        return node;
    }

    private LedgerNode(
            LedgerNodeConfig config, LedgerNodeLimits limits, LedgerTelemetry telemetry, List<WitnessTarget> targets) {
        this.config = config;
        this.telemetry = telemetry;
        this.lingering = limits.storage().lingering();
        this.genesis = genesis(config);
        Ed25519.Keys keys = checkpointKeys(config, genesis);
        String internalToken = Tokens.secret(config.internalTokenFile());
        Tokens tokens = Tokens.read(config.tokensFile(), internalToken);
        String controlToken = Tokens.secret(config.controlTokenFile());
        this.tls = config.tls().map(MutualTls::open);
        PeerClient peers = new PeerClient(config, internalToken, tls);
        RaftReplica.Start start = howToStart(config, genesis, peers);
        this.ledger = Ledger.open(
                config.dataDir().resolve("journal"),
                new RunRowArchive(config.dataDir().resolve("ids"), config.nodeId()),
                genesis,
                config.nodeId(),
                limits.state());
        this.engine = new WebEngine(tls);
        this.gate = new NodeGate();
        gate.onChange(view -> LOG.atInfo()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("gate", view.state().wireName())
                .addKeyValue("reason", view.reason())
                .log("gate.changed"));
        List<String> others = config.peers().stream()
                .map(LedgerNodeConfig.Peer::id)
                .filter(id -> !id.equals(config.nodeId()))
                .toList();
        telemetry.peers(others);
        PeerClocks clocks =
                new PeerClocks(config.nodeId(), others, limits.clock(), clock, System::nanoTime, peers::clock);
        telemetry.observeClock(clocks::largestSkewMicros, () -> clocks.refusal().isPresent());
        this.duties = new NodeDuties(
                config, limits, genesis, ledger, gate, telemetry, peers, clocks, this::stopBecause, this::stopLater);
        try {
            this.raft = new RaftReplica(
                    config, genesis.ledger(), start, limits, ledger, duties, clock, clocks, peers::votes, tls);
        } catch (RuntimeException e) {
            ledger.close();
            engine.close();
            throw e;
        }
        duties.attach(raft);
        SignedHeads heads = new SignedHeads(ledger, config.nodeId(), keys);
        this.witnesses = new WitnessRounds(
                ledger, heads, () -> duties.ready() && duties.status().leader(), targets, config.nodeId());
        this.api = new PublicApi(
                new NodeServices(
                        config,
                        limits,
                        ledger,
                        raft,
                        duties::status,
                        gate,
                        tokens,
                        heads,
                        telemetry,
                        version(),
                        clock,
                        clocks::largestSkewMicros,
                        duties::live,
                        duties::ready),
                engine);
        this.scheduler = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "ledger-duties-" + config.nodeId());
            thread.setDaemon(true);
            return thread;
        });
        this.controlApi = new ControlApi(new Control(), header -> Tokens.carries(header, controlToken));
    }

    private void begin(LedgerNodeLimits limits) {
        controlPort = engine.listen(config.host(), config.controlPort(), 1, CONTROLLERS, controlApi::handle);
        httpPort = api.listen();
        raft.start();
        witnesses.start();
        telemetry.observe(() -> duties.gauges(api.inFlight()));
        tls.ifPresent(identity -> telemetry.certificate(identity::expires));
        telemetry.observeStorage(
                () -> raft.storage().view().freeBytes(),
                () -> raft.storage().view().state() != StorageWatch.State.OK);
        long every = limits.dutyInterval().toNanos();
        scheduler.scheduleWithFixedDelay(this::dutyRound, every, every, TimeUnit.NANOSECONDS);
        LOG.atInfo()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("ledger", genesis.ledger())
                .addKeyValue("httpPort", httpPort)
                .addKeyValue("faultHooks", config.faultHooks())
                .log("node.started");
    }

    private void dutyRound() {
        duties.run();
        if (!serving.isDone() && duties.ready()) {
            serving.complete(null);
        }
    }

    /** Completes when this node serves clients for the first time; fails when it stops before. */
    public CompletableFuture<Void> serving() {
        return serving.copy();
    }

    public int httpPort() {
        return httpPort;
    }

    public int controlPort() {
        return controlPort;
    }

    /** For tests that let the Raft log fail. */
    NodeDuties duties() {
        return duties;
    }

    /** What speaks for this node in the Raft group: a test plays a member whose API was gone round. */
    RaftReplica replica() {
        return raft;
    }

    /** True while this node serves clients. */
    public boolean ready() {
        return duties.ready();
    }

    /** For the process: 0 asked to stop, 1 a fault or bug, {@link #STORAGE_FAILED}. */
    public int exitCode() {
        return stopReason.get() == null ? 0 : storageFailed ? STORAGE_FAILED : 1;
    }

    public boolean stopped() {
        return stopped.getCount() == 0;
    }

    /**
     * Waits until the node has stopped.
     *
     * @return why; empty when it was asked to
     */
    public String awaitStop() throws InterruptedException {
        stopped.await();
        String reason = stopReason.get();
        return reason == null ? "" : reason;
    }

    /** Stops the node in order: no new requests, leaves the Raft group, closes journal and listeners. Idempotent. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            scheduler.shutdownNow();
            if (!scheduler.awaitTermination(DUTY_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn().log("node.stop_slow: the duties did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // Each in turn, also when the one before fails: a full disk must not keep the process alive.
            List.<Runnable>of(
                            duties::close,
                            witnesses::close,
                            telemetry::close,
                            api::close,
                            raft::close,
                            engine::close,
                            ledger::close)
                    .forEach(this::closeOrTell);
            LOG.atInfo().addKeyValue("node", config.nodeId()).log("node.stopped");
            stopped.countDown();
            serving.completeExceptionally(new IllegalStateException("the node stopped before it served"));
        }
    }

    private void closeOrTell(Runnable close) {
        try {
            close.run();
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("node", config.nodeId()).setCause(e).log("node.stop_failed: the stop goes on");
        }
    }

    /** Called by whatever finds that this node must not go on; the stop itself happens in a thread of its own. */
    private void stopBecause(String reason) {
        if (stopReason.compareAndSet(null, reason)) {
            new Thread(this::close, "ledger-stop-" + config.nodeId()).start();
        }
    }

    /** A dead disk: the node already serves nothing; the process ends when there was time to read why. */
    private void stopLater(String reason) {
        if (stopReason.compareAndSet(null, reason)) {
            storageFailed = true;
            Thread end = new Thread(
                    () -> {
                        try {
                            stopped.await(lingering.toMillis(), TimeUnit.MILLISECONDS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        close();
                    },
                    "ledger-stop-" + config.nodeId());
            end.setDaemon(true);
            end.start();
        }
    }

    private final class Control implements ControlApi.Controlled {
        @Override
        public ControlApi.Probe probe() {
            return duties.probe();
        }

        @Override
        public void fence(String reason) {
            gate.shut(NodeGate.Hold.FENCED, reason);
        }

        @Override
        public void unfence() {
            gate.lift(NodeGate.Hold.FENCED);
        }

        @Override
        public CompletableFuture<Long> snapshot() {
            return raft.snapshot();
        }

        @Override
        public boolean drift(String account, long delta) {
            return config.faultHooks() && ledger.faultDrift(account, delta);
        }

        @Override
        public boolean setClockWrong(Duration offset) {
            if (config.faultHooks()) {
                clock.faultOffset(offset);
            }
            return config.faultHooks();
        }

        @Override
        public boolean faultHooks() {
            return config.faultHooks();
        }

        @Override
        public void stop() {
            new Thread(LedgerNode.this::close, "ledger-stop-" + config.nodeId()).start();
        }
    }

    private static Genesis genesis(LedgerNodeConfig config) {
        Genesis genesis = GenesisFile.read(config.genesisFile());
        if (genesis.nodes().stream().noneMatch(node -> node.id().equals(config.nodeId()))) {
            throw new IllegalArgumentException("node '" + config.nodeId() + "' is not in the genesis of ledger '"
                    + genesis.ledger() + "', which knows "
                    + genesis.nodes().stream().map(Genesis.Node::id).toList());
        }
        return genesis;
    }

    private static Ed25519.Keys checkpointKeys(LedgerNodeConfig config, Genesis genesis) {
        Ed25519.Keys keys;
        try {
            keys = Ed25519.readPem(config.checkpointKeyFile());
        } catch (IOException e) {
            throw new UncheckedIOException("the checkpoint key of node " + config.nodeId() + " can not be read", e);
        }
        boolean known = genesis.nodes().stream()
                .anyMatch(node ->
                        node.id().equals(config.nodeId()) && Arrays.equals(node.checkpointKey(), keys.publicKey()));
        if (!known) {
            throw new IllegalArgumentException("the checkpoint key of node '" + config.nodeId()
                    + "' is not the one in the genesis; nobody could verify what it signs");
        }
        return keys;
    }

    /** An empty folder needs to be told what it is; a folder with a log goes on by itself. */
    private static RaftReplica.Start howToStart(LedgerNodeConfig config, Genesis genesis, PeerClient peers) {
        try {
            Files.createDirectories(config.dataDir());
        } catch (IOException e) {
            throw new UncheckedIOException("the data folder of node " + config.nodeId() + " can not be made", e);
        }
        if (config.join() || RaftReplica.hasLog(config.dataDir(), genesis.ledger())) {
            return RaftReplica.Start.JOIN;
        }
        if (!config.bootstrap()) {
            throw new IllegalArgumentException(
                    "the data folder of node '" + config.nodeId() + "' is empty: start it with join"
                            + " to be filled by the others, or with bootstrap when the whole cluster is new");
        }
        for (LedgerNodeConfig.Peer peer : config.peers()) {
            if (!peer.id().equals(config.nodeId())) {
                try {
                    OptionalLong size = peers.journalSize(peer);
                    if (size.isPresent() && size.getAsLong() > 0) {
                        LOG.atWarn()
                                .addKeyValue("peer", peer.id())
                                .addKeyValue("journalSize", size.getAsLong())
                                .log(
                                        "node.bootstrap_refused: the cluster exists already, so this node joins it instead");
                        return RaftReplica.Start.JOIN;
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while asking peers whether the cluster is new", e);
                }
            }
        }
        return RaftReplica.Start.BOOTSTRAP;
    }

    private static String version() {
        String version = LedgerNode.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
