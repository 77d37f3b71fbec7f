package io.homeostat.deploy;

import io.homeostat.deploy.bench.BenchOptions;
import io.homeostat.deploy.bench.BenchPlot;
import io.homeostat.deploy.bench.LedgerBench;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Figures, each with what it was measured on. */
@Command(
        name = "bench",
        description = "Measures. See the subcommands.",
        subcommands = {BenchCommand.Ledger.class, BenchDetectorCommand.class},
        footer = {
            "%nExamples:",
            "  ./homeostat bench ledger",
            "  ./homeostat bench ledger --batch 1 --in-flight 256 --json",
            "  ./homeostat bench detector --json"
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected what to measure, for example: bench ledger");
    }

    @Command(
            name = "ledger",
            description = {
                "Measures the ledger: real node processes, warm-up, then the measurement.",
                "One line per configuration: system=homeostat nodes=3 batch=1000 ... balanced=true digests_equal=true",
                "Without --batch there is one for each of the usual configurations: 1000 in a request, and 1.",
                "Exit code 1 when a balance, a digest or an acknowledged transfer is wrong: the figure is void then."
            },
            footer = {
                "%nExamples:",
                "  ./homeostat bench ledger",
                "  ./homeostat bench ledger --batch 1 --in-flight 256",
                "  ./homeostat bench ledger --open-loop --plot latency.svg",
                "  ./homeostat bench ledger --lose-one --secs 10",
                "  ./homeostat bench ledger --kill-leader 5",
                "  ./homeostat bench ledger --telemetry both --batch 1000",
                "  ./homeostat bench ledger --overload 5 --secs 300",
                "  ./homeostat bench ledger --batch 1000 --nodes 3,5",
                "  ./homeostat bench ledger --batch 1000 --nodes 5 --secs 60 --json",
                "%nThe data directory decides what a sync costs: --dir should be on a real disk."
            })
    static final class Ledger implements Callable<Integer> {
        private static final int LARGE_BATCH = 1000;
        private static final int LARGE_IN_FLIGHT = 4;
        private static final int SMALL_IN_FLIGHT = 256;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Option(names = "--batch", paramLabel = "N", description = "transfers in a request (1000, then 1)")
        private @Nullable Integer batch;

        @Option(
                names = "--in-flight",
                paramLabel = "N",
                description = "requests at once (4 for batches, 256 for single transfers)")
        private @Nullable Integer inFlight;

        @Option(
                names = "--nodes",
                paramLabel = "N",
                split = ",",
                description =
                        "replicas: 3, 5, 7 or 9 (3; 5 for --lose-one); several give a line for each, and their ratio")
        private int[] nodes = {};

        @Option(
                names = "--secs",
                paramLabel = "N",
                defaultValue = "20",
                description = "seconds of measurement (${DEFAULT-VALUE})")
        private int secs;

        @Option(
                names = "--warm-up",
                paramLabel = "N",
                defaultValue = "10",
                description = "seconds of load before, discarded (${DEFAULT-VALUE})")
        private int warmUp;

        @Option(
                names = "--accounts",
                paramLabel = "N",
                defaultValue = "100000",
                description = "accounts (${DEFAULT-VALUE})")
        private int accounts;

        @Option(
                names = "--zipf",
                paramLabel = "S",
                defaultValue = "0",
                description = "exponent of the accounts' popularity; 0 is uniform (${DEFAULT-VALUE})")
        private double zipf;

        @Option(names = "--hot", description = "every transfer credits one and the same account")
        private boolean hot;

        @Option(
                names = "--telemetry",
                paramLabel = "on|off|both",
                defaultValue = "on",
                description = {
                    "off: what the nodes cost without it; both: with it and a reader of the journal's stream",
                    "against without, in turns, and their ratio (${DEFAULT-VALUE})"
                })
        private Telemetry telemetry = Telemetry.ON;

        @Option(
                names = "--open-loop",
                description = {
                    "Poisson arrivals at 25, 50, 75 and 90 %% of the own maximum; latency from the scheduled start;",
                    "then at 50 %% while every node takes snapshots; then what --telemetry both measures"
                })
        private boolean openLoop;

        @Option(
                names = "--lose-one",
                description = {
                    "each node is killed (kill -9) in turn at 50 %% of the own maximum, the leader last: throughput and p99",
                    "during and before, the longest write gap, lost acknowledged transfers"
                })
        private boolean loseOne;

        @Option(
                names = "--kill-leader",
                paramLabel = "TIMES",
                defaultValue = "0",
                description = "the leader is killed so often under one writer per node: the write gap of each time")
        private int killLeader;

        @Option(
                names = "--overload",
                paramLabel = "X",
                defaultValue = "0",
                description = "X times the own maximum for --secs: what is refused, and whether memory stays flat")
        private double overload;

        @Option(
                names = "--repetitions",
                paramLabel = "N",
                defaultValue = "3",
                description = "of each side with --telemetry both and --open-loop (${DEFAULT-VALUE})")
        private int repetitions;

        @Option(
                names = "--heap",
                paramLabel = "MIB",
                defaultValue = "0",
                description = "heap of a node, for many accounts (default: what a node has everywhere)")
        private int heap;

        @Option(names = "--plot", paramLabel = "FILE.svg", description = "draw latencies and throughput over time")
        private @Nullable Path plot;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "a folder for the data is made in it and removed (default: the current one)")
        private Path dir = Path.of(".");

        @Option(names = "--tls", description = "with TLS between nodes and towards the client (off)")
        private boolean tls;

        @Option(names = "--json", description = "print one JSON object per line, with machine, date and method")
        private boolean json;

        /** Whether nodes measure themselves. */
        enum Telemetry {
            ON,
            OFF,
            BOTH
        }

        @Override
        public Integer call() throws Exception {
            List<BenchOptions> all = options();
            BenchPlot picture = plot == null ? null : new BenchPlot();
            boolean sound = true;
            Map<Integer, Map<String, Object>> byNodes = new LinkedHashMap<>();
            for (BenchOptions options : all) {
                Path data = Files.createTempDirectory(dir.toAbsolutePath(), ".homeostat-bench-");
                boolean ended = false;
                try {
                    LedgerBench bench =
                            new LedgerBench(options, data, Distribution.ofThisProcess(), Ledger::say, picture);
                    for (Map<String, Object> figures : measure(bench)) {
                        print(figures, data);
                        sound &= LedgerBench.counts(figures);
                        byNodes.put(options.nodes(), figures);
                    }
                    ended = true;
                } finally {
                    if (ended) {
                        delete(data);
                    } else {
                        say("kept for whoever looks for the reason: " + data);
                    }
                }
            }
            if (picture != null && plot != null) {
                picture.write(plot);
            }
            if (nodes.length == 2 && batch != null && byNodes.size() == 2) {
                ratioOfNodes(byNodes);
            }
            return sound ? 0 : 1;
        }

        private List<Map<String, Object>> measure(LedgerBench bench) throws IOException {
            if (openLoop) {
                List<Map<String, Object>> lines = new ArrayList<>(bench.openLoop());
                lines.addAll(bench.telemetryCost(repetitions));
                return lines;
            }
            if (loseOne) {
                return bench.loseOne();
            }
            if (killLeader > 0) {
                return bench.killLeader(killLeader);
            }
            if (overload > 0) {
                return bench.overload(overload, secs);
            }
            return telemetry == Telemetry.BOTH ? bench.telemetryCost(repetitions) : bench.closedLoop();
        }

        /** What it costs to have more replicas. */
        private void ratioOfNodes(Map<Integer, Map<String, Object>> byNodes) {
            Object first = byNodes.getOrDefault(nodes[0], Map.of()).get("transfers/s");
            Object second = byNodes.getOrDefault(nodes[1], Map.of()).get("transfers/s");
            if (first instanceof Long before && second instanceof Long after) {
                System.out.printf(
                        java.util.Locale.ROOT,
                        "system=homeostat summary=nodes batch=%d throughput_%d/%d=%.3f%n",
                        batch,
                        nodes[1],
                        nodes[0],
                        (double) after / before);
            }
        }

        private static void say(String line) {
            System.err.println("bench: " + line);
        }

        private List<BenchOptions> options() {
            try {
                long modes = Stream.of(openLoop, loseOne, killLeader > 0, overload > 0, telemetry == Telemetry.BOTH)
                        .filter(chosen -> chosen)
                        .count();
                if (modes > 1) {
                    throw new IllegalArgumentException("--open-loop, --lose-one, --kill-leader, --overload and"
                            + " --telemetry both exclude each other");
                }
                if (killLeader < 0 || killLeader > 1000 || repetitions < 1 || repetitions > 100) {
                    throw new IllegalArgumentException("--kill-leader must be in 1..1000 and --repetitions in 1..100");
                }
                if (!(overload == 0 || overload >= 1 && overload <= 100)) {
                    throw new IllegalArgumentException("--overload must be in 1..100 but is " + overload);
                }
                List<BenchOptions> all = new ArrayList<>();
                // What concerns single nodes is measured with single transfers unless it is said otherwise.
                boolean usual = batch == null && modes == 0;
                for (int count : nodes.length == 0 ? new int[] {loseOne ? 5 : 3} : nodes) {
                    for (int size : usual ? new int[] {LARGE_BATCH, 1} : new int[] {batch == null ? 1 : batch}) {
                        all.add(new BenchOptions(
                                size,
                                inFlight != null ? inFlight : size > 1 ? LARGE_IN_FLIGHT : SMALL_IN_FLIGHT,
                                count,
                                secs,
                                accounts,
                                zipf,
                                hot,
                                warmUp,
                                telemetry != Telemetry.OFF,
                                tls,
                                heap));
                    }
                }
                return all;
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private void print(Map<String, Object> figures, Path data) throws IOException {
            report(
                    figures,
                    data,
                    json,
                    (openLoop || loseOne || overload > 0
                                    ? "open loop, Poisson arrivals, latency from the scheduled start"
                                    : "closed loop")
                            + ", over HTTP from one thread on the same machine; JSON for single transfers, protobuf for"
                            + " batches; warm-up discarded; acknowledged after a majority synced; limit check, Merkle"
                            + " journal and telemetry on; CPU is user + system time of all node processes; every"
                            + " acknowledged transfer looked up in the journal");
        }
    }

    /** One line of key=value, or one JSON object with machine, date and method. */
    static void report(Map<String, Object> figures, Path data, boolean json, String method) throws IOException {
        if (!json) {
            System.out.println(figures.entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(" ")));
            return;
        }
        Map<String, Object> report = new LinkedHashMap<>(figures);
        report.put("date", Instant.now().toString());
        report.put("cores", Runtime.getRuntime().availableProcessors());
        report.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        report.put("java", System.getProperty("java.vm.version"));
        report.put("file_system", Files.getFileStore(data).type());
        report.put("method", method);
        System.out.println(Rest.JSON.writeValueAsString(report));
    }

    /** Removes a folder of ours with all that is in it. */
    static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("removing " + folder, e);
        }
    }
}
