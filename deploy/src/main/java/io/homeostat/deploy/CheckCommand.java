package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.check.CheckReport;
import io.homeostat.ledger.check.LedgerCheck;
import io.homeostat.ledger.check.UnknownEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The ledger counted once more, and every derived value compared. */
@Command(
        name = "check",
        description = {
            "Replays the journal from its first leaf in code of its own and compares whatever was derived from it:",
            "balances, holds, cases, nodes, policy, keys, sums, tree, checkpoint and snapshots. Names each difference.",
            "TARGET is a node's folder (running or not), a cluster's directory (each node's folder in turn), or a node's URL."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:no difference", "1:differences, or the check could not be finished", "2:bad usage"},
        footer = {
            "%nExamples:",
            "  ./homeostat check data",
            "  ./homeostat check data/nodes/n1 --genesis data/genesis.json --progress",
            "  ./homeostat check https://127.0.0.1:8101 --data data --json"
        })
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TARGET", description = "folder or URL")
    private String target = "";

    @Option(names = "--genesis", paramLabel = "FILE", description = "the genesis as the nodes were given it")
    private Optional<Path> genesis = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "for a URL: token of a principal with the role reader")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "for a URL: the cluster's directory, whose certificates, reader token and genesis are used")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--json", description = "print one JSON object per target")
    private boolean json;

    @Option(names = "--progress", description = "tell on standard error how far it has come")
    private boolean progress;

    @Override
    public Integer call() throws Exception {
        boolean clean = true;
        for (CheckReport report : reports()) {
            clean &= report.clean();
            print(report);
        }
        return clean ? 0 : 1;
    }

    private List<CheckReport> reports() throws IOException, InterruptedException {
        try {
            if (target.startsWith("http://") || target.startsWith("https://")) {
                return List.of(LedgerCheck.server(
                        http(), URI.create(target), token(), genesisFile(), ProgressLines.of(progress)));
            }
            Path folder = Path.of(target);
            if (Files.isDirectory(folder.resolve("journal"))) {
                Path file = genesisFile()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "--genesis is needed beside a node's folder: the file that the node was given"));
                return List.of(LedgerCheck.folder(folder, file, ProgressLines.of(progress)));
            }
            ClusterDirectory cluster = ClusterDirectory.open(folder);
            List<CheckReport> reports = new ArrayList<>();
            for (Topology.Node node : cluster.topology().nodes()) {
                reports.add(LedgerCheck.folder(
                        cluster.nodeData(node.id()), cluster.genesisFile(), ProgressLines.of(progress)));
            }
            return reports;
        } catch (UnknownEvent e) {
            throw new IllegalStateException("the check could not be finished: " + e.getMessage(), e);
        }
    }

    private Optional<Path> genesisFile() {
        return genesis.or(() -> data.map(folder -> ClusterDirectory.open(folder).genesisFile()));
    }

    private HttpClient http() {
        return data.map(folder -> ClusterDirectory.open(folder).http()).orElseGet(HttpClient::newHttpClient);
    }

    private String token() {
        return tokenFile
                .map(ClusterDirectory::readSecret)
                .or(() -> data.map(folder -> ClusterDirectory.open(folder).token(Principal.ADA)))
                .orElseThrow(() -> new IllegalArgumentException("--token-file or --data is needed beside a URL"));
    }

    private void print(CheckReport report) throws IOException {
        if (json) {
            System.out.println(Rest.JSON.writeValueAsString(report));
            return;
        }
        report.differences().forEach(System.out::println);
        System.out.println(report.target() + ": " + (report.clean() ? "no difference" : report.count() + " differences")
                + " in " + report.compared() + " comparisons over " + report.leaves() + " leaves, "
                + report.transfers() + " transfers, " + report.accounts() + " accounts, " + report.openHolds()
                + " open holds; compared: " + String.join(", ", report.checked()) + "; root " + report.root());
    }
}
