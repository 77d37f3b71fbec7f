package io.homeostat.deploy.process;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The running processes of a cluster: one platform and one sidecar per node, which starts its node. They are stopped in
 * order: the platform first, so that it does not take the end for an incident, then the sidecars with their nodes.
 *
 * <p>Thread-safe.
 */
public final class ClusterProcesses implements AutoCloseable {
    /** Ready means within this time; the limit is 30 s on two cores, and a busy machine gets patience. */
    private static final Duration READY_WITHIN = Duration.ofSeconds(240);
    /** Both together stay below the 10 s that a stop may take. */
    private static final Duration PLATFORM_STOPS_WITHIN = Duration.ofMillis(4500);

    private static final Duration SIDECARS_STOP_WITHIN = Duration.ofMillis(4000);
    private static final long POLL_MILLIS = 100;

    private final ClusterDirectory cluster;
    private final Distribution distribution;
    private final FileLock lock;
    private final Map<String, ChildProcess> children = new LinkedHashMap<>();
    private final Set<ProcessHandle> family = new LinkedHashSet<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private ClusterProcesses(ClusterDirectory cluster, Distribution distribution, FileLock lock) {
        this.cluster = cluster;
        this.distribution = distribution;
        this.lock = lock;
    }

    /** Starts all processes and returns at once; a taken port or a running cluster is refused before anything is started. */
    public static ClusterProcesses start(ClusterDirectory cluster, Distribution distribution) {
        FileLock lock = cluster.lock();
        ClusterProcesses processes = new ClusterProcesses(cluster, distribution, lock);
        boolean started = false;
        try {
            List<String> taken = cluster.takenPorts();
            if (!taken.isEmpty()) {
                throw new IllegalStateException("expected free ports but somebody listens on "
                        + String.join(", ", taken) + "; stop that process, or choose another web port with --port");
            }
            processes.startChildren();
            started = true;
            return processes;
        } finally {
            if (!started) {
                processes.close();
            }
        }
    }

    private synchronized void startChildren() {
        startChild("platform", Role.PLATFORM, List.of("--data", cluster.data().toString()));
        for (Topology.Node node : cluster.topology().nodes()) {
            startChild(
                    "sidecar-" + node.id(),
                    Role.SIDECAR,
                    List.of("--data", cluster.data().toString(), "--id", node.id()));
        }
        if (cluster.screening()) {
            startChild(
                    "screener", Role.SCREENER, List.of("--data", cluster.data().toString()));
        }
    }

    private void startChild(String name, Role role, List<String> arguments) {
        Path log = cluster.log(name);
        ChildProcess child =
                ChildProcess.start(name, distribution.command(role, log, arguments), log.resolveSibling(name + ".out"));
        children.put(name, child);
        family.add(child.handle());
    }

    /**
     * Waits until everything answers, and tells each part once. A child that ends meanwhile, or a deadline that passes, is a
     * fault that names the log.
     */
    public void awaitReady(Consumer<String> progress) {
        Map<String, BooleanSupplier> waiting = new LinkedHashMap<>();
        String reader = cluster.token(Principal.OPERATOR);
        for (Topology.Node node : cluster.topology().nodes()) {
            Rest sidecar = Rest.of(cluster.http(), node.sidecarUrl(), null).within(Duration.ofSeconds(2));
            Rest ledger = Rest.of(cluster.http(), node.url(), reader).within(Duration.ofSeconds(2));
            waiting.put("sidecar " + node.id(), () -> sidecar.ok("/health/live"));
            waiting.put("node " + node.id(), () -> ledger.ok("/health/ready"));
        }
        Rest web = Rest.of(cluster.http(), cluster.topology().web().url(), null).within(Duration.ofSeconds(2));
        waiting.put("platform", () -> web.ok("/health/ready"));
        long deadline = System.nanoTime() + READY_WITHIN.toNanos();
        while (!waiting.isEmpty()) {
            waiting.entrySet().removeIf(part -> {
                boolean ready = part.getValue().getAsBoolean();
                if (ready) {
                    progress.accept(part.getKey() + " ready");
                }
                return ready;
            });
            endedChild().ifPresent(ended -> {
                throw new IllegalStateException(ended.describeEnd());
            });
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not ready within " + READY_WITHIN.toSeconds() + " s: "
                        + waiting.keySet() + "; see " + cluster.logs());
            }
            pause();
        }
        rememberFamily();
    }

    /** A running process of each role, nodes below their sidecars included. */
    synchronized Map<Role, ProcessHandle> oneOfEach() {
        Map<Role, ProcessHandle> running = new LinkedHashMap<>();
        running.put(Role.PLATFORM, child("platform").handle());
        ProcessHandle sidecar =
                child("sidecar-" + cluster.topology().nodes().get(0).id()).handle();
        running.put(Role.SIDECAR, sidecar);
        running.put(
                Role.NODE,
                sidecar.children()
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("expected a node below its sidecar")));
        return running;
    }

    private ChildProcess child(String name) {
        return Objects.requireNonNull(children.get(name), name);
    }

    private void pause() {
        try {
            // The latch opens when somebody stops us: then there is nothing left to wait for.
            if (stopped.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("stopped while starting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    public ClusterDirectory cluster() {
        return cluster;
    }

    /** A child that ended although nobody stopped it. Nodes are not ours: their sidecars restart them. */
    public synchronized Optional<ChildProcess> endedChild() {
        return stopping.get()
                ? Optional.empty()
                : children.values().stream().filter(child -> !child.alive()).findFirst();
    }

    /** Blocks until a child ends by itself, or until {@link #close()}; says which. */
    public Optional<ChildProcess> awaitAnyEnd() throws InterruptedException {
        List<CompletableFuture<ChildProcess>> ends;
        synchronized (this) {
            ends = children.values().stream().map(ChildProcess::onExit).toList();
        }
        CompletableFuture.anyOf(ends.toArray(CompletableFuture[]::new)).join();
        if (stopping.get()) {
            stopped.await();
            return Optional.empty();
        }
        return endedChild();
    }

    /**
     * Asks every JVM of the cluster for its threads, which it prints into its log: for the moment when a story breaks off
     * and nobody knows why. Does nothing where there is no kill(1).
     */
    public void dumpThreads() {
        rememberFamily();
        List<ProcessHandle> running;
        synchronized (this) {
            running = List.copyOf(family);
        }
        for (ProcessHandle handle : running) {
            try {
                var unused = new ProcessBuilder("kill", "-QUIT", String.valueOf(handle.pid()))
                        .redirectErrorStream(true)
                        .start()
                        .waitFor(1, TimeUnit.SECONDS);
            } catch (IOException e) {
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Remembers every process below this one by its handle, so that the end can be checked for each. */
    private synchronized void rememberFamily() {
        for (ChildProcess child : children.values()) {
            child.handle().descendants().forEach(family::add);
        }
        family.removeIf(handle -> !handle.isAlive());
    }

    /** Stops everything in order; what does not stop in time is killed. Returns when nothing of it lives. */
    @Override
    public void close() {
        if (!stopping.compareAndSet(false, true)) {
            awaitStopped();
            return;
        }
        try {
            rememberFamily();
            stop(child -> child.name().equals("platform"), PLATFORM_STOPS_WITHIN);
            stop(child -> true, SIDECARS_STOP_WITHIN);
            rememberFamily();
            family.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle handle : family) {
                handle.onExit().completeOnTimeout(handle, 1, TimeUnit.SECONDS).join();
            }
            release();
        } finally {
            stopped.countDown();
        }
    }

    private void awaitStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop(java.util.function.Predicate<ChildProcess> which, Duration within) {
        List<ChildProcess> going;
        synchronized (this) {
            going = new ArrayList<>(children.values());
        }
        going.removeIf(child -> !which.test(child) || !child.alive());
        going.forEach(ChildProcess::askToStop);
        long deadline = System.nanoTime() + within.toNanos();
        for (ChildProcess child : going) {
            if (!child.awaitEnd(Duration.ofNanos(deadline - System.nanoTime()))) {
                child.handle().descendants().forEach(ProcessHandle::destroyForcibly);
                child.kill();
            }
        }
    }

    private void release() {
        try {
            lock.release();
            lock.channel().close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("releasing the lock of " + cluster.data(), e);
        }
    }
}
