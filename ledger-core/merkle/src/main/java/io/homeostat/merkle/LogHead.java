package io.homeostat.merkle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** The size that was synced last and its root: a file that is replaced as a whole, or absent. */
record LogHead(long size, byte[] root) {
    static final String NAME = "head";
    private static final int BYTES = Long.BYTES + MerkleTree.HASH_BYTES + Integer.BYTES;

    /** Durable when it returns. */
    void write(Path directory) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(BYTES).putLong(size).put(root);
        head.putInt(Frames.crc(head.array(), 0, BYTES - Integer.BYTES));
        Path fresh = directory.resolve(NAME + ".new");
        try (RandomAccessFile file = new RandomAccessFile(fresh.toFile(), "rw")) {
            file.setLength(0);
            file.write(head.array());
            file.getFD().sync();
        }
        Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        GrowingFile.syncDirectory(directory);
    }

    /** Null when there is none, or none that is whole. */
    static @Nullable LogHead read(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        if (!Files.exists(path)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(path);
        if (bytes.length != BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long size = in.getLong();
        byte[] root = new byte[MerkleTree.HASH_BYTES];
        in.get(root);
        if (in.getInt() != Frames.crc(bytes, 0, BYTES - Integer.BYTES) || size < 0) {
            return null;
        }
        return new LogHead(size, root);
    }
}
