package io.homeostat.agent.action;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Moves a node's data aside for later inspection, as {@code <dir>.quarantine-<millis>} beside it; only the newest is kept.
 * The move is one rename: data is never half moved.
 */
final class Quarantine {
    private final Path dataDir;
    private final Path parent;
    private final String prefix;

    Quarantine(Path dataDir) {
        this.dataDir = dataDir;
        this.parent = Objects.requireNonNull(dataDir.getParent(), "nodeDataDir must have a parent folder");
        this.prefix = dataDir.getFileName() + ".quarantine-";
    }

    /** @return where the data lies now, empty when there was none */
    Optional<Path> moveAside(long millis) throws IOException {
        if (!Files.exists(dataDir)) {
            return Optional.empty();
        }
        Path target = parent.resolve(prefix + millis);
        Files.move(dataDir, target, StandardCopyOption.ATOMIC_MOVE);
        return Optional.of(target);
    }

    boolean dataIsInPlace() {
        return Files.exists(dataDir);
    }

    /** Deletes all but the newest; symbolic links are removed and never followed. */
    void keepNewest() throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, this::isQuarantine)) {
            entries.forEach(all::add);
        }
        all.sort(Comparator.comparingLong(this::millisOf));
        for (int i = 0; i < all.size() - 1; i++) {
            delete(all.get(i));
        }
    }

    private boolean isQuarantine(Path path) {
        String name = path.getFileName().toString();
        return name.startsWith(prefix) && name.substring(prefix.length()).matches("\\d{1,18}");
    }

    private long millisOf(Path path) {
        return Long.parseLong(path.getFileName().toString().substring(prefix.length()));
    }

    private static void delete(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
