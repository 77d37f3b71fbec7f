package io.homeostat.ledger.raft;

import io.homeostat.ledger.StorageDamaged;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The file in which Ratis keeps the newest term that a node knows, and whom it voted for. Ratis 3.3.0 writes it anew beside
 * the old one and renames it into its place also when the writing failed, so that a disk that fills up at that moment leaves
 * an empty file. A node that has forgotten its vote could give a second one: it must not start.
 */
final class RaftMetadata {
    private static final String TERM = "term";

    private RaftMetadata() {}

    /** @throws StorageDamaged when the file is there and does not hold a term */
    static void requireSound(Path file, String nodeId) {
        if (!Files.exists(file)) {
            return;
        }
        Properties found = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            found.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException("reading " + file, e));
        }
        String term = found.getProperty(TERM, "").strip();
        try {
            if (Long.parseLong(term) >= 0) {
                return;
            }
        } catch (NumberFormatException e) {
            // Told below, with what stands there.
        }
        throw new StorageDamaged(
                "node " + nodeId + ": expected the node's term and vote in " + file + " but found '" + term
                        + "' as term; the vote is lost and the node must not start: rebuild it (homeostat node --rebuild)");
    }
}
