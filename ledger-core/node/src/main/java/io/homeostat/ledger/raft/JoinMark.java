package io.homeostat.ledger.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file that says: this folder was begun empty, and this node's digest has not been the majority's since it became a
 * voter. It outlives a restart in the middle of being filled. All methods may be called by any thread.
 */
public final class JoinMark {
    private JoinMark() {}

    static void set(Path dataDir) {
        try {
            Files.createDirectories(dataDir);
            if (!isSet(dataDir)) {
                Files.createFile(file(dataDir));
                // The log that is begun next must never be found without it.
                try (FileChannel folder = FileChannel.open(dataDir, StandardOpenOption.READ)) {
                    folder.force(true);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the folder of a joining node can not be marked", e);
        }
    }

    public static boolean isSet(Path dataDir) {
        return Files.exists(file(dataDir));
    }

    /** From now on the log says what this node is. */
    public static void clear(Path dataDir) {
        try {
            Files.deleteIfExists(file(dataDir));
        } catch (IOException e) {
            throw new UncheckedIOException("the mark of a joining node can not be taken away", e);
        }
    }

    private static Path file(Path dataDir) {
        return dataDir.resolve("joining");
    }
}
