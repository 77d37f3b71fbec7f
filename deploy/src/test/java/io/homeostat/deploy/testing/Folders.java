package io.homeostat.deploy.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders below {@code target}, so that logs and data of a test that failed can be read. The name has a blank on purpose. */
public final class Folders {
    private Folders() {}

    /** Empties and makes it. */
    public static Path fresh(String name) throws IOException {
        Path folder = Path.of(System.getProperty("homeostat.target", "target"))
                .toAbsolutePath()
                .resolve("it " + name);
        if (Files.exists(folder)) {
            try (Stream<Path> tree = Files.walk(folder)) {
                List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
                for (Path path : deepestFirst) {
                    Files.delete(path);
                }
            }
        }
        return Files.createDirectories(folder);
    }
}
