package io.homeostat.agent.supervise;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.AgentLimits;
import io.homeostat.agent.probe.NodeClient;
import io.homeostat.agent.process.NodeProcess;
import io.homeostat.agent.reflex.Reflex;
import io.homeostat.agent.reflex.ReflexPolicy;
import io.homeostat.agent.reflex.ReflexView;
import io.homeostat.events.ActionReport;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import io.homeostat.events.SidecarStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one node running: starts its process, probes it, restarts or fences it by reflex, and lends its hands to orders.
 *
 * <p>Thread-safe. State is guarded by this object's monitor, which is never held while a process is waited for. Whoever
 * starts or stops the process holds the one permit of {@code hands}: the reflex skips its turn when an order has it.
 */
public final class NodeSupervisor {
    private static final Logger LOG = LoggerFactory.getLogger(NodeSupervisor.class);
    private static final String JOIN = "--join";
    /** How a node ends whose Raft log or journal failed (docs/interfaces.md): not to be started again as it is. */
    private static final String STORAGE_FAILED = "exit code 74";

    private final AgentConfig config;
    private final AgentLimits limits;
    private final NodeClient client;
    private final ReflexPolicy policy;
    private final InstantSource clock;
    private final ScheduledExecutorService loop;
    private final Path memoryFile;
    private final Semaphore hands = new Semaphore(1);

    private AgentMemory memory;
    private boolean memoryUnsaved;
    private boolean closing;
    private boolean probing;
    private boolean gaveUp;
    /** False between the start of a process and the news of its end, which comes a moment after the end itself. */
    private boolean endNoted = true;

    private @Nullable NodeProcess process;
    private @Nullable NodeProbe answer;
    private @Nullable NodeProbe newest;
    private @Nullable Instant answeredAt;
    private Instant startedAt = Instant.EPOCH;
    private Instant endedAt = Instant.EPOCH;
    private Instant reflexRestartAt = Instant.EPOCH;
    private String lastGate = "";
    private String lastExit = "";
    private int deadLogProbes;
    private int starts;
    private long probeFailures;
    private double probeSeconds = -1;

    /** @param clock steady: back-off and silence are measured with it, so it must not jump with the wall clock */
    public NodeSupervisor(AgentConfig config, NodeClient client, InstantSource clock, ScheduledExecutorService loop) {
        this.config = config;
        this.limits = config.limits();
        this.client = client;
        this.clock = clock;
        this.loop = loop;
        this.policy = new ReflexPolicy(
                limits.firstBackoff(),
                limits.maxBackoff(),
                limits.maxAttempts(),
                limits.attemptWindow(),
                limits.deadLogProbes());
        this.memoryFile = config.stateDir().resolve("agent.json");
        this.memory = AgentMemory.load(memoryFile);
    }

    /** Starts the node unless it is fenced, and begins to look after it. */
    public void start() {
        if (memory().held()) {
            LOG.atWarn()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("reason", memory().heldReason())
                    .log("the node is fenced and is not started");
        } else {
            startProcess();
        }
        var unused = loop.scheduleWithFixedDelay(
                this::tick, 0, limits.probeInterval().toMillis(), TimeUnit.MILLISECONDS);
    }

    public synchronized SidecarStatus status() {
        NodeProcess current = process;
        return new SidecarStatus(
                config.nodeId(),
                state(),
                current != null && current.alive() ? current.pid() : 0,
                restarts(),
                lastExit,
                newest,
                answeredAt);
    }

    public synchronized NodeView view() {
        boolean alive = alive();
        return new NodeView(
                alive, alive && newest != null, memory.held(), probeSeconds, probeFailures, restarts(), answer);
    }

    // ---- hands of orders ----

    /** Waits for the reflex to finish what it does; the caller must {@link #giveHandsBack()}. */
    public boolean takeHands(Duration within) throws InterruptedException {
        return hands.tryAcquire(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    public void giveHandsBack() {
        hands.release();
    }

    /** From now on the node is to stay down; remembered on disk before the process is touched. */
    public void hold(String reason) {
        remember(m -> m.withHeld(true, reason));
    }

    public void release() {
        remember(m -> m.withHeld(false, ""));
    }

    /**
     * Ends the process. Blocks; the caller holds the hands.
     *
     * @return whether the process is gone, looked at and not assumed
     */
    public boolean stopProcess() throws InterruptedException {
        NodeProcess current;
        boolean hung;
        synchronized (this) {
            current = process;
            hung = state() == ProcessState.HUNG;
        }
        if (current == null || !current.alive()) {
            return true;
        }
        // A hung process does not hear SIGTERM; waiting for it would only delay the healing.
        boolean gone =
                hung ? current.kill(limits.killDeadline()) : current.stop(limits.termDeadline(), limits.killDeadline());
        return gone && !current.alive();
    }

    /** Starts the process on order; the caller holds the hands and has stopped the former one. */
    public void startOnOrder() {
        synchronized (this) {
            gaveUp = false;
        }
        startProcess();
    }

    /** The next starts carry {@code --join} until the node answers; must be on disk before data is moved. */
    public void expectJoin(boolean pending) {
        AgentMemory next;
        synchronized (this) {
            next = memory.withJoinPending(pending);
            memory = next;
        }
        next.store(memoryFile);
    }

    /**
     * Waits until an answer of the present process satisfies the predicate, the process ends, or the time is over.
     *
     * @return the answer, or {@code null}
     */
    public synchronized @Nullable NodeProbe awaitAnswer(Predicate<NodeProbe> wanted, Duration within)
            throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (true) {
            NodeProbe latest = newest;
            if (latest != null && alive() && wanted.test(latest)) {
                return latest;
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (leftMillis <= 0 || !alive()) {
                return null;
            }
            wait(leftMillis);
        }
    }

    public synchronized boolean reflexRestartedAfter(Instant since) {
        return reflexRestartAt.isAfter(since);
    }

    public synchronized ProcessState processState() {
        return state();
    }

    public synchronized String lastExit() {
        return lastExit;
    }

    public synchronized AgentMemory memory() {
        return memory;
    }

    public void rememberReports(List<ActionReport> reports) {
        remember(m -> m.withReports(reports));
    }

    /** No reflex from now on; stops the process and leaves nothing. Blocks. */
    public void close() throws InterruptedException {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        Duration longest = limits.termDeadline().plus(limits.killDeadline());
        boolean mine = takeHands(longest);
        try {
            if (!stopProcess()) {
                LOG.atError()
                        .addKeyValue("nodeId", config.nodeId())
                        .addKeyValue("pid", status().pid())
                        .log("the node's process is still there after SIGKILL; look for a hung disk");
            }
        } finally {
            if (mine) {
                giveHandsBack();
            }
        }
    }

    // ---- the loop ----

    private void tick() {
        try {
            probe();
            reflex();
            saveMemory();
        } catch (RuntimeException e) {
            // The door of the loop: a scheduled task that throws would never run again, and nobody would look after the
            // node.
            LOG.atError().setCause(e).addKeyValue("nodeId", config.nodeId()).log("supervision failed; it goes on");
        }
    }

    private void probe() {
        NodeProcess asked;
        synchronized (this) {
            asked = process;
            if (asked == null || !asked.alive() || probing) {
                return;
            }
            probing = true;
        }
        long began = System.nanoTime();
        var unused = client.probe(limits.probeTimeout())
                .whenCompleteAsync((found, failure) -> probed(asked, found, System.nanoTime() - began), loop);
    }

    private synchronized void probed(NodeProcess asked, @Nullable NodeProbe found, long nanos) {
        probing = false;
        probeSeconds = nanos / 1e9;
        if (asked != process || !asked.alive()) {
            newest = null;
            return;
        }
        boolean ours = found != null && found.nodeId().equals(config.nodeId());
        if (found == null || !ours) {
            probeFailures++;
            newest = null;
            if (found != null) {
                LOG.atWarn()
                        .addKeyValue("expected", config.nodeId())
                        .addKeyValue("found", found.nodeId())
                        .log("another node answers at nodeControl; check the ports");
            }
            return;
        }
        if (answer == null) {
            LOG.atInfo()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("pid", asked.pid())
                    .addKeyValue("gate", found.gate())
                    .log("the node answers");
        }
        answer = found;
        newest = found;
        answeredAt = clock.instant();
        lastGate = found.gate();
        deadLogProbes = found.raftLogAlive() ? 0 : deadLogProbes + 1;
        if (memory.joinPending()) {
            remember(m -> m.withJoinPending(false));
        }
        notifyAll();
    }

    private void reflex() {
        if (!hands.tryAcquire()) {
            return;
        }
        try {
            Instant now = clock.instant();
            ReflexView view;
            synchronized (this) {
                view = new ReflexView(
                        memory.held() || closing,
                        false,
                        !endNoted,
                        endedAt,
                        lastGate,
                        deadLogProbes,
                        memory.attempts());
            }
            carryOut(policy.decide(view, now), now);
        } finally {
            hands.release();
        }
    }

    private void carryOut(Reflex reflex, Instant now) {
        switch (reflex) {
            case NONE, WAIT -> {}
            case RESTART -> restartByReflex(now);
            case FENCE -> fenceByReflex();
            case GIVE_UP -> giveUp();
        }
    }

    private void restartByReflex(Instant now) {
        List<Instant> attempts = new ArrayList<>(memory().attempts());
        attempts.removeIf(at -> !at.isAfter(now.minus(limits.attemptWindow())));
        attempts.add(now);
        remember(m -> m.withAttempts(attempts));
        LOG.atWarn()
                .addKeyValue("nodeId", config.nodeId())
                .addKeyValue("attempt", attempts.size())
                .addKeyValue("lastExit", lastExit())
                .log("reflex: restarting the crashed node");
        synchronized (this) {
            reflexRestartAt = now;
        }
        startProcess();
    }

    private void fenceByReflex() {
        hold("reflex: the Raft log is dead");
        LOG.atError()
                .addKeyValue("nodeId", config.nodeId())
                .log("reflex: fencing the node, its Raft log is dead; see its disk");
        try {
            if (!stopProcess()) {
                LOG.atError().addKeyValue("nodeId", config.nodeId()).log("reflex: the process survived SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void giveUp() {
        if (!gaveUp) {
            gaveUp = true;
            LOG.atError()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("attempts", limits.maxAttempts())
                    .addKeyValue("lastExit", lastExit)
                    .log("reflex: restarts are used up, a plan or a person must decide");
        }
    }

    private synchronized void startProcess() {
        if (closing) {
            return;
        }
        List<String> command = new ArrayList<>(config.nodeCommand());
        if (memory.joinPending()) {
            command.add(JOIN);
        }
        answer = null;
        newest = null;
        deadLogProbes = 0;
        lastGate = "";
        startedAt = clock.instant();
        starts++;
        try {
            NodeProcess run = NodeProcess.start(command, config.logFile(), limits.logBytes(), limits.logFiles());
            process = run;
            endNoted = false;
            var unused = run.ended().thenAcceptAsync(words -> ended(run, words), loop);
            LOG.atInfo()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("pid", run.pid())
                    .addKeyValue("join", memory.joinPending())
                    .log("node started");
        } catch (IOException e) {
            process = null;
            endNoted = true;
            endedAt = clock.instant();
            lastExit = "could not be started: " + e.getMessage();
            LOG.atError()
                    .addKeyValue("nodeId", config.nodeId())
                    .addKeyValue("program", command.get(0))
                    .setCause(e)
                    .log("the node could not be started; check nodeCommand");
        }
    }

    private synchronized void ended(NodeProcess run, String words) {
        lastExit = words;
        if (run != process) {
            return;
        }
        endNoted = true;
        endedAt = clock.instant();
        newest = null;
        gaveUp = false;
        if (words.equals(STORAGE_FAILED) && !memory.held() && !closing) {
            // The same reflex as for a log that is seen dead: its state on disk is not to be believed.
            remember(m -> m.withHeld(true, "reflex: the node ended because its storage failed"));
        }
        notifyAll();
        LOG.atWarn()
                .addKeyValue("nodeId", config.nodeId())
                .addKeyValue("pid", run.pid())
                .addKeyValue("exit", words)
                .addKeyValue("state", state())
                .log("the node's process ended");
    }

    private ProcessState state() {
        if (closing) {
            return ProcessState.STOPPED;
        }
        if (memory.held()) {
            return ProcessState.FENCED;
        }
        if (!alive()) {
            return ProcessState.CRASHED;
        }
        Instant now = clock.instant();
        if (answer == null) {
            return now.isBefore(startedAt.plus(limits.startGrace())) ? ProcessState.STARTING : ProcessState.HUNG;
        }
        Instant heard = Objects.requireNonNullElse(answeredAt, startedAt);
        return now.isBefore(heard.plus(limits.hungAfter())) ? ProcessState.RUNNING : ProcessState.HUNG;
    }

    private boolean alive() {
        NodeProcess current = process;
        return current != null && current.alive();
    }

    private int restarts() {
        return Math.max(0, starts - 1);
    }

    /** Counts at once; a disk that is full or broken must not stop a fence, so writing is tried again each tick. */
    private void remember(UnaryOperator<AgentMemory> change) {
        synchronized (this) {
            memory = change.apply(memory);
            memoryUnsaved = true;
        }
        saveMemory();
    }

    private synchronized void saveMemory() {
        if (!memoryUnsaved) {
            return;
        }
        try {
            memory.store(memoryFile);
            memoryUnsaved = false;
        } catch (UncheckedIOException e) {
            LOG.atError().setCause(e).addKeyValue("nodeId", config.nodeId()).log("agent state is not on disk yet");
        }
    }
}
