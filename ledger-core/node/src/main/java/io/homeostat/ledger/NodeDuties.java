package io.homeostat.ledger;

import io.homeostat.ledger.archive.ArchiveFault;
import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.control.ControlApi;
import io.homeostat.ledger.control.NodeGate;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.http.PeerClient;
import io.homeostat.ledger.raft.JoinMark;
import io.homeostat.ledger.raft.PeerConnection;
import io.homeostat.ledger.raft.RaftEvents;
import io.homeostat.ledger.raft.RaftReplica;
import io.homeostat.ledger.raft.RaftStatus;
import io.homeostat.ledger.raft.StorageWatch;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Divergence;
import io.homeostat.ledger.state.Entry;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.NodeView;
import io.homeostat.ledger.state.OwnDigest;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.JournalFault;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does unasked: begins the ledger and lets time pass when it leads, attests its state, opens and shuts its gate,
 * and stops itself when its state or its log can not be trusted. Listens to Raft, and is run every
 * {@link LedgerNodeLimits#dutyInterval()} by one thread.
 *
 * <p>Events come from Raft threads and only set flags or shut the gate; leaving the Raft group happens in a thread of its
 * own, because it waits for the thread that applies.
 */
final class NodeDuties implements RaftEvents, Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDuties.class);
    private static final double NANOS = 1e9;
    private static final long CLOCK_TOLD_NANOS = 5_000_000_000L;
    private static final double MICROS = 1e6;
    /** An attestation falls due every second; one that is missing for so long is said, with the reason. */
    private static final long ATTESTED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** About half a second of rounds. */
    private static final int FAILED_ROUNDS = 20;

    private final LedgerNodeConfig config;
    private final LedgerNodeLimits limits;
    private final Genesis genesis;
    private final Ledger ledger;
    private final NodeGate gate;
    private final LedgerTelemetry telemetry;
    private final PeerClient peers;
    private final PeerClocks clocks;
    private final Consumer<String> stop;
    private final Consumer<String> storageFailed;
    private final JournalFill fill;
    private final AtomicBoolean leaving = new AtomicBoolean();
    private final AtomicBoolean proposing = new AtomicBoolean();
    private final AtomicBoolean attesting = new AtomicBoolean();
    private final AtomicBoolean handingOver = new AtomicBoolean();
    private @Nullable RaftReplica raft;
    private volatile @Nullable RaftStatus status;
    private volatile boolean journalWhole = true;
    /** The state was taken over from other nodes and has not been compared with the majority's yet. */
    private volatile boolean toBeConfirmed;

    /** Only the thread of the duties uses it, and the next one. */
    private boolean joining;

    /** What the leader had committed when this joining node first was an up-to-date voter; -1 before. */
    private long votingFrom = -1;

    private volatile boolean raftLogAlive = true;
    private volatile boolean raftEnded;
    private volatile long attestedIndex;
    private volatile long attestedNanos = System.nanoTime();
    private volatile String attestationFailure = "";
    private long undecidedSinceNanos = System.nanoTime();
    private volatile long digestSeen;
    private long clockToldNanos = System.nanoTime() - CLOCK_TOLD_NANOS;
    private int failedRounds;
    private volatile long digestSeenNanos;

    NodeDuties(
            LedgerNodeConfig config,
            LedgerNodeLimits limits,
            Genesis genesis,
            Ledger ledger,
            NodeGate gate,
            LedgerTelemetry telemetry,
            PeerClient peers,
            PeerClocks clocks,
            Consumer<String> stop,
            Consumer<String> storageFailed) {
        this.config = config;
        this.limits = limits;
        this.genesis = genesis;
        this.ledger = ledger;
        this.gate = gate;
        this.telemetry = telemetry;
        this.peers = peers;
        this.clocks = clocks;
        this.stop = stop;
        this.storageFailed = storageFailed;
        this.toBeConfirmed = config.join() || JoinMark.isSet(config.dataDir());
        this.fill = new JournalFill(config, limits, ledger, peers, this::filled);
    }

    /** Before the first run; the replica needs these duties as its listener, so it comes second. */
    void attach(RaftReplica replica) {
        raft = replica;
        joining = JoinMark.isSet(config.dataDir());
    }

    RaftStatus status() {
        RaftStatus known = status;
        return known == null
                ? new RaftStatus("none", "", 0, -1, -1, -1, List.of(), List.of(), List.of(), false, true)
                : known;
    }

    /** False when only a restart, or a rebuild, can help. A diverged node lives: its sidecar must be able to read why. */
    boolean live() {
        return raftLogAlive && !(raftEnded && !leaving.get());
    }

    boolean ready() {
        return gate.view().open() && status().caughtUp() && journalWhole && ledger.begun();
    }

    /**
     * One round. What goes wrong again and again ends the node: a duty that silently no longer runs would be worse. Not at
     * once, because a broken ledger refuses reads a moment before {@link #broken} tells why.
     */
    @Override
    public void run() {
        try {
            round();
            failedRounds = 0;
        } catch (RuntimeException e) {
            failedRounds++;
            if (failedRounds >= FAILED_ROUNDS) {
                LOG.atError().addKeyValue("node", config.nodeId()).setCause(e).log("node.duty_failed: the node stops");
                stop.accept("a duty failed " + failedRounds + " times: " + e);
            }
        }
    }

    private void round() {
        RaftReplica replica = raft;
        if (replica == null || leaving.get()) {
            return;
        }
        RaftStatus now = replica.status();
        status = now;
        if (!now.running()) {
            // A server that ended orderly begins again: its log is sound.
            if (replica.ended()) {
                stop.accept("Raft has ended here, as it does in a node that the others do not count a member any more");
            } else if (replica.closedByLog()) {
                stopped("the Raft server of this node was ended by its own log; the node's log file holds why");
            }
            return;
        }
        clocks.ask();
        watchStorage(replica.storage());
        watchDigest();
        ledger.archiveFault().ifPresent(fault -> storageDied(String.valueOf(fault.getMessage())));
        enforceIsolation();
        watchMembership(replica, now);
        if (gate.heldBy(NodeGate.Hold.STARTING) && now.caughtUp() && journalWhole && ledger.begun()) {
            if (!toBeConfirmed || ledger.confirmedIndex() > 0) {
                toBeConfirmed = false;
                gate.lift(NodeGate.Hold.STARTING);
            } else {
                gate.shut(
                        NodeGate.Hold.STARTING,
                        "the state came from others: it is served once the majority has attested the same digest");
            }
        }
        if (now.leader() && now.caughtUp()) {
            lead(replica, now);
        }
        attest(replica, now);
    }

    private void lead(RaftReplica replica, RaftStatus now) {
        if (!ledger.begun()) {
            propose(replica, new Command.Begin(genesis.body()));
        } else if (replica.idle().compareTo(limits.tickInterval()) >= 0) {
            propose(replica, new Command.Tick());
        }
        Optional<String> skew = clocks.refusal();
        if (skew.isPresent() && System.nanoTime() - clockToldNanos > CLOCK_TOLD_NANOS) {
            // A leader that may not stamp is of no use; not at once again, when nobody's clock has a majority.
            clockToldNanos = System.nanoTime();
            LOG.atError()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("found", skew.get())
                    .log("clock.skewed");
            handOver(replica, now);
        }
        if (!gate.view().open() && !gate.heldBy(NodeGate.Hold.STARTING)) {
            handOver(replica, now);
        }
    }

    private void propose(RaftReplica replica, Command command) {
        if (proposing.compareAndSet(false, true)) {
            replica.propose(List.of(command)).whenComplete((committed, failure) -> {
                proposing.set(false);
                if (failure != null) {
                    LOG.atDebug().addKeyValue("failure", failure.toString()).log("duty.not_committed: tried again");
                }
            });
        }
    }

    /** A leader that answers no clients would answer nobody's writes: it gives leadership away. */
    private void handOver(RaftReplica replica, RaftStatus now) {
        List<String> successors = now.liveMembers().stream()
                .filter(id -> !id.equals(config.nodeId()) && !isolated(id))
                .sorted()
                .toList();
        if (!successors.isEmpty() && handingOver.compareAndSet(false, true)) {
            replica.transferLeadership(successors).whenComplete((leader, failure) -> {
                handingOver.set(false);
                LOG.atInfo()
                        .addKeyValue("successor", leader == null ? "" : leader)
                        .addKeyValue("moved", failure == null)
                        .log("leadership.handed_over: this node's gate is shut, or its clock is wrong");
            });
        }
    }

    private void attest(RaftReplica replica, RaftStatus now) {
        if (joining && now.members().contains(config.nodeId())) {
            // It waits to be told what the others attest; with its own it would help the majority that confirms it.
            return;
        }
        Optional<OwnDigest> due = ledger.pendingAttestation();
        sayLateAttestation(now, due);
        if (due.isEmpty() || now.leaderId().isEmpty() || !attesting.compareAndSet(false, true)) {
            return;
        }
        OwnDigest digest = due.get();
        long sinceLast = System.nanoTime() - attestedNanos;
        boolean wait = digest.raftIndex() == attestedIndex
                || sinceLast < limits.tickInterval().toNanos();
        if (wait) {
            attesting.set(false);
            return;
        }
        attestedNanos = System.nanoTime();
        tell(replica, now, digest).whenComplete((decided, failure) -> {
            // A decision of the ledger stands, also a refusal; anything else is proposed again.
            if (failure == null && decided) {
                attestedIndex = digest.raftIndex();
            } else {
                attestationFailure =
                        failure == null ? "node " + now.leaderId() + " did not take it" : failure.toString();
            }
            attesting.set(false);
        });
    }

    /** Nobody else can tell why a node that serves attests nothing. */
    private void sayLateAttestation(RaftStatus now, Optional<OwnDigest> due) {
        long at = System.nanoTime();
        if (due.isEmpty() || due.get().raftIndex() == attestedIndex) {
            undecidedSinceNanos = at;
        } else if (at - undecidedSinceNanos > ATTESTED_WITHIN_NANOS) {
            undecidedSinceNanos = at;
            LOG.atWarn()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("leader", now.leaderId())
                    .addKeyValue("raftIndex", due.get().raftIndex())
                    .addKeyValue("attestedIndex", attestedIndex)
                    .addKeyValue("inFlight", attesting.get())
                    .addKeyValue("failure", attestationFailure)
                    .log("attestation.late: nothing that this node attested was decided on for 10 s");
        }
    }

    /** Completes within a limit, or this node would never attest again; a failure to begin is a failure to tell. */
    private CompletableFuture<Boolean> tell(RaftReplica replica, RaftStatus now, OwnDigest digest) {
        CompletableFuture<Boolean> told;
        try {
            told = now.leader()
                    ? replica.propose(List.of(new Command.Attest(config.nodeId(), digest.raftIndex(), digest.digest())))
                            .thenApply(committed -> true)
                    : config.peers().stream()
                            .filter(peer -> peer.id().equals(now.leaderId()))
                            .findFirst()
                            .map(leader -> peers.attest(leader, config.nodeId(), digest.raftIndex(), digest.digest()))
                            .orElseGet(() -> CompletableFuture.completedFuture(false));
        } catch (RuntimeException e) {
            told = CompletableFuture.failedFuture(e);
        }
        return told;
    }

    private void enforceIsolation() {
        for (NodeView node : ledger.nodes()) {
            if (node.id().equals(config.nodeId())) {
                if (node.isolated()) {
                    gate.shut(NodeGate.Hold.ISOLATED, "isolated by incident " + node.incidentId());
                } else {
                    gate.lift(NodeGate.Hold.ISOLATED);
                }
            }
        }
    }

    private boolean isolated(String id) {
        return ledger.nodes().stream().anyMatch(node -> node.id().equals(id) && node.isolated());
    }

    private void watchStorage(StorageWatch disk) {
        StorageWatch.State before = disk.view().state();
        StorageWatch.View found = disk.look();
        if (found.state() != before) {
            LOG.atWarn()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("storage", found.state().name().toLowerCase(Locale.ROOT))
                    .addKeyValue("freeBytes", found.freeBytes())
                    .addKeyValue("reserveBytes", found.reserveBytes())
                    .log("storage.changed: a full disk refuses writes, and resumes by itself");
        }
    }

    /**
     * A node that began empty votes once the others have attested its digest at an index that was committed after it had
     * caught up as a voter. What it may have acknowledged before its folder was emptied lies before that index, and an entry
     * of the leader's own term, which {@link RaftStatus#caughtUp()} asks for, keeps it from a second vote in that term.
     */
    private void watchMembership(RaftReplica replica, RaftStatus now) {
        if (!joining || !now.role().equals("follower") || !now.caughtUp()) {
            return;
        }
        if (votingFrom < 0) {
            votingFrom = now.leaderCommitIndex();
            LOG.atInfo()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("votesRefused", replica.votesRefused())
                    .log("node.votes_withheld: this folder was empty, and the ledger counts this node as a voter:"
                            + " it votes once the others attest its digest");
        }
        if (ledger.confirmedIndex() > votingFrom) {
            replica.vote();
            joining = false;
            LOG.atInfo()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("raftIndex", ledger.confirmedIndex())
                    .log("node.votes: the majority attested this node's digest");
        }
    }

    private void watchDigest() {
        long index = ledger.digestIndex();
        if (index != digestSeen) {
            digestSeen = index;
            digestSeenNanos = System.nanoTime();
        }
    }

    private void filled(boolean whole) {
        RaftReplica replica = raft;
        if (whole && replica != null) {
            journalWhole = true;
            replica.journalFilled();
        }
    }

    @Override
    public void applied(long raftIndex, Entry entry, List<Command.Outcome> outcomes) {
        long accepted = 0;
        for (int i = 0; i < entry.count(); i++) {
            if (entry.isTransfer(i)) {
                switch (outcomes.get(i).reason()) {
                    case OK -> accepted++;
                    case DUPLICATE -> {
                        // The first one was counted.
                    }
                    default -> telemetry.transferRefused(outcomes.get(i).reason());
                }
            }
        }
        if (accepted > 0) {
            telemetry.transfersAccepted(accepted);
        }
        ledger.divergence().ifPresent(this::diverged);
    }

    private void diverged(Divergence divergence) {
        if (gate.heldBy(NodeGate.Hold.DIVERGED)) {
            return;
        }
        String expected = Digests.hex(divergence.expected());
        String found = Digests.hex(divergence.found());
        gate.shut(
                NodeGate.Hold.DIVERGED,
                "at Raft index " + divergence.raftIndex() + " the majority attested " + expected + " but this node has "
                        + found);
        LOG.atError()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("raftIndex", divergence.raftIndex())
                .addKeyValue("expectedDigest", expected)
                .addKeyValue("foundDigest", found)
                .log("node.diverged: this node leaves its Raft group and must be rebuilt from its peers");
        leave();
    }

    @Override
    public void restored(long raftIndex, boolean whole) {
        LOG.atInfo()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("raftIndex", raftIndex)
                .addKeyValue("journalWhole", whole)
                .log("snapshot.restored");
        if (!whole) {
            journalWhole = false;
            toBeConfirmed = true;
            gate.shut(NodeGate.Hold.STARTING, "the journal before the snapshot is being filled from peers");
            fill.begin();
        }
    }

    @Override
    public void committed(long nanos) {
        telemetry.committed(nanos);
    }

    @Override
    public void broken(RuntimeException violation) {
        if (violation instanceof JournalFault) {
            storageDied("the journal failed: " + violation.getMessage());
            return;
        }
        if (violation instanceof ArchiveFault) {
            storageDied(String.valueOf(violation.getMessage()));
            return;
        }
        LOG.atError()
                .addKeyValue("node", config.nodeId())
                .setCause(violation)
                .log("node.broken: an invariant does not hold, the node stops");
        gate.shut(NodeGate.Hold.LOG_FAILED, "an entry could not be applied: " + violation.getMessage());
        stop.accept("an entry could not be applied: " + violation.getMessage());
    }

    @Override
    public void logFailed(String why) {
        storageDied("the Raft log failed: " + why);
    }

    /**
     * Nothing can be acknowledged here any more. The node serves nothing and leaves its group at once, so that another one
     * leads; the process stays a while, so that its sidecar can read why, and then ends by itself.
     */
    private void storageDied(String why) {
        raftLogAlive = false;
        if (!gate.heldBy(NodeGate.Hold.LOG_FAILED)) {
            gate.shut(NodeGate.Hold.LOG_FAILED, why);
            LOG.atError()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("cause", why)
                    .log("storage.failed: nothing can be acknowledged here any more, the node leaves its Raft group");
            leave();
            storageFailed.accept(why);
        }
    }

    @Override
    public void stopped(String why) {
        if (!leaving.get()) {
            raftEnded = true;
            storageDied(why);
        }
    }

    @Override
    public void leaderChanged(String leaderId) {
        if (!leaderId.isEmpty()) {
            telemetry.leaderChanged();
        }
    }

    @Override
    public void appended(long nanos) {
        telemetry.appended(nanos);
    }

    @Override
    public void connection(String peer, PeerConnection what) {
        telemetry.connection(peer, what);
    }

    @Override
    public void synced(long nanos) {
        telemetry.synced(nanos);
    }

    @Override
    public void snapshotTaken(long raftIndex, long stallNanos, long nanos, long bytes) {
        telemetry.snapshotTaken(stallNanos, nanos, bytes);
        LOG.atInfo()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("raftIndex", raftIndex)
                .addKeyValue("bytes", bytes)
                .addKeyValue("stallMillis", stallNanos / 1e6)
                .addKeyValue("millis", nanos / 1e6)
                .log("snapshot.taken");
        RaftReplica replica = raft;
        if (replica != null) {
            replica.purgeLog();
        }
    }

    @Override
    public void snapshotFailed(long raftIndex, Exception cause) {
        telemetry.snapshotFailed();
        if (cause instanceof JournalFault) {
            storageDied("the journal failed: " + cause.getMessage());
        }
        LOG.atWarn()
                .addKeyValue("node", config.nodeId())
                .addKeyValue("raftIndex", raftIndex)
                .setCause(cause)
                .log("snapshot.failed: the Raft log is kept until one succeeds");
    }

    ControlApi.Probe probe() {
        RaftStatus now = status();
        NodeGate.View view = gate.view();
        return new ControlApi.Probe(
                config.nodeId(),
                ProcessHandle.current().pid(),
                now.role(),
                now.leaderId(),
                now.term(),
                now.commitIndex(),
                now.appliedIndex(),
                told(ledger::digestIndex, 0L),
                told(ledger::stateDigest, ""),
                raftLogAlive,
                now.members().contains(config.nodeId()),
                ready(),
                view.state().wireName(),
                view.reason(),
                config.faultHooks(),
                told(ledger::journalSize, 0L));
    }

    /** A ledger that failed half-way tells nothing, and the probe must answer all the same. */
    private static <T> T told(Supplier<T> question, T otherwise) {
        try {
            return question.get();
        } catch (IllegalStateException e) {
            return otherwise;
        }
    }

    LedgerTelemetry.Gauges gauges(int requestsInside) {
        RaftStatus now = status();
        RaftReplica replica = raft;
        OptionalLong oldest = ledger.openHoldsOldestMicros();
        double holdsAge = oldest.isEmpty() ? 0 : Math.max(0, (ledger.timeMicros() - oldest.getAsLong()) / MICROS);
        return new LedgerTelemetry.Gauges(
                Math.max(0, now.commitIndex() - now.appliedIndex()),
                Math.max(0, now.leaderCommitIndex() - now.appliedIndex()),
                now.term(),
                replica == null ? 0 : Math.max(requestsInside, replica.queueDepth()),
                holdsAge,
                digestSeen == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((System.nanoTime() - digestSeenNanos) / NANOS),
                gate.heldBy(NodeGate.Hold.DIVERGED),
                now.leader() ? OptionalLong.of(now.quorumMargin()) : OptionalLong.empty(),
                raftLogAlive,
                gate.view().open());
    }

    @Override
    public void close() {
        leaving.set(true);
        fill.close();
    }

    private void leave() {
        RaftReplica replica = raft;
        if (replica != null && leaving.compareAndSet(false, true)) {
            fill.close();
            Thread thread = new Thread(
                    () -> {
                        replica.leave();
                        status = replica.status();
                    },
                    "ledger-leave-" + config.nodeId());
            thread.setDaemon(true);
            thread.start();
        }
    }
}
