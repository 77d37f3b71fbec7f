package io.homeostat.deploy;

import io.homeostat.deploy.backup.Backup;
import io.homeostat.deploy.backup.LedgerSource;
import io.homeostat.deploy.backup.ObjectStore;
import io.homeostat.deploy.backup.StoreOptions;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A consistent copy of a live ledger. */
@Command(
        name = "backup",
        description = {
            "Copies the ledger of a running node, which goes on writing: a snapshot, the leaves that it holds, the signed head",
            "over them, and the genesis. SOURCE is a node's URL or a cluster's directory (a node that serves is taken, best a",
            "follower). Only what is new since the last backup in the same place is read and written. The manifest comes last:",
            "a run that was broken off is no backup, and the next one goes on where it ended. Secrets are not copied."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the backup is whole", "1:no backup was made", "2:bad usage"},
        footer = {
            "%nExamples:",
            "  ./homeostat backup data --to /backups/ledger --progress",
            "  ./homeostat backup data --to s3://bank-backups/ledger --endpoint https://s3.bank.example",
            "  ./homeostat backup https://n2.bank.example:8101 --data data --to /backups/ledger --json"
        })
final class BackupCommand implements Callable<Integer> {
    private static final Duration ASK = Duration.ofSeconds(3);

    @Parameters(paramLabel = "SOURCE", description = "URL of a node, or directory of a cluster")
    private String source = "";

    @Option(names = "--to", paramLabel = "PLACE", required = true, description = "folder, or s3://bucket/prefix")
    private String to = "";

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "for a URL: the cluster's directory, whose certificates, token and genesis are used")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "for a URL: token of a principal with the roles operator and reader")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(names = "--genesis", paramLabel = "FILE", description = "for a URL: the genesis as the nodes were given it")
    private Optional<Path> genesis = Optional.empty();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--progress", description = "tell on standard error how far it has come")
    private boolean progress;

    @Override
    public Integer call() throws Exception {
        boolean url = source.startsWith("http://") || source.startsWith("https://");
        Optional<ClusterDirectory> cluster = (url ? data : Optional.of(Path.of(source))).map(ClusterDirectory::open);
        String token = tokenFile
                .map(ClusterDirectory::readSecret)
                .or(() -> cluster.map(known -> known.token(Principal.OPERATOR)))
                .orElseThrow(() -> new IllegalArgumentException("--token-file or --data is needed beside a URL"));
        Path genesisFile = genesis.or(() -> cluster.map(ClusterDirectory::genesisFile))
                .orElseThrow(() -> new IllegalArgumentException("--genesis or --data is needed beside a URL"));
        HttpClient http = cluster.map(ClusterDirectory::http).orElseGet(HttpClient::newHttpClient);
        URI node = url ? URI.create(source) : serving(cluster.orElseThrow(), http, token);
        try (ObjectStore store = stores.open(to)) {
            Backup.Report report = new Backup(
                            new LedgerSource(http, node, token),
                            store,
                            genesisFile,
                            InstantSource.system(),
                            ProgressLines.of(progress))
                    .run();
            System.out.println(
                    json
                            ? Rest.JSON.writeValueAsString(report)
                            : "backup of ledger " + report.ledger() + " from " + node + " in " + report.place()
                                    + ": Raft index " + report.raftIndex() + ", " + report.leaves() + " leaves, root "
                                    + report.root() + ", state digest " + report.stateDigest() + "; wrote "
                                    + report.objects() + " objects of " + report.bytes() + " bytes, kept "
                                    + report.kept());
            return 0;
        }
    }

    /** A follower that serves, else the leader: a snapshot costs the one that takes it. */
    private static URI serving(ClusterDirectory cluster, HttpClient http, String token) {
        Optional<URI> leader = Optional.empty();
        for (Topology.Node node : cluster.topology().nodes()) {
            try {
                Rest.Answer status =
                        Rest.of(http, node.url(), token).within(ASK).get("/v1/status");
                if (status.status() == 200 && status.json().path("ready").asBoolean()) {
                    if (!status.json().path("role").asText().equals("leader")) {
                        return URI.create(node.url());
                    }
                    leader = Optional.of(URI.create(node.url()));
                }
            } catch (IOException e) {
                // This node is down; another one may serve.
            }
        }
        return leader.orElseThrow(() -> new IllegalStateException(
                "no node of " + cluster.data() + " serves: a backup is taken from a running node; start one"));
    }
}
