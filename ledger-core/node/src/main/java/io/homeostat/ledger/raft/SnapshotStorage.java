package io.homeostat.ledger.raft;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * Ratis' storage of one file per snapshot, with a folder beside it that belongs to it:
 *
 * <pre>
 * snapshot.TERM_INDEX       the state ({@link io.homeostat.ledger.state.LedgerImage})
 * snapshot.TERM_INDEX.md5
 * ids.TERM_INDEX/           old transfers, when there are any; its large files are links, shared with other folders
 * </pre>
 *
 * A snapshot is sent to another node with all the files of its folder; Ratis takes and checks a digest of each on the way.
 */
final class SnapshotStorage extends SimpleStateMachineStorage {
    private static final String SNAPSHOT = "snapshot.";
    private static final String FOLDER = "ids.";
    private static final String WRITING = "writing.";

    /** Where the old transfers of a snapshot are, whether or not there are any. */
    static Path folderOf(Path snapshot) {
        String name = snapshot.getFileName().toString();
        return snapshot.resolveSibling(FOLDER + name.substring(SNAPSHOT.length()));
    }

    static @Nullable Path existingFolderOf(Path snapshot) {
        Path folder = folderOf(snapshot);
        return Files.isDirectory(folder) ? folder : null;
    }

    /** Where they are until all of them are there. */
    static Path writingFolderOf(Path snapshot) throws IOException {
        Path folder = snapshot.resolveSibling(WRITING + folderOf(snapshot).getFileName());
        delete(folder);
        return folder;
    }

    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        SingleFileSnapshotInfo newest = super.getLatestSnapshot();
        return newest == null ? null : new WithFolder(newest);
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        super.cleanupOldSnapshots(policy);
        File[] folders = getSnapshotFile(0, 0)
                .getParentFile()
                .listFiles(file -> file.isDirectory()
                        && (file.getName().startsWith(FOLDER) || file.getName().startsWith(WRITING)));
        for (File folder : folders == null ? new File[0] : folders) {
            String name = folder.getName();
            if (name.startsWith(WRITING)
                    || !Files.exists(folder.toPath().resolveSibling(SNAPSHOT + name.substring(FOLDER.length())))) {
                delete(folder.toPath());
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** All files, as Ratis asks for them when it sends a snapshot. */
    private static final class WithFolder extends SingleFileSnapshotInfo {
        WithFolder(SingleFileSnapshotInfo snapshot) {
            super(snapshot.getFile(), snapshot.getTermIndex());
        }

        @Override
        public List<FileInfo> getFiles() {
            List<FileInfo> all = new ArrayList<>(super.getFiles());
            // Not by getFile, which asks here.
            Path folder = existingFolderOf(all.get(0).getPath());
            if (folder == null) {
                return all;
            }
            try (Stream<Path> files = Files.list(folder)) {
                // Without a digest: one is taken as the file is sent. An empty file has no chunk that could be sent.
                files.filter(file -> !file.toString().endsWith(MD5FileUtil.MD5_SUFFIX))
                        .filter(file -> file.toFile().length() > 0)
                        .sorted()
                        .forEach(file -> all.add(new FileInfo(file, null)));
            } catch (IOException e) {
                throw new UncheckedIOException("listing the old transfers of snapshot " + getTermIndex(), e);
            }
            return all;
        }
    }
}
