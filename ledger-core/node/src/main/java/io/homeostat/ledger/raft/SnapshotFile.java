package io.homeostat.ledger.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A snapshot on disk: one file, and perhaps a folder {@code ids.TERM_INDEX} beside it that belongs to it.
 *
 * @param term of the entry at {@code raftIndex}
 * @param raftIndex newest entry that it holds
 */
public record SnapshotFile(long term, long raftIndex, Path path) {
    /** Name of the state itself among {@link #files}. */
    public static final String STATE = "snapshot";

    /** Folder of {@link #files} that lie in the folder beside it. */
    static final String FOLDER = "ids";

    /** Every file by a name that does not depend on the snapshot, in order. */
    public Map<String, Path> files() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        files.put(STATE, path);
        Path folder = path.resolveSibling(FOLDER + "." + term + "_" + raftIndex);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> inside = Files.list(folder)) {
                inside.forEach(file -> files.put(FOLDER + "/" + file.getFileName(), file));
            }
        }
        return files;
    }
}
