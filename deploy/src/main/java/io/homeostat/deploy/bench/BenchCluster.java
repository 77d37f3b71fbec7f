package io.homeostat.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.load.LedgerTransferDoor;
import io.homeostat.deploy.load.TransferDoor;
import io.homeostat.deploy.load.TransferRow;
import io.homeostat.deploy.process.ChildProcess;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.ResidentMemory;
import io.homeostat.deploy.process.Role;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Real node processes under measurement, without sidecars, and what a figure is judged by: balances, digests, and the
 * journal. Telemetry is taken by a sink in this process.
 *
 * <p>Not thread-safe. Every process has ended when {@link #close()} returns.
 */
final class BenchCluster implements AutoCloseable {
    /** Five nodes on two cores that others use too take a minute. */
    private static final Duration READY_WITHIN = Duration.ofMinutes(4);

    private static final Duration DIGESTS_WITHIN = Duration.ofMinutes(1);
    /** Several elections of a machine that is busy with what the load left behind. */
    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(3);

    private static final int SETUP_BATCH = 2000;
    /** One request is made while another is applied. */
    private static final int SETUP_WORKERS = 4;
    /** Five cold nodes on a machine that others use too take seconds for a batch; ids make it safe to send it again. */
    private static final LedgerClientLimits SETUP_LIMITS = new LedgerClientLimits(
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofMinutes(4),
            Duration.ofMillis(50),
            Duration.ofSeconds(1));

    private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);
    /** Below the tier of the approval policy. */
    private static final long FUNDS_MINOR = 900_000_00L;

    private static final List<String> TOLD = List.of(
            "role", "leader", "term", "commitIndex", "appliedIndex", "digestIndex", "ready", "gate", "gateReason");

    private static final String FUNDING = "external:funding";
    private final ClusterDirectory cluster;
    private final Distribution distribution;
    private final OtlpSink sink;
    private final boolean telemetry;
    private final List<String> jvmFlags;
    private final Map<String, ChildProcess> nodes = new LinkedHashMap<>();

    private BenchCluster(
            ClusterDirectory cluster,
            Distribution distribution,
            OtlpSink sink,
            boolean telemetry,
            List<String> jvmFlags) {
        this.cluster = cluster;
        this.distribution = distribution;
        this.sink = sink;
        this.telemetry = telemetry;
        this.jvmFlags = List.copyOf(jvmFlags);
    }

    /**
     * Starts all nodes in a fresh directory and waits until they are ready.
     *
     * @param jvmFlags beside those of the role, which they override
     */
    static BenchCluster start(
            Path directory, int nodes, boolean tls, boolean telemetry, List<String> jvmFlags, Distribution distribution)
            throws IOException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                directory, ClusterDirectory.Plan.onAnyPort(nodes, false).withTls(tls));
        BenchCluster started = new BenchCluster(cluster, distribution, OtlpSink.start(), telemetry, jvmFlags);
        try {
            cluster.topology().nodes().forEach(node -> started.start(node.id()));
            cluster.topology().nodes().forEach(node -> started.awaitReady(node.id()));
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
        return started;
    }

    List<String> ids() {
        return cluster.topology().nodes().stream().map(Topology.Node::id).toList();
    }

    private List<InetSocketAddress> addresses() {
        return cluster.topology().nodes().stream()
                .map(node -> new InetSocketAddress("127.0.0.1", node.httpPort()))
                .toList();
    }

    private String loadToken() {
        return cluster.token(Principal.LOAD);
    }

    /** Where a load goes: to the leader first. */
    TransferLoad.Target target() {
        return new TransferLoad.Target(
                addresses(), leader(), loadToken(), cluster.clientTls().map(MutualTls::context));
    }

    /** Starts a node, or starts it again on the data that it left. */
    void start(String id) {
        Path log = cluster.log(id);
        List<String> arguments =
                new ArrayList<>(List.of("--data", cluster.data().toString(), "--id", id));
        arguments.addAll(telemetry ? List.of("--otlp", sink.url()) : List.of("--no-telemetry"));
        nodes.put(
                id,
                ChildProcess.start(
                        id, command(distribution.command(Role.NODE, log, arguments)), log.resolveSibling(id + ".out")));
    }

    /** Flags of a JVM that come later win. */
    private List<String> command(List<String> ofRole) {
        List<String> command = new ArrayList<>(ofRole);
        command.addAll(command.indexOf("-cp"), jvmFlags);
        return command;
    }

    /** Resident memory of the node's process, in KiB. */
    long residentKib(String id) {
        return ResidentMemory.residentKib(process(id).pid());
    }

    long pid(String id) {
        return process(id).pid();
    }

    /** Refuses to go on when a node ended by itself: no figure is worth anything then. */
    void requireAlive() {
        for (ChildProcess node : nodes.values()) {
            if (!node.alive()) {
                throw new IllegalStateException(node.describeEnd());
            }
        }
    }

    /** SIGKILL; returns when the process has ended. */
    void kill(String id) {
        ChildProcess node = process(id);
        node.kill();
        node.awaitEnd(Duration.ofSeconds(5));
    }

    void awaitReady(String id) {
        ChildProcess node = process(id);
        Rest ledger = rest(position(id), null).within(Duration.ofSeconds(2));
        await(READY_WITHIN, "node " + id + " ready", () -> {
            if (!node.alive()) {
                throw new IllegalStateException(node.describeEnd());
            }
            return ledger.ok("/health/ready");
        });
    }

    /** Id of the leader; of the first node when nobody knows one. */
    String leaderId() {
        return ids().get(leader());
    }

    /** Position of the leader among the nodes; of the first when nobody knows one. */
    int leader() {
        for (int i = 0; i < ids().size(); i++) {
            if (process(ids().get(i)).alive()) {
                try {
                    String leader = rest(i, Principal.OPERATOR)
                            .get("/v1/nodes")
                            .json()
                            .path("leader")
                            .asText();
                    if (ids().contains(leader)) {
                        return ids().indexOf(leader);
                    }
                } catch (IOException e) {
                    // A node that does not answer knows no leader; the next one may.
                    continue;
                }
            }
        }
        return 0;
    }

    /**
     * Makes {@link RequestForm#account} 0 to n-1 and gives each the same funds.
     *
     * @param progress takes a line every few seconds
     * @throws IllegalStateException when a part was not acknowledged within minutes, naming it
     */
    void fund(int accounts, Consumer<String> progress) {
        List<Topology.Node> all = cluster.topology().nodes();
        int first = leader();
        List<URI> endpoints = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            endpoints.add(URI.create(all.get((first + i) % all.size()).url()));
        }
        TransferDoor door =
                new LedgerTransferDoor(new LedgerClient(endpoints, loadToken(), SETUP_LIMITS, cluster.clientTls()));
        door.create(
                List.of(new TransferDoor.Account(FUNDING, RequestForm.ASSET, TransferDoor.AccountKind.EXTERNAL, true)));
        ExecutorService workers = Executors.newFixedThreadPool(SETUP_WORKERS);
        try {
            List<CompletableFuture<Void>> parts = new ArrayList<>();
            for (int from = 0; from < accounts; from += SETUP_BATCH) {
                int begin = from;
                int end = Math.min(accounts, from + SETUP_BATCH);
                parts.add(CompletableFuture.runAsync(() -> fund(door, begin, end), workers));
            }
            CompletableFuture<Void> whole = CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new));
            while (!endedWithin(whole, PROGRESS_EVERY)) {
                long done = parts.stream().filter(CompletableFuture::isDone).count();
                progress.accept(done + " of " + parts.size() + " parts of the accounts are funded");
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private static boolean endedWithin(CompletableFuture<Void> work, Duration atMost) {
        try {
            work.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IllegalStateException(cause == null ? e.toString() : String.valueOf(cause.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while accounts were funded", e);
        }
    }

    private void fund(TransferDoor door, int from, int to) {
        List<TransferDoor.Account> made = new ArrayList<>(to - from);
        List<TransferDoor.Offer> funding = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            String id = RequestForm.account(i);
            made.add(new TransferDoor.Account(id, RequestForm.ASSET, TransferDoor.AccountKind.CUSTOMER, false));
            funding.add(new TransferDoor.Offer(
                    UUID.randomUUID(), new TransferRow(FUNDING, id, FUNDS_MINOR, RequestForm.ASSET)));
        }
        door.create(made);
        Map<TransferDoor.Verdict, Long> others = door.offer(funding).stream()
                .filter(verdict -> verdict != TransferDoor.Verdict.ACKNOWLEDGED)
                .collect(Collectors.groupingBy(verdict -> verdict, Collectors.counting()));
        if (!others.isEmpty()) {
            throw new IllegalStateException("of the accounts " + from + " to " + (to - 1)
                    + " some could not be funded: " + others + "; " + describe());
        }
    }

    /** User and system time of all node processes that live. */
    long cpuMicros() {
        return nodes.values().stream()
                .mapToLong(node -> node.handle()
                        .info()
                        .totalCpuDuration()
                        .map(cpu -> cpu.toNanos() / 1000)
                        .orElse(0L))
                .sum();
    }

    /** Syncs of the Raft logs of all nodes since they started, as their telemetry counts them; about a second old. */
    long fsyncs() {
        return sink.histogramCount("ledger.fsync.duration");
    }

    /** Whether the balances of every asset add up to zero. */
    boolean balanced() {
        JsonNode sums = read("/v1/sums").json().path("sums");
        return !sums.isEmpty() && sums.valueStream().allMatch(sum -> sum.asLong() == 0);
    }

    /** Whether all nodes attested one digest at an index after the load. */
    boolean digestsEqual() {
        long after = attestations().path(0).path("raftIndex").asLong();
        boolean[] equal = new boolean[1];
        try {
            await(DIGESTS_WITHIN, "attestations of all nodes", () -> {
                requireAlive();
                for (JsonNode one : attestations()) {
                    JsonNode digests = one.path("digests");
                    if (one.path("raftIndex").asLong() >= after && digests.size() == ids().size()) {
                        equal[0] = digests.valueStream().distinct().count() == 1;
                        return true;
                    }
                }
                return false;
            });
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    e.getMessage() + ", from Raft index " + after + " on, the newest being " + newestAttestations()
                            + "; " + describe(),
                    e);
        }
        return equal[0];
    }

    private String newestAttestations() {
        return attestations()
                .valueStream()
                .limit(3)
                .map(one -> one.path("raftIndex").asText() + " by "
                        + one.path("digests")
                                .propertyStream()
                                .map(Map.Entry::getKey)
                                .toList())
                .toList()
                .toString();
    }

    /** What each node says of itself, for whoever has to find out why something did not come. */
    String describe() {
        List<String> said = new ArrayList<>();
        for (String id : ids()) {
            if (!process(id).alive()) {
                said.add(process(id).describeEnd());
                continue;
            }
            try {
                JsonNode status =
                        rest(position(id), Principal.OPERATOR).get("/v1/status").json();
                List<String> words = new ArrayList<>();
                for (String field : TOLD) {
                    words.add(field + "=" + status.path(field).asText());
                }
                said.add(id + ": " + String.join(" ", words));
            } catch (IOException e) {
                said.add(id + ": does not answer, " + e.getMessage());
            }
        }
        return String.join("; ", said);
    }

    private JsonNode attestations() {
        return read("/v1/attestations").json().path("attestations");
    }

    private Rest.Answer read(String path) {
        return PatientRead.get(() -> rest(leader(), Principal.OPERATOR), path, ANSWER_WITHIN);
    }

    /** Reads the whole journal of the leader and strikes what stands in it as posted; gives back what is missing. */
    long missing(TransferIds ids) {
        return JournalStrike.missing(path -> read(path).body(), ids);
    }

    /** The journal of a follower from its beginning, as it goes on; the caller closes it. */
    InputStream journalStream() throws IOException {
        int follower = (leader() + 1) % ids().size();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(cluster.topology().nodes().get(follower).url() + "/v1/journal?from=0"))
                .header("Authorization", "Bearer " + cluster.token(Principal.OPERATOR))
                .header("Accept", "application/x-protobuf")
                .build();
        try {
            HttpResponse<InputStream> response =
                    cluster.http().send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new IOException("the journal's stream was answered with " + response.statusCode());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while opening the journal's stream", e);
        }
    }

    Rest control(String id) {
        Topology.Node node = cluster.topology().nodes().get(position(id));
        return Rest.of(cluster.http(), node.controlUrl(), ClusterDirectory.readSecret(cluster.controlTokenFile(id)));
    }

    Rest rest(int position, @org.jspecify.annotations.Nullable Principal principal) {
        String url = cluster.topology().nodes().get(position).url();
        return Rest.of(cluster.http(), url, principal == null ? null : cluster.token(principal));
    }

    @Override
    public void close() {
        nodes.values().forEach(ChildProcess::askToStop);
        for (ChildProcess node : nodes.values()) {
            if (!node.awaitEnd(Duration.ofSeconds(6))) {
                node.kill();
                node.awaitEnd(Duration.ofSeconds(2));
            }
        }
        sink.close();
    }

    private int position(String id) {
        return ids().indexOf(id);
    }

    private ChildProcess process(String id) {
        ChildProcess node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("expected one of " + nodes.keySet() + " but found '" + id + "'");
        }
        return node;
    }

    static void await(Duration atMost, String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("expected " + what + " within " + atMost.toSeconds() + " s");
            }
            try {
                never.await(100, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + what, e);
            }
        }
    }
}
