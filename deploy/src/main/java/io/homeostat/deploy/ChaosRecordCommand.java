package io.homeostat.deploy;

import io.homeostat.deploy.chaos.Arena;
import io.homeostat.deploy.chaos.ChaosRecord;
import io.homeostat.deploy.chaos.Toolbox;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.ParentGuard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Telemetry of the ledger under faults, with labels. */
@Command(
        name = "record",
        description = {
            "Records labelled telemetry of the ledger's nodes under real faults and benign distractors from a seed:",
            "otlp_{metrics,traces,logs}.bin.gz (requests as they came, 4 bytes of length before each),",
            "metrics.csv.gz (a row a second, a column a node's signal), labels.csv (a line for each row),",
            "events.json and faults.csv (what happened to whom, from when to when), load.csv (what clients saw).",
            "Faults: kill, pause, partition, loss, slow links and disks of 5, 50 and 500 %% of a write, ramps of both.",
            "Distractors: surge, hot account, deploy. What the machine does not offer is left out, and said to be."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat chaos record --seed 1 --out rec1",
            "  ./homeostat chaos record --seed 2 --out soak --secs 3600 --soak",
            "  ./homeostat chaos evaluate rec1 soak",
            "  ./homeostat detect --test rec1/metrics.csv.gz --out scores.csv --interval 1"
        })
final class ChaosRecordCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--seed", paramLabel = "N", required = true, description = "decides what happens to whom, and when")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the recording goes")
    private Path out = Path.of("");

    @Option(names = "--secs", paramLabel = "S", defaultValue = "600", description = "length (${DEFAULT-VALUE})")
    private int secs;

    @Option(
            names = "--normal",
            paramLabel = "S",
            defaultValue = "160",
            description = "of these, normal work before the first event (${DEFAULT-VALUE})")
    private int normal;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "replicas: 3 or 5 (${DEFAULT-VALUE})")
    private int nodes;

    @Option(names = "--soak", description = "nothing happens: normal work only")
    private boolean soak;

    @Option(names = "--inside", hidden = true, description = "this process stands in namespaces of its own")
    private @Nullable Path inside;

    @Override
    public Integer call() throws Exception {
        ChaosRecord.Options options = options(inside != null);
        Distribution distribution = Distribution.ofThisProcess();
        if (inside != null) {
            ParentGuard.start(System.in, NodeCommand.HALT_AFTER);
            var unused = ChaosRecord.run(options, inside, out, distribution, System.out::println);
            return 0;
        }
        Files.createDirectories(out);
        Path data = Files.createTempDirectory(out.toAbsolutePath(), ".cluster-");
        try {
            if (!Toolbox.namespaces()) {
                var unused = ChaosRecord.run(options, data.resolve("cluster"), out, distribution, System.out::println);
                return 0;
            }
            List<String> again = new ArrayList<>(List.of(
                    "chaos",
                    "record",
                    "--seed",
                    Long.toString(seed),
                    "--out",
                    out.toAbsolutePath().toString(),
                    "--secs",
                    Integer.toString(secs),
                    "--normal",
                    Integer.toString(normal),
                    "--nodes",
                    Integer.toString(nodes),
                    "--inside",
                    data.resolve("cluster").toString()));
            if (soak) {
                again.add("--soak");
            }
            return Arena.run(distribution, again);
        } finally {
            BenchCommand.delete(data);
        }
    }

    private ChaosRecord.Options options(boolean inNamespaces) {
        try {
            return new ChaosRecord.Options(seed, secs, normal, nodes, soak, inNamespaces);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
