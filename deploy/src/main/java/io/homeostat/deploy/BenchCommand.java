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
                "Measures the ledger in a closed loop.",
                "Real node processes; 10 s warm-up, then the measurement.",
                "Prints one line: system=homeostat nodes=3 batch=1000 ... balanced=true digests_equal=true"
            },
            footer = {
                "%nExamples:",
                "  ./homeostat bench ledger",
                "  ./homeostat bench ledger --batch 1 --in-flight 256",
                "  ./homeostat bench ledger --nodes 5 --secs 60 --json",
                "%nThe data directory decides what a sync costs: --dir should be on a real disk."
            })
    static final class Ledger implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Option(
                names = "--batch",
                paramLabel = "N",
                defaultValue = "1000",
                description = "transfers in a request (${DEFAULT-VALUE})")
        private int batch;

        @Option(
                names = "--in-flight",
                paramLabel = "N",
                defaultValue = "4",
                description = "requests at once (${DEFAULT-VALUE})")
        private int inFlight;

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
                names = "--accounts",
                paramLabel = "N",
                defaultValue = "100000",
                description = "accounts (${DEFAULT-VALUE})")
        private int accounts;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "a folder for the data is made in it and removed (default: the current one)")
        private Path dir = Path.of(".");

        @Option(names = "--tls", description = "with TLS between nodes and towards the client (off)")
        private boolean tls;

        @Option(names = "--json", description = "print one JSON object, with machine, date and method")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            LedgerBench.Options options = options();
            Path data = Files.createTempDirectory(dir.toAbsolutePath(), ".homeostat-bench-");
            try {
                Map<String, Object> figures = LedgerBench.run(
                        options, data, Distribution.ofThisProcess(), line -> System.err.println("bench: " + line));
                print(figures, data);
                boolean counts = Boolean.TRUE.equals(figures.get("balanced"))
                        && Boolean.TRUE.equals(figures.get("digests_equal"));
                return counts ? 0 : 1;
            } finally {
                delete(data);
            }
        }

        private LedgerBench.Options options() {
            try {
                return new LedgerBench.Options(batch, inFlight, nodes, secs, accounts, tls);
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
                    "closed loop over HTTP from a client on the same machine; JSON batches; 10 s warm-up discarded;"
                            + " acknowledged after a majority synced; limit check, Merkle journal and telemetry on;"
                            + " CPU is user + system time of all node processes");
            System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
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
