package io.homeostat.ledger.raft;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.MD5FileUtil;

/**
 * The Raft folder of a node that goes on from a snapshot and an empty log: what is left of a ledger when all of its logs
 * are lost. Every node of the ledger must begin from the same snapshot, because no log is there to make them equal.
 */
public final class RestoredRaft {
    private RestoredRaft() {}

    /**
     * Writes the folder; the node that starts on it is a member of a group of all configured peers, in the snapshot's term.
     *
     * @param dataDir of the node, without a Raft folder
     * @param files of the snapshot by the names of {@link SnapshotFile#files()}; they are moved there
     */
    public static void write(Path dataDir, String ledgerName, long term, long raftIndex, Map<String, Path> files)
            throws IOException {
        Path group = RaftReplica.groupDir(dataDir, ledgerName);
        if (Files.exists(group)) {
            throw new IOException("expected no Raft folder in " + dataDir + " but there is one");
        }
        Files.createDirectories(group.getParent());
        try (RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(group.toFile())
                .setOption(RaftStorage.StartupOption.FORMAT)
                .setStorageFreeSpaceMin(RaftServerConfigKeys.STORAGE_FREE_SPACE_MIN_DEFAULT)
                .build()) {
            storage.initialize();
            storage.getMetadataFile()
                    .persist(RaftStorageMetadata.valueOf(
                            term, RaftStorageMetadata.getDefault().getVotedFor()));
            File folder = storage.getStorageDir().getStateMachineDir();
            Files.createDirectories(folder.toPath());
            Path file = folder.toPath().resolve(SimpleStateMachineStorage.getSnapshotFileName(term, raftIndex));
            for (Map.Entry<String, Path> each : files.entrySet()) {
                String[] name = each.getKey().split("/", 2);
                Path place = name.length == 1
                        ? file
                        : folder.toPath()
                                .resolve(SnapshotFile.FOLDER + "." + term + "_" + raftIndex)
                                .resolve(name[1]);
                Files.createDirectories(place.getParent());
                Files.move(each.getValue(), place);
            }
            MD5Hash md5 = MD5FileUtil.computeMd5ForFile(file.toFile());
            MD5FileUtil.saveMD5File(file.toFile(), md5);
        }
    }
}
