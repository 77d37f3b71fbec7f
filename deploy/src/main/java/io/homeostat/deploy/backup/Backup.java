package io.homeostat.deploy.backup;

import io.homeostat.ledger.check.Progress;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.ledger.state.SnapshotSummary;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Copies a ledger from a running node: a snapshot, exactly the leaves that it holds, the signed head over them and the
 * genesis. The node goes on writing meanwhile.
 *
 * <p>Objects are named by their content, so that one that is there needs no second copy, and a backup that was broken off
 * goes on where it ended. The journal's full chunks of the backup before are taken over by their roots, which must give the
 * root that the node signed now; only what is new is read.
 */
public final class Backup {
    private static final int BUFFER = 1 << 16;
    /** A full chunk of the largest leaves; all but the genesis' have at most some kilobytes. */
    private static final int MAX_OBJECT_BYTES = 512 << 20;

    private final LedgerSource source;
    private final ObjectStore store;
    private final Path genesisFile;
    private final InstantSource clock;
    private final Progress progress;
    private long bytesWritten;
    private int objectsWritten;
    private int objectsKept;

    /** @param genesisFile as the nodes were given it */
    public Backup(LedgerSource source, ObjectStore store, Path genesisFile, InstantSource clock, Progress progress) {
        this.source = source;
        this.store = store;
        this.genesisFile = genesisFile;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * What was done.
     *
     * @param objects that were written
     * @param kept objects that were there already
     * @param bytes that were written
     */
    public record Report(
            String place,
            String ledger,
            long raftIndex,
            long leaves,
            String root,
            String stateDigest,
            int objects,
            int kept,
            long bytes) {}

    /**
     * @throws IOException when the node or the store does not answer; what was written stays and is of use to the next run
     * @throws BackupDamaged when what the node sent does not fit together
     */
    public Report run() throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("homeostat-backup");
        try {
            progress.at("taking a snapshot", 0, 0);
            return copy(source.snapshot(scratch, progress));
        } finally {
            Restore.delete(scratch);
        }
    }

    private Report copy(LedgerSource.Snapshot snapshot) throws IOException, InterruptedException {
        Genesis genesis = GenesisFile.read(genesisFile);
        SignedNote note = SignedNote.parse(snapshot.checkpoint());
        Checkpoint head = Checkpoint.parse(note.text());
        String signer = signer(genesis, note)
                .orElseThrow(() -> new BackupDamaged("checkpoint", "no node of the genesis signed it"));
        String stateDigest = compare(snapshot, genesis, head);
        List<Manifest.Chunk> journal = journal(head);
        Manifest.Entry genesisEntry = put("genesis/", ".json", Files.readAllBytes(genesisFile));
        List<Manifest.Part> parts = new ArrayList<>();
        for (Map.Entry<String, Path> file : snapshot.files().entrySet()) {
            progress.at("writing " + file.getKey(), 0, 0);
            parts.add(putFile(file.getKey(), file.getValue()));
        }
        Manifest manifest = new Manifest(
                Manifest.VERSION,
                genesis.ledger(),
                signer,
                clock.instant().toString(),
                snapshot.term(),
                snapshot.raftIndex(),
                stateDigest,
                head.size(),
                new String(note.encode(), StandardCharsets.UTF_8),
                genesisEntry,
                parts,
                journal);
        // The last ones: before, the objects are nothing that a restore would take.
        byte[] bytes = manifest.encode();
        write(Manifest.name(snapshot.raftIndex()), bytes);
        write(Manifest.NAME, bytes);
        return new Report(
                store.place(),
                genesis.ledger(),
                snapshot.raftIndex(),
                head.size(),
                Digests.hex(head.root()),
                stateDigest,
                objectsWritten,
                objectsKept,
                bytesWritten);
    }

    /** Which node of the genesis signed the note. */
    static java.util.Optional<String> signer(Genesis genesis, SignedNote note) {
        return genesis.nodes().stream()
                .filter(node ->
                        note.verifiedBy(CheckpointSigner.keyName(genesis.ledger(), node.id()), node.checkpointKey()))
                .map(Genesis.Node::id)
                .findFirst();
    }

    private static String compare(LedgerSource.Snapshot snapshot, Genesis genesis, Checkpoint head) throws IOException {
        SnapshotSummary summary;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(snapshot.state()), BUFFER)) {
            summary = SnapshotSummary.read(in);
        }
        if (!Arrays.equals(summary.genesisDigest(), genesis.digest())) {
            throw new BackupDamaged("snapshot", "it belongs to another genesis than the genesis file");
        }
        if (!head.origin().equals(genesis.ledger())
                || summary.edge().size() != head.size()
                || !Arrays.equals(summary.edge().root(), head.root())
                || summary.raftIndex() > snapshot.raftIndex()) {
            throw new BackupDamaged("snapshot", "it holds another journal than the signed head " + head);
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(snapshot.state()), BUFFER)) {
            return Digests.hex(SnapshotSummary.stateDigest(in));
        }
    }

    private List<Manifest.Chunk> journal(Checkpoint head) throws IOException, InterruptedException {
        List<Manifest.Chunk> kept = before(head);
        List<Manifest.Chunk> chunks = copyFrom(kept, head);
        if (!kept.isEmpty() && !givesRoot(chunks, head)) {
            // The backup before is of another history of this ledger: it stays as it is, and this one begins at 0.
            chunks = copyFrom(List.of(), head);
        }
        if (!givesRoot(chunks, head)) {
            throw new BackupDamaged("journal", "the leaves that the node sent do not give the root that it signed");
        }
        return chunks;
    }

    /** Full chunks of the newest backup that are all there; no more than this head has. */
    private List<Manifest.Chunk> before(Checkpoint head) throws IOException {
        if (store.size(Manifest.NAME).isEmpty()) {
            return List.of();
        }
        Manifest before;
        try (InputStream in = store.get(Manifest.NAME)) {
            before = Manifest.decode(Manifest.NAME, in.readAllBytes());
        }
        if (!before.ledger().equals(head.origin())) {
            throw new BackupDamaged(
                    Manifest.NAME,
                    "it is a backup of ledger '" + before.ledger() + "', not of '" + head.origin()
                            + "'; give each ledger a place of its own");
        }
        List<Manifest.Chunk> kept = new ArrayList<>();
        for (Manifest.Chunk chunk : before.journal()) {
            OptionalLong size = chunk.leaves() == Manifest.CHUNK_LEAVES && chunk.from() + chunk.leaves() <= head.size()
                    ? store.size(chunk.name())
                    : OptionalLong.empty();
            if (size.isEmpty() || size.getAsLong() != chunk.bytes()) {
                break;
            }
            kept.add(chunk);
        }
        return kept;
    }

    private List<Manifest.Chunk> copyFrom(List<Manifest.Chunk> kept, Checkpoint head)
            throws IOException, InterruptedException {
        List<Manifest.Chunk> chunks = new ArrayList<>(kept);
        objectsKept = kept.size();
        long from = (long) kept.size() * Manifest.CHUNK_LEAVES;
        while (from < head.size()) {
            int want = (int) Math.min(Manifest.CHUNK_LEAVES, head.size() - from);
            List<byte[]> leaves = new ArrayList<>(want);
            while (leaves.size() < want) {
                List<byte[]> sent = source.leaves(from + leaves.size(), want - leaves.size());
                leaves.addAll(sent.subList(0, Math.min(sent.size(), want - leaves.size())));
            }
            MerkleFrontier tree = new MerkleFrontier();
            leaves.forEach(leaf -> tree.append(MerkleTree.leafHash(leaf)));
            Manifest.Entry entry =
                    put(String.format(Locale.ROOT, "journal/%020d-", from), ".frames", Frames.encode(leaves));
            chunks.add(new Manifest.Chunk(
                    entry.name(), entry.bytes(), entry.sha256(), from, want, Digests.hex(tree.root())));
            from += want;
            progress.at("leaves", from, head.size());
        }
        return chunks;
    }

    /** A tree over full chunks as its leaves is the upper part of the tree over all leaves (RFC 6962, section 2.1). */
    static boolean givesRoot(List<Manifest.Chunk> chunks, Checkpoint head) {
        MerkleFrontier tree = new MerkleFrontier();
        chunks.forEach(chunk -> tree.append(Digests.parse(chunk.root(), "root of " + chunk.name())));
        return Arrays.equals(tree.root(), head.root());
    }

    private Manifest.Entry put(String prefix, String suffix, byte[] bytes) throws IOException {
        String sha256 = Digests.hex(MerkleTree.sha256(bytes));
        Manifest.Entry entry = new Manifest.Entry(prefix + sha256 + suffix, bytes.length, sha256);
        if (!there(entry)) {
            write(entry.name(), bytes);
        }
        return entry;
    }

    private Manifest.Part putFile(String file, Path path) throws IOException {
        String sha256 = Digests.hex(Hashing.sha256(path));
        Manifest.Part part = new Manifest.Part(file, "snapshots/" + sha256, Files.size(path), sha256);
        if (!there(part.entry())) {
            store.put(part.name(), path);
            objectsWritten++;
            bytesWritten += part.bytes();
        }
        return part;
    }

    private boolean there(Manifest.Entry entry) throws IOException {
        OptionalLong size = store.size(entry.name());
        boolean same = size.isPresent() && size.getAsLong() == entry.bytes();
        objectsKept += same ? 1 : 0;
        return same;
    }

    private void write(String name, byte[] bytes) throws IOException {
        store.put(name, bytes);
        objectsWritten++;
        bytesWritten += bytes.length;
    }

    /** Reads an object whole, which must be as its entry says. */
    static byte[] read(ObjectStore store, Manifest.Entry entry) throws IOException {
        if (entry.bytes() < 0 || entry.bytes() > MAX_OBJECT_BYTES) {
            throw new BackupDamaged(
                    entry.name(), "it states " + entry.bytes() + " bytes, the limit is " + MAX_OBJECT_BYTES);
        }
        try (InputStream in = store.get(entry.name())) {
            byte[] bytes = in.readNBytes((int) entry.bytes() + 1);
            Hashing.compare(entry, bytes.length, MerkleTree.sha256(bytes));
            return bytes;
        } catch (NoSuchFileException e) {
            throw new BackupDamaged(entry.name(), "it is missing");
        }
    }
}
