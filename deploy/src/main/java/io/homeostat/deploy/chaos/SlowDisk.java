package io.homeostat.deploy.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Lets every sync of a node's files wait: a library of a few lines is compiled with the machine's C compiler and loaded before
 * libc's. A tracer would slow every system call of the JVM; this slows the syncs and nothing else.
 */
final class SlowDisk {
    private static final String SOURCE = "slowdisk.c";

    private final Path library;
    private final Path folder;

    private SlowDisk(Path library, Path folder) {
        this.library = library;
        this.folder = folder;
    }

    static boolean possible() {
        return Toolbox.has("cc");
    }

    /** Empty without a C compiler. */
    static Optional<SlowDisk> make(Path folder) throws IOException {
        if (!possible()) {
            return Optional.empty();
        }
        Files.createDirectories(folder);
        Path source = folder.resolve(SOURCE);
        try (InputStream in = SlowDisk.class.getResourceAsStream(SOURCE)) {
            if (in == null) {
                throw new IllegalStateException("expected " + SOURCE + " in our own jar");
            }
            Files.write(source, in.readAllBytes());
        }
        Path library = folder.resolve("slowdisk.so");
        Toolbox.run(List.of("cc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl"));
        return Optional.of(new SlowDisk(library, folder));
    }

    /** What to put before a node's command line. */
    List<String> enter(int node) {
        set(node, 0);
        return List.of("env", "LD_PRELOAD=" + library, "HOMEOSTAT_SYNC_DELAY=" + file(node));
    }

    /** Every sync of the node takes so much longer from now on. */
    void set(int node, long micros) {
        // In place: the node has mapped these very bytes.
        try (RandomAccessFile file = new RandomAccessFile(file(node).toFile(), "rw")) {
            file.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .putLong(micros)
                    .array());
        } catch (IOException e) {
            throw new UncheckedIOException("setting the delay of node " + node, e);
        }
    }

    private Path file(int node) {
        return folder.resolve(ChaosCluster.id(node) + ".delay");
    }
}
