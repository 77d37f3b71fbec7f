package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.process.ChildProcess;
import io.homeostat.deploy.process.ClusterProcesses;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.StopSignals;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything on one machine, to stay. */
@Command(
        name = "up",
        description = {
            "Starts three ledger nodes, their sidecars and the platform, and stays until Ctrl-C.",
            "What was written survives: start again on the same directory. Passwords are printed when it is made."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat up",
            "  ./homeostat up --data /srv/ledger --port 9000",
            "  ./homeostat up --data /srv/screened --screening",
            "  ./homeostat up --fault-hooks        (nodes take injected faults; for trying things)",
            "  HOMEOSTAT_AUTONOMY=restart=approve ./homeostat up    (people sign before a node is restarted by plan)",
            "  HOMEOSTAT_ELECTION_TIMEOUT=300-600 ./homeostat up    (a silent leader is replaced sooner)"
        })
final class UpCommand implements Callable<Integer> {
    /** What a shell calls a command that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "8088",
            description = "port of the web UI (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--fault-hooks", description = "let nodes take injected faults through their control API")
    private boolean faultHooks;

    @Option(
            names = "--no-tls",
            description = "nodes and sidecars speak plain text: for development on this machine; status says so")
    private boolean noTls;

    @Option(
            names = "--screening",
            description = {
                "a new cluster screens: from a tenth of the people's tier on, a transfer waits for a signed verdict on",
                "liquidity patterns (one process more); an existing one is changed by keys and policy, docs/screening.md"
            })
    private boolean screening;

    @Option(
            names = "--web-tls",
            description = "the web UI speaks TLS with a certificate of the cluster's own authority, which browsers"
                    + " must be told to trust (DIR/secrets/tls/ca.crt)")
    private boolean webTls;

    @Override
    public Integer call() throws Exception {
        long began = System.nanoTime();
        Consumer<String> say =
                line -> System.out.printf(Locale.ROOT, "%6.1fs  %s%n", (System.nanoTime() - began) / 1e9, line);
        if (port < 1 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port must be in 1..65535 but is " + port);
        }
        Distribution distribution = Distribution.ofThisProcess();
        boolean fresh = !Files.exists(data.path().resolve("cluster.json"));
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                data.path(), new ClusterDirectory.Plan(3, port, faultHooks, !noTls, webTls).withScreening(screening));
        if (screening && !cluster.screening()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--screening: the cluster in " + data.path() + " was made without; see docs/screening.md");
        }
        say.accept((fresh ? "made " : "found ")
                + cluster.data()
                + (noTls ? "; WITHOUT TLS between its processes (--no-tls)" : ""));
        ClusterProcesses processes = ClusterProcesses.start(cluster, distribution);
        Runtime.getRuntime().addShutdownHook(new Thread(processes::close, "stop"));
        AtomicBoolean ready = new AtomicBoolean();
        // To be stopped is how up ends well; before it was ready it is an interruption.
        StopSignals.exitWith(() -> ready.get() ? 0 : INTERRUPTED);
        try {
            processes.awaitReady(say);
            ready.set(true);
            say.accept("ready");
            signIn(cluster, fresh);
            Optional<ChildProcess> ended = processes.awaitAnyEnd();
            if (ended.isPresent()) {
                System.err.println("homeostat: " + ended.get().describeEnd() + "; stopping the others");
                return 1;
            }
            return 0;
        } finally {
            processes.close();
        }
    }

    private static void signIn(ClusterDirectory cluster, boolean fresh) {
        System.out.println();
        System.out.println("  " + cluster.topology().web().url());
        if (fresh) {
            cluster.passwords().forEach((person, password) -> System.out.printf("    %-5s  %s%n", person, password));
            System.out.println("  shown once; kept in " + cluster.passwordsFile());
        } else {
            System.out.println("  passwords: " + cluster.passwordsFile());
        }
        System.out.println("  approvers' keys: " + cluster.secrets().resolve("approvers"));
        for (Topology.Node node : cluster.topology().nodes()) {
            System.out.printf("  %s (%s)  %s%n", node.id(), node.zone(), node.url());
        }
        System.out.println("  Ctrl-C stops everything.");
        System.out.println();
        System.out.flush();
    }
}
