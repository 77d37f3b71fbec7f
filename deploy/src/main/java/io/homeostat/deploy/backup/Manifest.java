package io.homeostat.deploy.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.homeostat.ledger.raft.SnapshotFile;
import java.io.IOException;
import java.util.List;

/**
 * What a backup consists of; the last object to be written. {@code manifest.json} is the newest, and
 * {@code manifests/<raft index>.json} keeps each.
 *
 * @param version of this form
 * @param ledger name, as in the genesis
 * @param node that signed the head
 * @param raftTerm of the snapshot
 * @param raftIndex newest entry that it holds
 * @param stateDigest of the ledger at that index, lower-case hex
 * @param leaves of the journal, the size of the signed head
 * @param checkpoint the signed note
 * @param genesis the genesis file
 * @param snapshot its files: the state first, and what belongs to it
 * @param journal in order, without a gap; all but the last hold {@link #CHUNK_LEAVES} leaves
 */
public record Manifest(
        int version,
        String ledger,
        String node,
        String takenAt,
        long raftTerm,
        long raftIndex,
        String stateDigest,
        long leaves,
        String checkpoint,
        Entry genesis,
        List<Part> snapshot,
        List<Chunk> journal) {
    static final int VERSION = 1;
    static final String NAME = "manifest.json";
    /** A power of two, so that a full chunk is a perfect subtree: a backup that goes on need not read it again. */
    static final int CHUNK_LEAVES = 4096;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

    public Manifest {
        snapshot = List.copyOf(snapshot);
        journal = List.copyOf(journal);
    }

    /**
     * An object.
     *
     * @param sha256 lower-case hex
     */
    public record Entry(String name, long bytes, String sha256) {}

    /**
     * A file of the snapshot as an object.
     *
     * @param file its name there
     */
    public record Part(String file, String name, long bytes, String sha256) {
        Entry entry() {
            return new Entry(name, bytes, sha256);
        }
    }

    /**
     * Leaves of the journal as one object, in frames as {@code GET /v1/journal} sends them.
     *
     * @param from sequence of the first
     * @param root of the tree over these leaves alone (RFC 6962), lower-case hex
     */
    public record Chunk(String name, long bytes, String sha256, long from, int leaves, String root) {
        Entry entry() {
            return new Entry(name, bytes, sha256);
        }
    }

    static String name(long raftIndex) {
        return String.format(java.util.Locale.ROOT, "manifests/%020d.json", raftIndex);
    }

    byte[] encode() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest always encodes", e);
        }
    }

    /** @throws BackupDamaged when it is not a manifest of this version, or contradicts itself */
    static Manifest decode(String name, byte[] bytes) {
        Manifest manifest;
        try {
            manifest = JSON.readValue(bytes, Manifest.class);
        } catch (IOException e) {
            throw new BackupDamaged(
                    name,
                    "it is not a manifest: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        if (manifest.version != VERSION) {
            throw new BackupDamaged(name, "expected version " + VERSION + " but found " + manifest.version);
        }
        long next = 0;
        for (Chunk chunk : manifest.journal) {
            boolean last = chunk.from + chunk.leaves == manifest.leaves;
            if (chunk.from != next
                    || chunk.leaves < 1
                    || chunk.leaves > CHUNK_LEAVES
                    || !last && chunk.leaves != CHUNK_LEAVES) {
                throw new BackupDamaged(
                        name, "the journal has a gap or an overlap at leaf " + next + ": " + chunk.name);
            }
            next += chunk.leaves;
        }
        if (manifest.snapshot.stream().noneMatch(part -> part.file.equals(SnapshotFile.STATE))
                || manifest.snapshot.stream()
                        .anyMatch(part -> !LedgerSource.NAME.matcher(part.file).matches())) {
            throw new BackupDamaged(name, "its snapshot has no state, or files of names that no node makes");
        }
        if (next != manifest.leaves) {
            throw new BackupDamaged(name, "it names " + next + " leaves but states " + manifest.leaves);
        }
        return manifest;
    }
}
