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
import io.homeostat.deploy.process.Role;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Closed loop against real node processes (no sidecars): so many requests in flight, each answered before the next. Every
 * account has a limit to check; every transfer is acknowledged after a majority has synced it. Telemetry is on and is taken
 * by a sink in this process.
 */
public final class LedgerBench {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration DIGESTS_WITHIN = Duration.ofSeconds(30);
    private static final int SETUP_BATCH = 4000;
    /** Below the tier of the approval policy, and more than a run can spend. */
    private static final long FUNDS_MINOR = 900_000_00L;

    private static final String FUNDING = "external:funding";
    private static final String ASSET = "EUR";

    private final Options options;
    private final ClusterDirectory cluster;
    private final Distribution distribution;
    private final Consumer<String> progress;

    private LedgerBench(
            Options options, ClusterDirectory cluster, Distribution distribution, Consumer<String> progress) {
        this.options = options;
        this.cluster = cluster;
        this.distribution = distribution;
        this.progress = progress;
    }

    /**
     * @param batch transfers in a request
     * @param inFlight requests at once
     * @param tls between nodes and towards clients; off, because the systems it is compared with run without
     */
    public record Options(int batch, int inFlight, int nodes, int seconds, int accounts, boolean tls) {
        public Options {
            within("--batch", batch, 1, 8190);
            within("--in-flight", inFlight, 1, 1024);
            within("--secs", seconds, 1, 3600);
            within("--accounts", accounts, 2, 1_000_000);
            if (nodes != 3 && nodes != 5 && nodes != 7 && nodes != 9) {
                throw new IllegalArgumentException("--nodes must be 3, 5, 7 or 9 but is " + nodes);
            }
        }

        private static void within(String name, int value, int least, int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + " must be in " + least + ".." + most + " but is " + value);
            }
        }
    }

    /** Runs in a fresh directory; every process has ended when this returns. */
    public static Map<String, Object> run(
            Options options, Path directory, Distribution distribution, Consumer<String> progress)
            throws IOException, InterruptedException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                directory,
                ClusterDirectory.Plan.onAnyPort(options.nodes(), false).withTls(options.tls()));
        return new LedgerBench(options, cluster, distribution, progress).run();
    }

    private Map<String, Object> run() throws IOException, InterruptedException {
        List<ChildProcess> nodes = new ArrayList<>();
        try (OtlpSink sink = OtlpSink.start()) {
            for (Topology.Node node : cluster.topology().nodes()) {
                Path log = cluster.log(node.id());
                List<String> arguments =
                        List.of("--data", cluster.data().toString(), "--id", node.id(), "--otlp", sink.url());
                nodes.add(ChildProcess.start(
                        node.id(),
                        distribution.command(Role.NODE, log, arguments),
                        log.resolveSibling(node.id() + ".out")));
            }
            awaitReady(nodes);
            progress.accept(options.nodes() + " nodes ready, creating " + options.accounts() + " accounts");
            List<String> accounts = fund();
            progress.accept("warm-up " + WARM_UP.toSeconds() + " s");
            loop(accounts, WARM_UP, new ConcurrentHistogram(3));
            progress.accept("measuring " + options.seconds() + " s");
            Histogram latency = new ConcurrentHistogram(3);
            long cpuBefore = cpuMicros(nodes);
            long began = System.nanoTime();
            long transfers = loop(accounts, Duration.ofSeconds(options.seconds()), latency);
            double seconds = (System.nanoTime() - began) / 1e9;
            long cpu = cpuMicros(nodes) - cpuBefore;
            return figures(transfers, seconds, latency, cpu);
        } finally {
            nodes.forEach(ChildProcess::askToStop);
            for (ChildProcess node : nodes) {
                if (!node.awaitEnd(Duration.ofSeconds(6))) {
                    node.kill();
                    node.awaitEnd(Duration.ofSeconds(2));
                }
            }
        }
    }

    private Map<String, Object> figures(long transfers, double seconds, Histogram latency, long cpuMicros)
            throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("system", "homeostat");
        figures.put("nodes", options.nodes());
        figures.put("batch", options.batch());
        figures.put("in_flight", options.inFlight());
        figures.put("accounts", options.accounts());
        figures.put("tls", options.tls());
        figures.put("transfers/s", Math.round(transfers / seconds));
        figures.put("p50ms", Math.round(latency.getValueAtPercentile(50) / 10.0) / 100.0);
        figures.put("p99ms", Math.round(latency.getValueAtPercentile(99) / 10.0) / 100.0);
        figures.put("server_cpu_us/transfer", transfers == 0 ? -1 : Math.round(cpuMicros * 100.0 / transfers) / 100.0);
        figures.put("balanced", balanced());
        figures.put("digests_equal", digestsEqual());
        return figures;
    }

    private void awaitReady(List<ChildProcess> nodes) {
        for (Topology.Node node : cluster.topology().nodes()) {
            Rest ledger = Rest.of(cluster.http(), node.url(), null).within(Duration.ofSeconds(2));
            await(READY_WITHIN, "node " + node.id() + " ready", () -> {
                nodes.stream().filter(child -> !child.alive()).findFirst().ifPresent(ended -> {
                    throw new IllegalStateException(ended.describeEnd());
                });
                return ledger.ok("/health/ready");
            });
        }
    }

    /** One client for all: it prefers the leader, as a client that knows the cluster does. */
    private TransferDoor door() throws IOException {
        List<Topology.Node> nodes = cluster.topology().nodes();
        int first = leader();
        List<URI> endpoints = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            endpoints.add(URI.create(nodes.get((first + i) % nodes.size()).url()));
        }
        return new LedgerTransferDoor(new LedgerClient(
                endpoints, cluster.token(Principal.LOAD), LedgerClientLimits.DEFAULTS, cluster.clientTls()));
    }

    private List<String> fund() throws IOException {
        TransferDoor door = door();
        door.create(List.of(new TransferDoor.Account(FUNDING, ASSET, TransferDoor.AccountKind.EXTERNAL, true)));
        List<String> ids = new ArrayList<>(options.accounts());
        List<TransferDoor.Account> accounts = new ArrayList<>();
        List<TransferDoor.Offer> funding = new ArrayList<>();
        for (int i = 0; i < options.accounts(); i++) {
            String id = "a" + i;
            ids.add(id);
            accounts.add(new TransferDoor.Account(id, ASSET, TransferDoor.AccountKind.CUSTOMER, false));
            funding.add(new TransferDoor.Offer(UUID.randomUUID(), new TransferRow(FUNDING, id, FUNDS_MINOR, ASSET)));
            if (accounts.size() == SETUP_BATCH || i + 1 == options.accounts()) {
                door.create(accounts);
                if (door.offer(funding).stream().anyMatch(v -> v != TransferDoor.Verdict.ACKNOWLEDGED)) {
                    throw new IllegalStateException("an account could not be funded; see " + cluster.logs());
                }
                accounts.clear();
                funding.clear();
            }
        }
        return ids;
    }

    /** Position of the leader among the nodes. */
    private int leader() throws IOException {
        for (Topology.Node node : cluster.topology().nodes()) {
            Rest.Answer answer = Rest.of(cluster.http(), node.url(), cluster.token(Principal.OPERATOR))
                    .get("/v1/nodes");
            String leader = answer.json().path("leader").asText();
            for (int i = 0; i < cluster.topology().nodes().size(); i++) {
                if (cluster.topology().nodes().get(i).id().equals(leader)) {
                    return i;
                }
            }
        }
        return 0;
    }

    private long loop(List<String> accounts, Duration duration, Histogram latency)
            throws InterruptedException, IOException {
        TransferDoor door = door();
        AtomicLong done = new AtomicLong();
        long end = System.nanoTime() + duration.toNanos();
        ExecutorService clients = Executors.newFixedThreadPool(options.inFlight());
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < options.inFlight(); i++) {
                SplittableRandom random = new SplittableRandom();
                running.add(clients.submit(() -> {
                    while (System.nanoTime() < end) {
                        List<TransferDoor.Offer> batch = offers(accounts, random);
                        long began = System.nanoTime();
                        for (TransferDoor.Verdict verdict : door.offer(batch)) {
                            if (verdict != TransferDoor.Verdict.ACKNOWLEDGED) {
                                throw new IllegalStateException("a transfer was not acknowledged: " + verdict);
                            }
                        }
                        latency.recordValue((System.nanoTime() - began) / 1000);
                        done.addAndGet(batch.size());
                    }
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the load failed; see " + cluster.logs(), e.getCause());
        } finally {
            clients.shutdownNow();
        }
        return done.get();
    }

    private List<TransferDoor.Offer> offers(List<String> accounts, SplittableRandom random) {
        List<TransferDoor.Offer> batch = new ArrayList<>(options.batch());
        int n = accounts.size();
        for (int i = 0; i < options.batch(); i++) {
            int from = random.nextInt(n);
            int to = (from + 1 + random.nextInt(n - 1)) % n;
            batch.add(new TransferDoor.Offer(
                    new UUID(random.nextLong(), random.nextLong()),
                    new TransferRow(accounts.get(from), accounts.get(to), 1 + random.nextInt(100), ASSET)));
        }
        return batch;
    }

    /** User and system time of all node processes. */
    private static long cpuMicros(List<ChildProcess> nodes) {
        return nodes.stream()
                .mapToLong(node -> node.handle()
                        .info()
                        .totalCpuDuration()
                        .map(cpu -> cpu.toNanos() / 1000)
                        .orElse(0L))
                .sum();
    }

    private boolean balanced() throws IOException {
        Rest ledger =
                Rest.of(cluster.http(), cluster.topology().nodes().get(0).url(), cluster.token(Principal.OPERATOR));
        JsonNode sums = ledger.get("/v1/sums").orFail().json().path("sums");
        return !sums.isEmpty() && sums.valueStream().allMatch(sum -> sum.asLong() == 0);
    }

    /** Whether all nodes attested one digest at an index after the load. */
    private boolean digestsEqual() throws IOException {
        Rest ledger =
                Rest.of(cluster.http(), cluster.topology().nodes().get(0).url(), cluster.token(Principal.OPERATOR));
        long after = ledger.get("/v1/attestations")
                .orFail()
                .json()
                .path("attestations")
                .path(0)
                .path("raftIndex")
                .asLong();
        boolean[] equal = new boolean[1];
        await(DIGESTS_WITHIN, "attestations of all nodes", () -> {
            try {
                for (JsonNode one :
                        ledger.get("/v1/attestations").orFail().json().path("attestations")) {
                    JsonNode digests = one.path("digests");
                    if (one.path("raftIndex").asLong() >= after && digests.size() == options.nodes()) {
                        equal[0] = digests.valueStream().distinct().count() == 1;
                        return true;
                    }
                }
                return false;
            } catch (IOException e) {
                return false;
            }
        });
        return equal[0];
    }

    private static void await(Duration atMost, String what, BooleanSupplier condition) {
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
