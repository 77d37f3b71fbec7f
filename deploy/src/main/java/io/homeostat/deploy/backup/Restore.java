package io.homeostat.deploy.backup;

import io.homeostat.ledger.check.CheckReport;
import io.homeostat.ledger.check.LedgerCheck;
import io.homeostat.ledger.check.Progress;
import io.homeostat.ledger.check.UnknownEvent;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.ledger.raft.RestoredRaft;
import io.homeostat.ledger.raft.SnapshotFile;
import io.homeostat.ledger.state.SnapshotDamaged;
import io.homeostat.ledger.state.SnapshotSummary;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleLog;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes node folders from a backup, after everything in it was compared: each object's digest, the tree's root with the head
 * that a node of the genesis signed, the snapshot with that head, the state digest, and every value of the snapshot with a
 * replay of the journal. Folders appear whole or not at all.
 */
public final class Restore {
    private static final int MAX_LEAF_BYTES = 4 << 20;
    private static final int MAX_MANIFEST_BYTES = 64 << 20;
    private static final int BUFFER = 1 << 16;
    private final ObjectStore store;
    private final Progress progress;

    public Restore(ObjectStore store, Progress progress) {
        this.store = store;
        this.progress = progress;
    }

    /**
     * What was restored.
     *
     * @param signedBy node that signed the head
     * @param folders that were made
     */
    public record Report(
            String place,
            String ledger,
            String takenAt,
            String signedBy,
            long raftIndex,
            long leaves,
            String root,
            String stateDigest,
            long transfers,
            long compared,
            List<String> folders) {
        public Report {
            folders = List.copyOf(folders);
        }
    }

    /**
     * @param at Raft index of the backup; empty for the newest
     * @param genesisFile that the backup must belong to; empty to trust the backup's own
     * @param folders of the nodes, none of which may exist or hold anything
     * @throws BackupDamaged naming the object that is not as it must be; then no folder was made
     */
    public Report run(OptionalLong at, Optional<Path> genesisFile, List<Path> folders) throws IOException {
        for (Path folder : folders) {
            requireEmpty(folder);
        }
        String name = at.isPresent() ? Manifest.name(at.getAsLong()) : Manifest.NAME;
        Manifest manifest = manifest(name);
        Path work = folders.get(0).resolveSibling(folders.get(0).getFileName() + ".restoring");
        delete(work);
        Files.createDirectories(work);
        try {
            Path genesis = genesis(manifest, genesisFile, work);
            Checkpoint head = head(name, manifest, GenesisFile.read(genesis));
            journal(manifest, head, work.resolve("journal"));
            snapshot(manifest, head, GenesisFile.read(genesis), work);
            CheckReport check = replay(manifest, work, genesis);
            Files.delete(genesis);
            place(work, folders);
            return new Report(
                    store.place(),
                    manifest.ledger(),
                    manifest.takenAt(),
                    manifest.node(),
                    manifest.raftIndex(),
                    manifest.leaves(),
                    Digests.hex(head.root()),
                    manifest.stateDigest(),
                    check.transfers(),
                    check.compared(),
                    folders.stream().map(Path::toString).toList());
        } finally {
            delete(work);
        }
    }

    private Manifest manifest(String name) throws IOException {
        try (InputStream in = store.get(name)) {
            return Manifest.decode(name, in.readNBytes(MAX_MANIFEST_BYTES));
        } catch (NoSuchFileException e) {
            throw new BackupDamaged(name, "it is missing: no backup was finished in " + store.place());
        }
    }

    private Path genesis(Manifest manifest, Optional<Path> expected, Path work) throws IOException {
        byte[] bytes = Backup.read(store, manifest.genesis());
        Path file = work.resolve("genesis.json");
        Files.write(file, bytes);
        Genesis genesis;
        try {
            genesis = GenesisFile.read(file);
        } catch (IllegalArgumentException e) {
            throw new BackupDamaged(manifest.genesis().name(), "it is no genesis: " + e.getMessage());
        }
        if (expected.isPresent()
                && !Arrays.equals(GenesisFile.read(expected.get()).digest(), genesis.digest())) {
            throw new BackupDamaged(
                    manifest.genesis().name(),
                    "the backup is of ledger '" + genesis.ledger() + "' with another genesis than " + expected.get());
        }
        return file;
    }

    private static Checkpoint head(String name, Manifest manifest, Genesis genesis) {
        SignedNote note;
        Checkpoint head;
        try {
            note = SignedNote.parse(manifest.checkpoint().getBytes(StandardCharsets.UTF_8));
            head = Checkpoint.parse(note.text());
        } catch (IllegalArgumentException e) {
            throw new BackupDamaged(name, "its signed head can not be read: " + e.getMessage());
        }
        Optional<String> signer = Backup.signer(genesis, note);
        if (signer.isEmpty() || !signer.get().equals(manifest.node())) {
            throw new BackupDamaged(name, "its head is not signed by node '" + manifest.node() + "' of the genesis");
        }
        if (!head.origin().equals(genesis.ledger())
                || !manifest.ledger().equals(genesis.ledger())
                || head.size() != manifest.leaves()) {
            throw new BackupDamaged(
                    name,
                    "its head " + head + " is not the one of " + manifest.leaves() + " leaves of '" + genesis.ledger()
                            + "'");
        }
        if (!Backup.givesRoot(manifest.journal(), head)) {
            throw new BackupDamaged(name, "the roots of its journal's objects do not give the root that was signed");
        }
        return head;
    }

    private void journal(Manifest manifest, Checkpoint head, Path folder) throws IOException {
        try (MerkleLog log = MerkleLog.open(folder)) {
            for (Manifest.Chunk chunk : manifest.journal()) {
                List<byte[]> leaves;
                try {
                    leaves = Frames.decode(Backup.read(store, chunk.entry()), MAX_LEAF_BYTES);
                } catch (IllegalArgumentException e) {
                    throw new BackupDamaged(chunk.name(), "its frames can not be read: " + e.getMessage());
                }
                MerkleFrontier tree = new MerkleFrontier();
                for (byte[] leaf : leaves) {
                    tree.append(MerkleTree.leafHash(leaf));
                    log.append(leaf);
                }
                if (leaves.size() != chunk.leaves() || !Digests.hex(tree.root()).equals(chunk.root())) {
                    throw new BackupDamaged(chunk.name(), "its " + leaves.size() + " leaves are not those of the tree");
                }
                progress.at("leaves", log.size(), head.size());
            }
            if (!Arrays.equals(log.root(), head.root())) {
                throw new BackupDamaged("journal", "its leaves do not give the root that was signed");
            }
            log.sync();
        }
    }

    private void snapshot(Manifest manifest, Checkpoint head, Genesis genesis, Path work) throws IOException {
        progress.at("fetching the snapshot", 0, 0);
        Map<String, Path> files = new TreeMap<>();
        Manifest.Entry entry = manifest.genesis();
        for (Manifest.Part part : manifest.snapshot()) {
            Path fetched = work.resolve("fetched").resolve(part.file());
            Files.createDirectories(fetched.getParent());
            Hashing.fetch(store, part.entry(), fetched);
            files.put(part.file(), fetched);
            entry = part.file().equals(SnapshotFile.STATE) ? part.entry() : entry;
        }
        Path file = work.resolve("fetched").resolve(SnapshotFile.STATE);
        try {
            SnapshotSummary summary;
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
                summary = SnapshotSummary.read(in);
            }
            if (!Arrays.equals(summary.genesisDigest(), genesis.digest())
                    || summary.raftIndex() > manifest.raftIndex()
                    || summary.edge().size() != head.size()
                    || !Arrays.equals(summary.edge().root(), head.root())) {
                throw new BackupDamaged(entry.name(), "it is not the snapshot of the signed head " + head);
            }
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
                String found = Digests.hex(SnapshotSummary.stateDigest(in));
                if (!found.equals(manifest.stateDigest())) {
                    throw new BackupDamaged(
                            entry.name(), "expected state digest " + manifest.stateDigest() + " but found " + found);
                }
            }
        } catch (SnapshotDamaged e) {
            throw new BackupDamaged(entry.name(), String.valueOf(e.getMessage()));
        }
        RestoredRaft.write(work, manifest.ledger(), manifest.raftTerm(), manifest.raftIndex(), files);
        delete(work.resolve("fetched"));
    }

    /** Loads the snapshot, which computes the state digest again, and compares each of its values with the journal. */
    private CheckReport replay(Manifest manifest, Path work, Path genesis) throws IOException {
        try {
            CheckReport check = LedgerCheck.folder(work, genesis, progress);
            if (!check.clean()) {
                throw new BackupDamaged(
                        "snapshot",
                        check.count() + " differences from a replay of the journal, the first: "
                                + check.differences().get(0));
            }
            return check;
        } catch (UnknownEvent e) {
            throw new BackupDamaged("journal", "it can not be replayed: " + e.getMessage());
        }
    }

    /** Copies for all but the last folder, and then all of them get their names. */
    private void place(Path work, List<Path> folders) throws IOException {
        List<Path> made = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            Path from = work;
            if (i < folders.size() - 1) {
                from = folders.get(i).resolveSibling(folders.get(i).getFileName() + ".copying");
                delete(from);
                copy(work, from);
            }
            made.add(from);
            progress.at("node folders", i + 1, folders.size());
        }
        for (int i = 0; i < folders.size(); i++) {
            Files.createDirectories(folders.get(i).toAbsolutePath().getParent());
            Files.deleteIfExists(folders.get(i));
            Files.move(made.get(i), folders.get(i), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> entries = Files.list(folder)) {
                if (entries.findAny().isPresent()) {
                    throw new IOException("expected no data in " + folder
                            + " but there is some: stop the node and move its folder aside first");
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
