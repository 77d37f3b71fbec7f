package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.demo.Demo;
import io.homeostat.deploy.demo.DemoReport;
import io.homeostat.deploy.demo.FaultKind;
import io.homeostat.deploy.process.ClusterProcesses;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.ResidentMemory;
import io.homeostat.deploy.process.StopSignals;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole story, unattended. */
@Command(
        name = "demo",
        description = {
            "Tells the whole story unattended, on a cluster of its own.",
            "Transfers run; a follower gets a real fault, which is detected, isolated, healed and verified. Then a high-value transfer: every way around its approvers is",
            "tried and must be refused. At the end a bundle is verified offline.",
            "Exits 0 only if it healed with nothing lost. On a failure the data directory stays."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat demo",
            "  ./homeostat demo --fault kill --json out.json",
            "  ./homeostat demo --transfers berka.csv.gz --asset CZK --fault pause --keep demo-data"
        })
final class DemoCommand implements Callable<Integer> {
    /** What a shell calls a command that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--transfers",
            paramLabel = "FILE",
            description = "CSV with the columns from, to, amount (gzip by the suffix .gz); default: seeded transfers")
    private Optional<Path> transfers = Optional.empty();

    @Option(
            names = "--asset",
            paramLabel = "CODE",
            defaultValue = "EUR",
            description = "asset of the file's rows when they name none (${DEFAULT-VALUE})")
    private String asset = "EUR";

    @Option(
            names = "--fault",
            paramLabel = "NAME",
            defaultValue = "drift",
            description = "drift, kill or pause (${DEFAULT-VALUE})")
    private FaultKind fault = FaultKind.DRIFT;

    @Option(names = "--json", paramLabel = "FILE", description = "write the report as JSON")
    private Optional<Path> json = Optional.empty();

    @Option(names = "--keep", paramLabel = "DIR", description = "keep the cluster's data here")
    private Optional<Path> keep = Optional.empty();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "transfers a second while the story runs (${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--no-tls", description = "nodes and sidecars speak plain text")
    private boolean noTls;

    @Override
    public Integer call() throws Exception {
        long began = System.nanoTime();
        Consumer<String> say = line -> {
            System.out.printf(Locale.ROOT, "%6.1fs  %s%n", (System.nanoTime() - began) / 1e9, line);
            System.out.flush();
        };
        transfers.ifPresent(file -> {
            if (!Files.isReadable(file)) {
                throw new ParameterException(spec.commandLine(), "--transfers: expected a readable file at " + file);
            }
        });
        if (!asset.matches("[A-Z][A-Z0-9]{2,11}")) {
            throw new ParameterException(
                    spec.commandLine(), "--asset must match [A-Z][A-Z0-9]{2,11} but is '" + asset + "'");
        }
        if (rate < 1 || rate > 10_000) {
            throw new ParameterException(spec.commandLine(), "--rate must be in 1..10000 but is " + rate);
        }
        Path data = keep.isPresent() ? keep.get() : Files.createTempDirectory("homeostat-demo-");
        if (Files.exists(data.resolve("cluster.json"))) {
            throw new IllegalArgumentException(
                    "expected a new directory but " + data + " holds a cluster; choose another one with --keep");
        }
        Distribution distribution = Distribution.ofThisProcess();
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                data, ClusterDirectory.Plan.onAnyPort(3, true).withTls(!noTls));
        say.accept("cluster in " + cluster.data());
        Demo.Settings settings = new Demo.Settings(fault, transfers, asset, rate, bundleFile());
        DemoReport report;
        ClusterProcesses processes = ClusterProcesses.start(cluster, distribution);
        Runtime.getRuntime().addShutdownHook(new Thread(processes::close, "stop"));
        StopSignals.exitWith(() -> INTERRUPTED);
        try (ResidentMemory memory = ResidentMemory.sampling(Duration.ofMillis(500))) {
            report = new Demo(settings, cluster, distribution, say).run(processes, memory, began);
        } catch (IllegalStateException | IOException e) {
            processes.dumpThreads();
            System.err.println("homeostat: the story broke off; logs and data stay in " + cluster.data());
            throw e;
        } finally {
            processes.close();
        }
        finish(report, cluster, say);
        return report.ok() ? 0 : 1;
    }

    /** Beside the report, in the kept directory, or here: it outlives the cluster. */
    private Path bundleFile() {
        if (json.isPresent()) {
            String name = json.get().getFileName().toString();
            String stem = name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
            return json.get().toAbsolutePath().resolveSibling(stem + ".bundle");
        }
        return keep.orElse(Path.of("")).toAbsolutePath().resolve("demo.bundle");
    }

    private void finish(DemoReport report, ClusterDirectory cluster, Consumer<String> say) throws IOException {
        if (json.isPresent()) {
            Files.write(json.get(), Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
        }
        System.out.println();
        System.out.printf(
                Locale.ROOT,
                "  %s in %s: detected %d ms, isolated %d ms, recovered %d ms after the fault%n",
                report.fault(),
                report.incident().node(),
                report.incident().detectMillis(),
                report.incident().isolateMillis(),
                report.incident().recoverMillis());
        System.out.printf(
                Locale.ROOT,
                "  transfers: %d offered, %d acknowledged, %d lost; sums %s; digests %s%n",
                report.transfers().offered(),
                report.transfers().acknowledged(),
                report.transfers().lost(),
                report.sumsPerAsset(),
                report.digestsEqual() ? "equal" : "DIFFERENT");
        System.out.printf(
                Locale.ROOT,
                "  approvals: %d of %d bypasses refused, transfer %s%n",
                report.approval().bypassRefused(),
                report.approval().bypassTried(),
                report.approval().posted() ? "posted by two approvers" : "NOT posted");
        System.out.printf(
                Locale.ROOT,
                "  bundle: integrity %s, completeness %s%n",
                report.verifier().integrity(),
                report.verifier().completeness());
        System.out.printf(
                Locale.ROOT,
                "  ready after %.1f s, at most %d MiB resident in all processes%n",
                report.startupSeconds(),
                report.peakRssMb());
        report.failures().forEach(failure -> System.out.println("  FAILED: " + failure));
        if (report.ok() && keep.isEmpty()) {
            BenchCommand.delete(cluster.data());
            System.out.println("  OK; ./homeostat verify " + report.bundle());
        } else {
            System.out.println("  " + (report.ok() ? "OK" : "FAILED") + "; logs and data in " + cluster.data());
        }
        System.out.flush();
    }
}
