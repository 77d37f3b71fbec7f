package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.logs.OtlpLogs;
import io.homeostat.deploy.process.NodeRebuild;
import io.homeostat.deploy.process.ParentGuard;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.StorageDamaged;
import io.homeostat.ledger.witness.WitnessTarget;
import io.homeostat.telemetry.TelemetryBootstrap;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One replica of the ledger, in this process. */
@Command(
        name = "node",
        description = {
            "Runs one ledger node of a cluster directory in this process.",
            "Its parent (a sidecar) holds its standard input: at the end of that it stops."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:asked to stop",
            "1:a fault or a broken invariant; a restart may help",
            "2:bad usage",
            "74:the Raft log or the journal failed: the disk needs a look, then rebuild the node"
        },
        footer = {
            "%nExamples:",
            "  ./homeostat node --data data --id n1 < /dev/zero",
            "  ./homeostat node --data data --id n1 --no-parent        (under systemd or Kubernetes)",
            "  ./homeostat node --data data --id n1 --election-timeout 300-600 --no-parent",
            "  ./homeostat node --data data --id n1 --rebuild --no-parent"
        })
final class NodeCommand implements Callable<Integer> {
    /** From a stop to a hard halt; a parent waits longer than that. */
    static final Duration HALT_AFTER = Duration.ofMillis(2000);

    @Mixin
    private RoleOptions role = new RoleOptions();

    @Option(
            names = "--id",
            paramLabel = "NODE",
            required = true,
            description = "which node of the cluster, for example n1")
    private String id = "";

    @Option(names = "--otlp", paramLabel = "URL", description = "where telemetry goes (default: the node's sidecar)")
    private URI otlp = URI.create("");

    @Option(names = "--no-telemetry", description = "measures and reports nothing: what telemetry costs is measured so")
    private boolean noTelemetry;

    @Option(
            names = "--join",
            description = "an empty folder is filled by the other nodes (always so for a node that had begun)")
    private boolean join;

    @Option(
            names = "--witness",
            paramLabel = "URL=KEY",
            description = "a witness that cosigns this ledger's heads, with the key it prints; may be repeated")
    private List<String> witnesses = new ArrayList<>();

    @Option(
            names = "--rebuild",
            description = {
                "build the node again from nothing: it leaves the group, its folder is moved aside, it joins empty,",
                "is filled by the others, votes and serves once its digest is the majority's; then it runs on"
            })
    private boolean rebuild;

    @Mixin
    private ElectionOption election = new ElectionOption();

    @Override
    public Integer call() throws Exception {
        ClusterDirectory cluster = role.open(HALT_AFTER);
        Topology.Node node = cluster.topology().node(id);
        LedgerNodeLimits limits = election.in(LedgerNodeLimits.DEFAULTS);
        URI endpoint = otlp.toString().isEmpty() ? URI.create("http://127.0.0.1:" + node.otlpHttpPort()) : otlp;
        OpenTelemetrySdk telemetry = noTelemetry
                ? OpenTelemetrySdk.builder().build()
                : TelemetryBootstrap.start("homeostat-ledger", node.id(), endpoint);
        OtlpLogs logs = OtlpLogs.install(telemetry.getLogsBridge());
        NodeRebuild rebuilding = new NodeRebuild(cluster, node);
        if (rebuild) {
            System.out.println("node " + id + " left the group; its old folder is " + rebuilding.leave());
        }
        LedgerNode ledger;
        try {
            ledger = LedgerNode.start(
                    config(cluster, node, join || rebuild),
                    limits,
                    telemetry,
                    witnesses.stream().map(WitnessTarget::parse).toList());
        } catch (StorageDamaged e) {
            System.err.println("node " + id + " does not start: " + e.getMessage());
            telemetry.close();
            return LedgerNode.STORAGE_FAILED;
        }
        cluster.markBegun(node.id());
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ParentGuard.haltAfter(HALT_AFTER);
                            ledger.close();
                            logs.close();
                            telemetry.close();
                        },
                        "stop"));
        if (rebuild) {
            rebuilding.join(ledger.serving());
            System.out.println("node " + id + " is rebuilt: its digest is the majority's, it votes and serves");
        }
        String reason = ledger.awaitStop();
        if (!reason.isEmpty()) {
            System.err.println("node " + id + " stopped: " + reason);
        }
        return ledger.exitCode();
    }

    /** An empty folder begins with a new cluster once, and joins the others ever after. */
    static LedgerNodeConfig config(ClusterDirectory cluster, Topology.Node node, boolean join) {
        Path folder = cluster.nodeData(node.id());
        boolean empty = empty(folder);
        boolean begun = join || cluster.begun(node.id());
        List<LedgerNodeConfig.Peer> peers = cluster.topology().nodes().stream()
                .map(peer -> new LedgerNodeConfig.Peer(
                        peer.id(), peer.zone(), peer.host(), peer.raftPort(), peer.httpPort()))
                .toList();
        return new LedgerNodeConfig(
                node.id(),
                node.zone(),
                node.host(),
                node.httpPort(),
                node.controlPort(),
                node.raftPort(),
                folder,
                peers,
                cluster.genesisFile(),
                cluster.tokensFile(),
                cluster.controlTokenFile(node.id()),
                cluster.checkpointKeyFile(node.id()),
                cluster.internalTokenFile(),
                cluster.faultHooks() ? LedgerNodeConfig.Profile.DEMO : LedgerNodeConfig.Profile.PRODUCTION,
                cluster.faultHooks(),
                empty && !begun,
                empty && begun,
                cluster.tls(node.id()));
    }

    private static boolean empty(Path folder) {
        if (!Files.isDirectory(folder)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + folder, e);
        }
    }
}
