package io.homeostat.deploy;

import io.homeostat.deploy.bench.DetectorBench;
import io.homeostat.deploy.bench.DetectorBenchOptions;
import io.homeostat.deploy.process.Distribution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Figures of the detector. */
@Command(
        name = "detector",
        description = {
            "Measures the detector's Flink job in a process of its own, as it runs in production: RocksDB, checkpoints,",
            "exactly once. Throughput against the same job without detection and, with the measuring kit, against a random",
            "cut forest; latency from a fault until a reader has the alert, with exports once a second."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat bench detector",
            "  ./homeostat bench detector --rcf 'target/classes:target/lib/*' --json",
            "  ./homeostat bench detector --latency-only --hard 30 --drifts 10",
            "  ./homeostat bench detector --throughput-only --parallelism 2"
        })
final class BenchDetectorCommand implements Callable<Integer> {
    private static final String METHOD =
            "telemetry of the catalog's metrics, 21 points per node and second in two exports, written"
                    + " before the measurement and read at full speed; a point is one event, a window is one node and second with its"
                    + " verdict; first 30 % discarded, CPU is user + system time of the job's process; latency from the fault to the"
                    + " committed alert in a reader, exports once a second";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "30", description = "nodes (${DEFAULT-VALUE})")
    private int nodes;

    @Option(
            names = "--secs",
            paramLabel = "N",
            defaultValue = "3000",
            description = "seconds of event time of each node (${DEFAULT-VALUE})")
    private int secs;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the job (${DEFAULT-VALUE})")
    private int parallelism;

    @Option(
            names = "--checkpoint-millis",
            paramLabel = "MS",
            defaultValue = "250",
            description = "between checkpoints (${DEFAULT-VALUE})")
    private int checkpointMillis;

    @Option(
            names = "--hard",
            paramLabel = "N",
            defaultValue = "20",
            description = "faults by hard evidence, about 6 s each (${DEFAULT-VALUE})")
    private int hard;

    @Option(
            names = "--drifts",
            paramLabel = "N",
            defaultValue = "6",
            description = "faults that the model finds, about 12 s each (${DEFAULT-VALUE})")
    private int drifts;

    @Option(names = "--throughput-only", description = "no latency")
    private boolean throughputOnly;

    @Option(names = "--latency-only", description = "no throughput")
    private boolean latencyOnly;

    @Option(
            names = "--rcf",
            paramLabel = "CLASSPATH",
            defaultValue = "${env:HOMEOSTAT_RCF_CLASSPATH}",
            description = "of the measuring kit with its DetectBench (HOMEOSTAT_RCF_CLASSPATH)")
    private @Nullable String rcf;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "a folder for the data is made in it and removed (default: the current one)")
    private Path dir = Path.of(".");

    @Option(names = "--json", description = "print one JSON object per line, with machine, date and method")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DetectorBenchOptions options = options();
        Path data = Files.createTempDirectory(dir.toAbsolutePath(), ".homeostat-bench-");
        try {
            DetectorBench bench = new DetectorBench(
                    options, data, Distribution.ofThisProcess(), line -> System.err.println("bench: " + line));
            for (Map<String, Object> figures : bench.run()) {
                BenchCommand.report(figures, data, json, METHOD);
            }
        } finally {
            BenchCommand.delete(data);
        }
        return 0;
    }

    private DetectorBenchOptions options() {
        try {
            if (throughputOnly && latencyOnly) {
                throw new IllegalArgumentException("--throughput-only and --latency-only exclude each other");
            }
            return new DetectorBenchOptions(
                    nodes,
                    secs,
                    parallelism,
                    checkpointMillis,
                    throughputOnly ? 0 : hard,
                    throughputOnly ? 0 : drifts,
                    !latencyOnly,
                    Optional.ofNullable(rcf).filter(path -> !path.isBlank()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
