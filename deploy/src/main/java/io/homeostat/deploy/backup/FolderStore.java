package io.homeostat.deploy.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/** Objects as files. Each is written beside its place, synced and then renamed. */
public final class FolderStore implements ObjectStore {
    private final Path folder;

    public FolderStore(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        Path file = file(name);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
        Path writing = writing(name);
        Files.write(writing, bytes);
        finish(writing, file(name));
    }

    @Override
    public void put(String name, Path source) throws IOException {
        Path writing = writing(name);
        Files.copy(source, writing, StandardCopyOption.REPLACE_EXISTING);
        finish(writing, file(name));
    }

    @Override
    public InputStream get(String name) throws IOException {
        Path file = file(name);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(name);
        }
        return Files.newInputStream(file);
    }

    @Override
    public String place() {
        return folder.toString();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private Path writing(String name) throws IOException {
        Path file = file(name);
        Files.createDirectories(file.getParent());
        return file.resolveSibling(file.getFileName() + ".writing");
    }

    private static void finish(Path writing, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(writing, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(writing, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
