package io.homeostat.merkle.witness;

import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TreeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest cosigned head of each log, one file per log, named by the SHA-256 of its origin:
 *
 * <pre>
 * homeostat witness head 1
 * origin
 * size
 * base64 of the root
 * sha256 of the lines above, in hex
 * </pre>
 *
 * One process has the directory at a time. A file that can not be read is an error and not an empty one: a witness that forgot
 * would cosign a fork.
 */
final class HeadStore implements AutoCloseable {
    private static final String FIRST = "homeostat witness head 1\n";
    private static final int MOST_BYTES = 1024;

    private final Path directory;
    private final FileChannel lock;

    HeadStore(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        this.lock = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = lock.tryLock();
        } catch (OverlappingFileLockException e) {
            lock.close();
            throw new IOException(directory + " is already open in this process", e);
        }
        if (held == null) {
            lock.close();
            throw new IOException("another witness has " + directory + " open: one process per directory");
        }
    }

    /** @throws IOException also when the file is not what {@link #write} wrote */
    Optional<TreeHead> read(String origin) throws IOException {
        Path file = file(origin);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > MOST_BYTES) {
            throw damaged(file, "it is larger than any head", null);
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int last = text.lastIndexOf('\n', text.length() - 2) + 1;
        String said = text.substring(0, last);
        if (!text.equals(said + digest(said) + "\n") || !said.startsWith(FIRST)) {
            throw damaged(file, "its digest differs", null);
        }
        TreeHead head;
        try {
            head = TreeHead.ofText(said.substring(FIRST.length()));
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        }
        if (!head.origin().equals(origin)) {
            throw damaged(file, "it is of log '" + head.origin() + "'", null);
        }
        return Optional.of(head);
    }

    /** Durable when it returns: file, then name. */
    void write(TreeHead head) throws IOException {
        String said = FIRST + head.origin() + "\n" + head.size() + "\n"
                + Base64.getEncoder().encodeToString(head.root()) + "\n";
        byte[] bytes = (said + digest(said) + "\n").getBytes(StandardCharsets.UTF_8);
        Path file = file(head.origin());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private Path file(String origin) {
        return directory.resolve(Digests.hex(MerkleTree.sha256(origin.getBytes(StandardCharsets.UTF_8))) + ".head");
    }

    private static String digest(String said) {
        return Digests.hex(MerkleTree.sha256(said.getBytes(StandardCharsets.UTF_8)));
    }

    private static IOException damaged(Path file, String why, @Nullable Throwable cause) {
        return new IOException(
                file + " is damaged: " + why
                        + ". Restore it from a copy; deleting it lets this witness cosign another history",
                cause);
    }
}
