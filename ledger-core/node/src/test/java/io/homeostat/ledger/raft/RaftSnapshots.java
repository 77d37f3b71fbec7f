package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.LedgerImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.ratis.util.MD5FileUtil;

/** Lays a snapshot where a node's Raft looks for it, without Raft having run. */
public final class RaftSnapshots {
    private RaftSnapshots() {}

    /**
     * @param data a node's folder whose Raft log was begun
     * @return bytes of the snapshot, without the old transfers
     */
    public static long write(Path data, long term, long index, LedgerImage image) throws IOException {
        Path folder;
        try (Stream<Path> found = Files.walk(data.resolve("raft"))) {
            folder = found.filter(path -> path.endsWith("sm")).findFirst().orElseThrow();
        }
        Path file = folder.resolve("snapshot." + term + "_" + index);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            image.write(out);
        }
        if (image.hasOldTransfers()) {
            image.writeOldTransfers(SnapshotStorage.folderOf(file));
        }
        MD5FileUtil.computeAndSaveMd5ForFile(file.toFile());
        return Files.size(file);
    }
}
