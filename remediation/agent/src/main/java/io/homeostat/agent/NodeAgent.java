package io.homeostat.agent;

import io.homeostat.agent.action.ActionDesk;
import io.homeostat.agent.authority.LedgerGate;
import io.homeostat.agent.authority.OrderAuthority;
import io.homeostat.agent.control.ControlApi;
import io.homeostat.agent.probe.NodeClient;
import io.homeostat.agent.supervise.NodeSupervisor;
import io.homeostat.events.SidecarStatus;
import io.homeostat.transport.MutualTls;
import io.opentelemetry.api.OpenTelemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one ledger node as its child process and looks after it: probes, reflexes, metrics, and the orders of remediation.
 *
 * <p>Thread-safe. {@link #close()} stops the node and leaves no process; when this JVM is killed instead, the node sees the
 * end of its standard input and stops itself.
 */
public final class NodeAgent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
    /** A second is usual; a machine that is busy with other starts needs many. */
    private static final long LISTEN_WITHIN_SECONDS = 60;

    private final Vertx vertx;
    private final ScheduledThreadPoolExecutor loop;
    private final ScheduledThreadPoolExecutor follower;
    private final NodeSupervisor supervisor;
    private final ActionDesk desk;
    private final AgentTelemetry telemetry;
    private final int controlPort;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NodeAgent(
            Vertx vertx,
            ScheduledThreadPoolExecutor loop,
            ScheduledThreadPoolExecutor follower,
            NodeSupervisor supervisor,
            ActionDesk desk,
            AgentTelemetry telemetry,
            int controlPort) {
        this.vertx = vertx;
        this.loop = loop;
        this.follower = follower;
        this.supervisor = supervisor;
        this.desk = desk;
        this.telemetry = telemetry;
        this.controlPort = controlPort;
    }

    /**
     * Returns when the control API listens and the node's process was started (or is held down by an earlier order).
     *
     * @throws IllegalStateException when the port can not be bound or the agent's state is damaged
     */
    public static NodeAgent start(AgentConfig config, OpenTelemetry openTelemetry) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(openTelemetry, "openTelemetry");
        String token = secretIn(config.agentTokenFile());
        createFolder(config.stateDir());
        LedgerGate gate = new LedgerGate(
                config.stateDir().resolve("genesis.json"), config.stateDir().resolve("gate.followed"));
        Optional<MutualTls> tls = config.tls().map(MutualTls::open);
        ScheduledThreadPoolExecutor loop = loopThread();
        NodeClient client = new NodeClient(
                config.nodeControl(),
                config.nodeControlTokenFile(),
                config.nodeApi(),
                config.readerTokenFile(),
                config.limits().answerBytes(),
                loop,
                tls);
        NodeSupervisor supervisor = new NodeSupervisor(config, client, new SteadyClock(), loop);
        InstantSource wallClock = InstantSource.system();
        ActionDesk desk =
                new ActionDesk(config, new OrderAuthority(config.approvalRequired(), gate), supervisor, wallClock);
        Vertx vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2).setInternalBlockingPoolSize(1));
        ControlApi api =
                new ControlApi(vertx, supervisor, desk, token, config.limits().bodyBytes(), tls);
        int port;
        try {
            port = await(api.listen(config.host(), config.controlPort()));
        } catch (IllegalStateException e) {
            vertx.close();
            loop.shutdownNow();
            throw e;
        }
        AgentTelemetry telemetry = new AgentTelemetry(openTelemetry, supervisor::view);
        supervisor.start();
        ScheduledThreadPoolExecutor follower = gateThread();
        if (!config.approvalRequired().isEmpty()) {
            var unused = follower.scheduleWithFixedDelay(
                    () -> follow(client, gate),
                    1,
                    config.limits().policyInterval().toSeconds(),
                    TimeUnit.SECONDS);
        }
        LOG.atInfo()
                .addKeyValue("nodeId", config.nodeId())
                .addKeyValue("controlPort", port)
                .log("agent started");
        return new NodeAgent(vertx, loop, follower, supervisor, desk, telemetry, port);
    }

    public int controlPort() {
        return controlPort;
    }

    public SidecarStatus status() {
        return supervisor.status();
    }

    /** Takes no more orders, stops the node (SIGTERM, then SIGKILL) and ends every thread. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        await(vertx.close());
        try {
            desk.close();
            supervisor.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.atWarn().log("interrupted while the agent stopped; the node ends with its standard input");
        }
        telemetry.close();
        follower.shutdownNow();
        loop.shutdownNow();
    }

    private static void follow(NodeClient client, LedgerGate gate) {
        try {
            gate.follow(new LedgerGate.Source() {
                @Override
                public byte[] checkpoint() {
                    return client.checkpoint().join();
                }

                @Override
                public byte[] journal(long from, int limit) {
                    return client.journal(from, limit).join();
                }
            });
        } catch (CompletionException e) {
            // The node starts, is fenced or down: what was followed stays in force, and the next look comes.
            LOG.atDebug().setCause(e).log("the node's journal could not be read");
        } catch (RuntimeException e) {
            // The border of this thread: a disk that is full, say, must not end the looking.
            LOG.atError().setCause(e).log("the ledger's policy could not be followed");
        }
    }

    /** Of its own: a first look reads the whole journal, and must keep nothing else waiting. */
    private static ScheduledThreadPoolExecutor gateThread() {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread t = new Thread(task, "agent-gate");
            t.setDaemon(true);
            return t;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return thread;
    }

    private static ScheduledThreadPoolExecutor loopThread() {
        ScheduledThreadPoolExecutor loop = new ScheduledThreadPoolExecutor(2, task -> {
            Thread t = new Thread(task, "agent-loop");
            t.setDaemon(true);
            return t;
        });
        loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return loop;
    }

    private static String secretIn(Path file) {
        try {
            String secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw new IllegalStateException("token file " + file + " must hold a token but is empty");
            }
            return secret;
        } catch (IOException e) {
            throw new UncheckedIOException("token file " + file + " can not be read", e);
        }
    }

    private static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("stateDir " + folder + " can not be created", e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LISTEN_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the agent's control API started or stopped", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the agent's control API: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the agent's control API did not start or stop within " + LISTEN_WITHIN_SECONDS + " s", e);
        }
    }
}
