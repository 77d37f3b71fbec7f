package io.homeostat.deploy;

import io.homeostat.deploy.bench.LedgerBench;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
        subcommands = BenchCommand.Ledger.class,
        footer = {
            "%nExamples:",
            "  ./homeostat bench ledger",
            "  ./homeostat bench ledger --batch 1 --in-flight 256 --json"
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
                "Without --batch there is one for each of the usual configurations.",
                "Exit code 1 when a balance, a digest or an acknowledged transfer is wrong: the figure is void then."
            },
            footer = {
                "%nExamples:",
                "  ./homeostat bench ledger",
                "  ./homeostat bench ledger --batch 1 --in-flight 256",
                "  ./homeostat bench ledger --batch 1 --open-loop",
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
                defaultValue = "3",
                description = "replicas: 3, 5, 7 or 9 (${DEFAULT-VALUE})")
        private int nodes;

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

        @Option(
                names = "--telemetry",
                paramLabel = "on|off",
                defaultValue = "on",
                description = "off: what the nodes cost without it (${DEFAULT-VALUE})")
        private Telemetry telemetry = Telemetry.ON;

        @Option(
                names = "--open-loop",
                description = {
                    "Poisson arrivals at 25, 50, 75 and 90 %% of the own maximum; latency from the scheduled start;",
                    "then at 50 %% while every node takes a snapshot"
                })
        private boolean openLoop;

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
            OFF
        }

        @Override
        public Integer call() throws Exception {
            boolean sound = true;
            for (LedgerBench.Options options : options()) {
                Path data = Files.createTempDirectory(dir.toAbsolutePath(), ".homeostat-bench-");
                try {
                    Distribution distribution = Distribution.ofThisProcess();
                    List<Map<String, Object>> lines = openLoop
                            ? LedgerBench.openLoop(options, data, distribution, Ledger::say)
                            : List.of(LedgerBench.closedLoop(options, data, distribution, Ledger::say));
                    for (Map<String, Object> figures : lines) {
                        print(figures, data);
                        sound &= LedgerBench.counts(figures);
                    }
                } finally {
                    delete(data);
                }
            }
            return sound ? 0 : 1;
        }

        private static void say(String line) {
            System.err.println("bench: " + line);
        }

        private List<LedgerBench.Options> options() {
            try {
                int first = batch == null ? LARGE_BATCH : batch;
                LedgerBench.Options chosen = new LedgerBench.Options(
                        first,
                        inFlight != null ? inFlight : first > 1 ? LARGE_IN_FLIGHT : SMALL_IN_FLIGHT,
                        nodes,
                        secs,
                        accounts,
                        zipf,
                        warmUp,
                        telemetry == Telemetry.ON,
                        tls);
                return batch == null
                        ? List.of(chosen, chosen.with(1, inFlight != null ? inFlight : SMALL_IN_FLIGHT))
                        : List.of(chosen);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private void print(Map<String, Object> figures, Path data) throws IOException {
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
            report.put(
                    "method",
                    (openLoop ? "open loop, Poisson arrivals, latency from the scheduled start" : "closed loop")
                            + ", over HTTP from one thread on the same machine; JSON for single transfers, protobuf for"
                            + " batches; warm-up discarded; acknowledged after a majority synced; limit check, Merkle"
                            + " journal and telemetry on; CPU is user + system time of all node processes; every"
                            + " acknowledged transfer looked up in the journal");
            System.out.println(Rest.JSON.writeValueAsString(report));
        }
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
