package io.homeostat.deploy;

import io.homeostat.deploy.backup.ObjectStore;
import io.homeostat.deploy.backup.Restore;
import io.homeostat.deploy.backup.StoreOptions;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Node folders from a backup, once everything in it was compared. */
@Command(
        name = "restore",
        description = {
            "Makes the data of nodes from a backup. Compares each object's digest, the journal's root with the signed head, the",
            "snapshot and its state digest, and every value of it with a replay of the journal; anything else than equal is",
            "refused with the object's name, and no folder is made.",
            "Every node of a ledger is restored from the same backup. One lost node of a ledger that lives is built again with",
            "'homeostat node --rebuild': restored data would let it forget what it acknowledged."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:restored, no difference", "1:refused, nothing was made", "2:bad usage"},
        footer = {
            "%nExamples:",
            "  ./homeostat restore /backups/ledger --to data --progress          (all nodes of the cluster in data)",
            "  ./homeostat restore s3://bank-backups/ledger --to data --id n2    (the one node on this machine)",
            "  ./homeostat restore /backups/ledger --folder /mnt/n1 --genesis genesis.json --json"
        })
final class RestoreCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PLACE", description = "folder, or s3://bucket/prefix")
    private String place = "";

    @ArgGroup(multiplicity = "1")
    private Target target = new Target();

    static final class Target {
        @Option(
                names = "--to",
                paramLabel = "DIR",
                description = "the cluster's directory, with its secrets and genesis")
        private Optional<Path> cluster = Optional.empty();

        @Option(names = "--folder", paramLabel = "DIR", description = "one node's data folder")
        private Optional<Path> folder = Optional.empty();
    }

    @Option(names = "--id", paramLabel = "NODE", description = "with --to: only this node (default: all)")
    private Optional<String> id = Optional.empty();

    @Option(
            names = "--genesis",
            paramLabel = "FILE",
            description = "the genesis that the backup must belong to (default: the cluster's; without any, its own)")
    private Optional<Path> genesis = Optional.empty();

    @Option(names = "--at", paramLabel = "INDEX", description = "the backup of this Raft index (default: the newest)")
    private Optional<Long> at = Optional.empty();

    @Mixin
    private StoreOptions stores = new StoreOptions();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(names = "--progress", description = "tell on standard error how far it has come")
    private boolean progress;

    @Override
    public Integer call() throws Exception {
        Optional<ClusterDirectory> cluster = target.cluster.map(ClusterDirectory::open);
        List<Topology.Node> nodes = cluster.map(
                        known -> id.map(one -> List.of(known.topology().node(one)))
                                .orElseGet(() -> known.topology().nodes()))
                .orElse(List.of());
        List<Path> folders = Stream.concat(
                        target.folder.stream(),
                        nodes.stream().map(node -> cluster.orElseThrow().nodeData(node.id())))
                .toList();
        try (ObjectStore store = stores.open(place)) {
            Restore.Report report = new Restore(store, ProgressLines.of(progress))
                    .run(
                            at.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                            genesis.or(() -> cluster.map(ClusterDirectory::genesisFile)),
                            folders);
            nodes.forEach(node -> cluster.orElseThrow().markBegun(node.id()));
            System.out.println(
                    json.wanted()
                            ? Rest.JSON.writeValueAsString(report)
                            : "restored ledger " + report.ledger() + " of " + report.takenAt() + " from "
                                    + report.place() + ": Raft index " + report.raftIndex() + ", " + report.leaves()
                                    + " leaves, root " + report.root() + " signed by " + report.signedBy()
                                    + ", state digest " + report.stateDigest() + "; " + report.transfers()
                                    + " transfers, no difference in " + report.compared() + " comparisons; made "
                                    + String.join(", ", report.folders()));
            return 0;
        }
    }
}
