package io.homeostat.deploy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.process.ChildProcess;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.Role;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Real node processes, without sidecars: this class starts again what died, as a sidecar would. Nodes count from 1.
 *
 * <p>The thread that injects faults starts and stops; any thread may ask.
 */
final class ChaosCluster implements AutoCloseable {
    private static final Duration END_WITHIN = Duration.ofSeconds(6);
    private static final Duration PATIENCE = Duration.ofMillis(800);
    private static final int PAGE_LEAVES = 65_536;
    /** Nobody listens there: telemetry is not what is tested, and its exporter gives up quietly. */
    private static final String NO_TELEMETRY = "http://127.0.0.1:9";

    private final ClusterDirectory cluster;
    private final Distribution distribution;
    private final @Nullable ChaosNet net;
    private final @Nullable Watchdog watchdog;
    private final @Nullable Path faketime;
    private final Map<Integer, ChildProcess> running = new TreeMap<>();
    /** Nodes that were ready since they were started. */
    private final Set<Integer> cameUp = new HashSet<>();
    /** Nodes that are built again from the others. */
    private final Set<Integer> rebuilding = new HashSet<>();

    private int starts;
    private int rebuilds;

    ChaosCluster(
            ClusterDirectory cluster,
            Distribution distribution,
            @Nullable ChaosNet net,
            @Nullable Watchdog watchdog,
            @Nullable Path faketime) {
        this.cluster = cluster;
        this.distribution = distribution;
        this.net = net;
        this.watchdog = watchdog;
        this.faketime = faketime;
    }

    int size() {
        return cluster.topology().nodes().size();
    }

    List<String> urls() {
        return cluster.topology().urls();
    }

    /** A client of the nodes behind these addresses. */
    LedgerClient client(List<URI> endpoints, LedgerClientLimits limits) {
        return new LedgerClient(endpoints, cluster.token(Principal.LOAD), limits, cluster.clientTls());
    }

    Path data(int node) {
        return cluster.nodeData(id(node));
    }

    static String id(int node) {
        return "n" + node;
    }

    synchronized void start(int node) {
        ChildProcess before = running.get(node);
        if (before != null && before.alive()) {
            return;
        }
        boolean lostStorage = before != null
                && before.exitCode().orElse(0) == LedgerNode.STORAGE_FAILED
                && !cameUp.contains(node)
                && rebuilding.isEmpty();
        if (lostStorage) {
            // As its sidecar and the recovery that follows would: a node that can not start on its disk is built again.
            rebuilding.add(node);
            rebuilds++;
        }
        cameUp.remove(node);
        Path log = cluster.log(id(node));
        List<String> command = new ArrayList<>();
        if (net != null) {
            command.addAll(net.enter(node));
        }
        if (faketime != null) {
            setClock(node, 0);
            command.addAll(List.of(
                    "env",
                    "LD_PRELOAD=" + faketime,
                    "FAKETIME_TIMESTAMP_FILE=" + clockFile(node),
                    "FAKETIME_CACHE_DURATION=1",
                    // Otherwise every timed wait of the JVM returns at once, and all its idle threads spin.
                    "FAKETIME_FORCE_MONOTONIC_FIX=0",
                    "FAKETIME_DONT_FAKE_MONOTONIC=1"));
        }
        command.addAll(distribution.command(Role.NODE, log, arguments(node)));
        ChildProcess started = ChildProcess.start(id(node), command, log.resolveSibling(id(node) + ".out"));
        if (watchdog != null) {
            watchdog.guard(started.pid());
        }
        running.put(node, started);
        starts++;
    }

    private List<String> arguments(int node) {
        List<String> arguments =
                new ArrayList<>(List.of("--data", cluster.data().toString(), "--id", id(node), "--otlp", NO_TELEMETRY));
        if (rebuilding.contains(node)) {
            arguments.add("--rebuild");
        }
        return arguments;
    }

    /** How often a node was built again, because it could not start on what its disk held. */
    synchronized int rebuilds() {
        return rebuilds;
    }

    /** How often a node was started. */
    synchronized int starts() {
        return starts;
    }

    synchronized long pid(int node) {
        ChildProcess child = running.get(node);
        return child == null ? -1 : child.pid();
    }

    synchronized boolean alive(int node) {
        ChildProcess child = running.get(node);
        return child != null && child.alive();
    }

    /** As a power cut to the process would: nothing of it runs on. */
    void kill(int node) {
        ChildProcess child;
        synchronized (this) {
            child = running.get(node);
        }
        if (child != null) {
            child.kill();
            child.awaitEnd(END_WITHIN);
        }
    }

    void signal(int node, String name) {
        Toolbox.run(List.of("kill", "-" + name, Long.toString(pid(node))));
    }

    /** The wall clock of the node goes on from now plus the seconds; takes hold within a second. */
    void setClock(int node, int seconds) {
        try {
            Files.writeString(clockFile(node), (seconds < 0 ? "" : "+") + seconds + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("setting the clock of " + id(node), e);
        }
    }

    private Path clockFile(int node) {
        return cluster.logs().resolve(id(node) + ".clock");
    }

    /** Position of the leader that most recent news name, 0 when no node names one. */
    int leader() {
        for (int node = 1; node <= size(); node++) {
            try {
                String leader =
                        reader(node).get("/v1/nodes").json().path("leader").asText("");
                for (int i = 1; i <= size(); i++) {
                    if (id(i).equals(leader) && alive(i)) {
                        return i;
                    }
                }
            } catch (IOException e) {
                // The next one may know.
                continue;
            }
        }
        return 0;
    }

    boolean ready(int node) {
        boolean ready = alive(node)
                && Rest.of(cluster.http(), cluster.topology().node(id(node)).url(), null)
                        .within(PATIENCE)
                        .ok("/health/ready");
        if (ready) {
            synchronized (this) {
                cameUp.add(node);
                rebuilding.remove(node);
            }
        }
        return ready;
    }

    /** Waits until all nodes are ready, and starts again what has died. Says which are not when the time is over. */
    void awaitAllReady(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        List<String> waiting = new ArrayList<>();
        do {
            waiting.clear();
            for (int node = 1; node <= size(); node++) {
                start(node);
                if (!ready(node)) {
                    waiting.add(id(node));
                }
            }
            if (waiting.isEmpty()) {
                return;
            }
            pause(200);
        } while (System.nanoTime() < deadline);
        throw new NotRecovered("after " + atMost.toSeconds() + " s the nodes " + waiting + " are not ready: "
                + describe() + "; see " + cluster.logs());
    }

    /** What each node says of itself, for whoever has to find out why one did not come back. */
    private String describe() {
        List<String> said = new ArrayList<>();
        for (int node = 1; node <= size(); node++) {
            if (!alive(node)) {
                said.add(id(node) + " does not run");
                continue;
            }
            try {
                JsonNode status =
                        reader(node).within(PATIENCE).get("/v1/status").json();
                said.add(id(node) + " role=" + status.path("role").asText() + " leader="
                        + status.path("leader").asText() + " term="
                        + status.path("term").asText() + " commit="
                        + status.path("commitIndex").asText() + " applied="
                        + status.path("appliedIndex").asText() + " gate="
                        + status.path("gate").asText() + " "
                        + status.path("gateReason").asText());
            } catch (IOException e) {
                said.add(id(node) + " runs and does not answer: " + e.getMessage());
            }
        }
        return String.join("; ", said) + " (" + starts() + " starts in all)";
    }

    /** The ledger did not come back by itself. */
    static final class NotRecovered extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRecovered(String message) {
            super(message);
        }
    }

    /** Whether all nodes attested one and the same digest at an index after now. */
    boolean digestsEqual(Duration atMost) {
        boolean[] equal = new boolean[1];
        long after = newestAttested();
        boolean all = await(atMost, () -> {
            for (JsonNode one : attestations()) {
                JsonNode digests = one.path("digests");
                if (one.path("raftIndex").asLong() > after && digests.size() == size()) {
                    equal[0] = digests.valueStream().distinct().count() == 1;
                    return true;
                }
            }
            return false;
        });
        return all && equal[0];
    }

    private long newestAttested() {
        long newest = 0;
        for (JsonNode one : attestations()) {
            newest = Math.max(newest, one.path("raftIndex").asLong());
        }
        return newest;
    }

    private List<JsonNode> attestations() {
        List<JsonNode> found = new ArrayList<>();
        for (int node = 1; node <= size() && found.isEmpty(); node++) {
            try {
                reader(node).get("/v1/attestations").json().path("attestations").forEach(found::add);
            } catch (IOException e) {
                continue;
            }
        }
        return found;
    }

    /**
     * Reads the whole journal of a node.
     *
     * @param from postings go there, null when only the digest is wanted
     * @param limit leaves to read, so that journals of nodes that go on can be compared
     * @return SHA-256 over the leaves
     */
    String journal(int node, @Nullable Book into, long limit) throws IOException {
        Rest ledger = reader(node).within(Duration.ofSeconds(30));
        MessageDigest digest = sha256();
        Map<Long, String> accounts = new TreeMap<>();
        long next = 0;
        while (next < limit) {
            Rest.Answer page = ledger.get("/v1/journal?from=" + next + "&limit=" + Math.min(PAGE_LEAVES, limit - next))
                    .orFail();
            ByteBuffer in = ByteBuffer.wrap(page.body());
            long before = next;
            while (in.remaining() >= 8) {
                byte[] leaf = new byte[in.getInt()];
                in.getInt();
                in.get(leaf);
                digest.update(leaf);
                next++;
                if (into != null) {
                    take(LeafDecoder.decode(leaf), accounts, into);
                }
            }
            if (next == before) {
                throw new IllegalStateException(id(node) + ": expected leaves from " + next + " to " + limit);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void take(Leaf leaf, Map<Long, String> accounts, Book into) {
        if (leaf instanceof Leaf.AccountCreated account) {
            accounts.put(account.ordinal(), account.id());
        } else if (leaf instanceof Leaf.TransferPosted posted) {
            into.posting(
                    posted.sequence(),
                    posted.id(),
                    accounts.getOrDefault(posted.debit(), "?"),
                    accounts.getOrDefault(posted.credit(), "?"),
                    posted.amount());
        }
    }

    /** Leaves in the journal of a node. */
    long journalSize(int node) throws IOException {
        return Long.parseLong(reader(node)
                .get("/v1/journal?from=0&limit=1")
                .orFail()
                .headers()
                .getOrDefault("x-journal-size", "0"));
    }

    private Rest reader(int node) {
        return Rest.of(cluster.http(), cluster.topology().node(id(node)).url(), cluster.token(Principal.OPERATOR))
                .within(PATIENCE);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    static boolean await(Duration atMost, BooleanSupplier condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause(100);
        }
        return true;
    }

    static void pause(long millis) {
        try {
            var unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public synchronized void close() {
        running.values().forEach(ChildProcess::askToStop);
        for (ChildProcess node : running.values()) {
            if (!node.awaitEnd(END_WITHIN)) {
                node.kill();
                node.awaitEnd(END_WITHIN);
            }
        }
    }
}
