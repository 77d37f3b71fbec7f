package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.chaos.Arena;
import io.homeostat.deploy.chaos.FaultKind;
import io.homeostat.deploy.chaos.LedgerChaos;
import io.homeostat.deploy.chaos.SeedRange;
import io.homeostat.deploy.chaos.SeedSummary;
import io.homeostat.deploy.chaos.Toolbox;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.ParentGuard;
import io.homeostat.deploy.rest.Rest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Faults on purpose, and what became of the ledger's promises. */
@Command(
        name = "chaos",
        description = "Puts faults into real node processes and judges what clients were told.",
        subcommands = {
            ChaosCommand.Run.class,
            ChaosRecordCommand.class,
            ChaosEvaluateCommand.class,
            ChaosCommand.ListFaults.class
        },
        footer = {"%nExamples:", "  ./homeostat chaos list", "  ./homeostat chaos run ledger --seed 1 --secs 60"})
final class ChaosCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "expected run, record, evaluate or list, for example: chaos run ledger --seed 1");
    }

    @Command(
            name = "list",
            description = "Says which faults can be made on this machine, and what the others need.",
            footer = {"%nExamples:", "  ./homeostat chaos list"})
    static final class ListFaults implements Callable<Integer> {
        @Override
        public Integer call() {
            boolean namespaces = Toolbox.namespaces();
            for (FaultKind kind : FaultKind.values()) {
                String missing = Toolbox.missing(kind, namespaces);
                System.out.printf(
                        Locale.ROOT,
                        "%-12s %-48s %s%n",
                        kind.wireName(),
                        kind.words(),
                        missing.isEmpty() ? "possible" : "skipped: " + missing);
            }
            return 0;
        }
    }

    @Command(
            name = "run",
            description = {
                "Runs the ledger's nodes under load and faults from a seed, then checks the whole history:",
                "nothing acknowledged is lost, nothing is doubled, every read saw exactly the journal up to its index,",
                "sums are zero, all nodes hold the same journal and attest the same digest.",
                "Everything runs in namespaces of its own where root and util-linux allow it, and is gone afterwards."
            },
            footer = {
                "%nExamples:",
                "  ./homeostat chaos run ledger --seed 1",
                "  ./homeostat chaos run ledger --seed 7 --secs 120 --faults leader-kill,partition",
                "  ./homeostat chaos run ledger --seeds 1-20 --secs 30 --json seeds.json",
                "  ./homeostat chaos run ledger --seed 1 --faults leader-kill --times 20",
                "%nExit code 0 only when the verdict is clean."
            })
    static final class Run implements Callable<Integer> {
        /** In the folder of a run; the process outside reads it. */
        private static final String REPORT = "report.json";

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Parameters(paramLabel = "WHAT", description = "ledger")
        private String what = "";

        @ArgGroup(multiplicity = "1")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Seeds seeds;

        @Option(
                names = "--times",
                paramLabel = "N",
                description = {
                    "so many faults in turn, each when the one before is healed and all nodes are ready,",
                    "for as long as that takes; --secs is then not asked"
                })
        private int times;

        @Option(
                names = "--secs",
                paramLabel = "N",
                defaultValue = "60",
                description = "seconds of load and faults (${DEFAULT-VALUE})")
        private int secs;

        @Option(
                names = "--nodes",
                paramLabel = "N",
                defaultValue = "3",
                description = "replicas: 3, 5, 7 or 9 (${DEFAULT-VALUE})")
        private int nodes;

        @Option(
                names = "--faults",
                paramLabel = "LIST",
                defaultValue = "all",
                split = ",",
                description = "names of 'chaos list' with commas, all, or none (${DEFAULT-VALUE})")
        private List<String> faults = List.of();

        @Option(names = "--json", paramLabel = "FILE", description = "everything as JSON; of many seeds a list")
        private @Nullable Path json;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "a folder for the data is made in it and removed (default: the current one)")
        private Path dir = Path.of(".");

        @Option(
                names = "--keep",
                description = "keep the folder with data and logs; that of a run which is not clean stays in any case")
        private boolean keep;

        @Option(names = "--inside", hidden = true, description = "this process stands in namespaces of its own")
        private @Nullable Path inside;

        @Override
        public Integer call() throws Exception {
            if (!what.equals("ledger")) {
                throw new ParameterException(spec.commandLine(), "expected 'ledger' but found '" + what + "'");
            }
            SeedRange range = range();
            LedgerChaos.Options options = options(range.first());
            Distribution distribution = Distribution.ofThisProcess();
            if (inside != null) {
                ParentGuard.start(System.in, NodeCommand.HALT_AFTER);
                return run(options, inside, distribution);
            }
            boolean namespaces = Toolbox.namespaces();
            SeedSummary summary = new SeedSummary();
            List<JsonNode> reports = new ArrayList<>();
            for (long seed = range.first(); seed <= range.last(); seed++) {
                JsonNode report = one(seed, distribution, namespaces);
                summary.add(seed, report);
                reports.add(report);
            }
            if (seeds.range != null) {
                System.out.println(summary.line());
            }
            if (json != null) {
                Object all = seeds.range == null ? reports.get(0) : reports;
                Files.write(json, Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
            }
            return summary.allClean() ? 0 : 1;
        }

        /** A run in a folder of its own, and in namespaces of its own where there are such; empty when it broke off. */
        private JsonNode one(long seed, Distribution distribution, boolean namespaces) throws Exception {
            Path data = Files.createTempDirectory(dir.toAbsolutePath(), ".homeostat-chaos-");
            JsonNode found = Rest.JSON.createObjectNode();
            try {
                int code = namespaces
                        ? Arena.run(distribution, again(seed, data))
                        : run(options(seed), data, distribution);
                Path report = data.resolve(REPORT);
                if (Files.exists(report)) {
                    found = Rest.JSON.readTree(report.toFile());
                } else {
                    System.out.println("seed=" + seed + " not_finished=true exit_code=" + code + " clean=false");
                }
                return found;
            } finally {
                // What a run that was not clean leaves behind is the only witness of why.
                if (keep || !found.path("clean").asBoolean()) {
                    System.out.println("kept " + data);
                } else {
                    BenchCommand.delete(data);
                }
            }
        }

        private int run(LedgerChaos.Options options, Path data, Distribution distribution) throws Exception {
            LedgerChaos.Result result =
                    LedgerChaos.run(options, data.resolve("cluster"), distribution, System.out::println);
            Map<String, Object> report = new LinkedHashMap<>(result.json());
            report.put("date", Instant.now().toString());
            report.put("cores", Runtime.getRuntime().availableProcessors());
            Files.write(data.resolve(REPORT), Rest.JSON.writeValueAsBytes(report));
            return result.clean() ? 0 : 1;
        }

        private SeedRange range() {
            try {
                return seeds.range == null ? new SeedRange(seeds.seed, seeds.seed) : SeedRange.of(seeds.range);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private LedgerChaos.Options options(long seed) {
            try {
                return new LedgerChaos.Options(seed, secs, times, nodes, kinds(), inside != null);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private List<FaultKind> kinds() {
            if (faults.equals(List.of("none"))) {
                return List.of();
            }
            return faults.equals(List.of("all"))
                    ? List.of(FaultKind.values())
                    : faults.stream().map(FaultKind::of).toList();
        }

        private List<String> again(long seed, Path data) {
            return List.of(
                    "chaos",
                    "run",
                    "ledger",
                    "--seed",
                    Long.toString(seed),
                    "--secs",
                    Integer.toString(secs),
                    "--times",
                    Integer.toString(times),
                    "--nodes",
                    Integer.toString(nodes),
                    "--faults",
                    String.join(",", faults),
                    "--inside",
                    data.toString());
        }

        /** One of the two. */
        private static final class Seeds {
            @Option(names = "--seed", paramLabel = "N", description = "decides every fault", required = true)
            private long seed;

            @Option(
                    names = "--seeds",
                    paramLabel = "A-B",
                    description = "one run for each, and a line that sums them up",
                    required = true)
            private @Nullable String range;
        }
    }
}
