package io.homeostat.ledger.check;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.merkle.Digests;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The door of the package. Blocks for as long as the replay takes; nothing is written outside a scratch folder. */
public final class LedgerCheck {
    private LedgerCheck() {}

    /**
     * Checks the folder of one node, running or not: its journal, its tree, and the snapshots that it keeps.
     *
     * @param node holds {@code journal/} and perhaps {@code raft/}
     * @param genesisFile the genesis as the node was given it
     * @throws UnknownEvent when a leaf can not be counted
     */
    public static CheckReport folder(Path node, Path genesisFile, Progress progress) throws IOException {
        Path journal = node.resolve("journal");
        if (!Files.isDirectory(journal)) {
            throw new IllegalArgumentException("expected a node's folder with 'journal' in it but found " + node);
        }
        Genesis genesis = GenesisFile.read(genesisFile);
        Differences differences = new Differences();
        Recount recount = new Recount(differences);
        FolderJournal leaves = new FolderJournal(journal, differences, progress);
        List<SnapshotComparison> snapshots = new ArrayList<>();
        List<String> checked = new ArrayList<>(List.of("journal", "tree"));
        try {
            for (Path file : snapshots(node)) {
                progress.at("loading " + file.getFileName(), 0, 0);
                SnapshotComparison snapshot = SnapshotComparison.open(file, genesis, recount, differences);
                if (snapshot != null) {
                    snapshots.add(snapshot);
                    recount.onSettled(snapshot);
                }
                checked.add(file.getFileName().toString());
            }
            leaves.read(leaf -> {
                recount.follow(leaf);
                for (SnapshotComparison snapshot : snapshots) {
                    if (snapshot.edge() == recount.leaves()) {
                        snapshot.compare(leaves.frontier());
                    }
                }
            });
            for (SnapshotComparison snapshot : snapshots) {
                if (snapshot.edge() > recount.leaves()) {
                    differences.add(
                            snapshot.name(), "journal", -1, snapshot.edge() + " leaves", recount.leaves() + " leaves");
                }
            }
        } finally {
            snapshots.forEach(SnapshotComparison::close);
        }
        comparePolicy(genesis, recount, differences, genesisFile.getFileName().toString());
        checked.add(genesisFile.getFileName().toString());
        return report(node.toString(), recount, leaves.frontier().root(), checked, differences);
    }

    /**
     * Checks a running node through its API: its journal up to the checkpoint that it signed when the check began, and
     * every account, open hold, case, node and the policy as it shows them. Each answer is compared at the index that it
     * states, so writing may go on meanwhile.
     *
     * @param http trusts the node, and shows it a certificate when it asks for one
     * @param token of a principal with the role reader
     * @param genesisFile empty to trust the genesis in the journal
     */
    public static CheckReport server(
            HttpClient http, URI node, String token, Optional<Path> genesisFile, Progress progress)
            throws IOException, InterruptedException {
        Differences differences = new Differences();
        ServerComparison server = new ServerComparison(http, node, token, differences, progress);
        server.run();
        List<String> checked = new ArrayList<>(
                List.of("journal", "checkpoint", "accounts", "holds", "cases", "nodes", "sums", "policy"));
        if (genesisFile.isPresent()) {
            comparePolicy(
                    GenesisFile.read(genesisFile.get()),
                    server.recount(),
                    differences,
                    genesisFile.get().toString());
            checked.add("genesis file");
        }
        return report(node.toString(), server.recount(), server.root(), checked, differences);
    }

    /** The genesis in the journal against the one that the node was given. */
    private static void comparePolicy(Genesis genesis, Recount recount, Differences differences, String where) {
        Policies.compareGenesis(differences, where, recount.genesis().genesis(), genesis);
    }

    private static List<Path> snapshots(Path node) throws IOException {
        Path raft = node.resolve("raft");
        if (!Files.isDirectory(raft)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(raft)) {
            return files.filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .sorted(Comparator.comparingLong(LedgerCheck::index))
                    .toList();
        }
    }

    private static long index(Path snapshot) {
        String name = snapshot.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('_') + 1));
    }

    private static CheckReport report(
            String target, Recount recount, byte[] root, List<String> checked, Differences differences) {
        return new CheckReport(
                target,
                recount.leaves(),
                Digests.hex(root),
                recount.accounts().size(),
                recount.transfers(),
                recount.openHolds().size(),
                differences.compared(),
                List.copyOf(checked),
                differences.count(),
                differences.kept());
    }
}
