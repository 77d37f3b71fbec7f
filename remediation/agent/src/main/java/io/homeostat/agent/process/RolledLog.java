package io.homeostat.agent.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log file that is renamed to {@code .1}, {@code .2} .. when it reaches its size; the oldest is deleted.
 *
 * <p>Writing never fails the caller: on a full disk bytes are dropped and counted, because the node must not block on its
 * own output. Confined to one thread at a time.
 */
final class RolledLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RolledLog.class);

    private final Path file;
    private final long maxBytes;
    private final int keptFiles;
    private @Nullable OutputStream out;
    private long bytes;
    private long droppedBytes;

    RolledLog(Path file, long maxBytes, int keptFiles) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.keptFiles = keptFiles;
    }

    void write(byte[] chunk, int length) {
        try {
            if (bytes + length > maxBytes) {
                roll();
            }
            opened().write(chunk, 0, length);
            bytes += length;
            if (droppedBytes > 0) {
                LOG.atWarn().addKeyValue("droppedBytes", droppedBytes).log("the node's log is written again");
                droppedBytes = 0;
            }
        } catch (IOException e) {
            if (droppedBytes == 0) {
                LOG.atWarn()
                        .addKeyValue("file", file)
                        .addKeyValue("errorType", e.getClass().getSimpleName())
                        .log("the node's log can not be written; its output is dropped until it can");
            }
            droppedBytes += length;
        }
    }

    @Override
    public void close() {
        OutputStream open = out;
        out = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.atWarn().addKeyValue("file", file).log("the node's log could not be closed");
            }
        }
    }

    private OutputStream opened() throws IOException {
        OutputStream open = out;
        if (open == null) {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            open = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            out = open;
            bytes = Files.size(file);
        }
        return open;
    }

    private void roll() throws IOException {
        close();
        for (int i = keptFiles; i >= 1; i--) {
            Path from = i == 1 ? file : rolled(i - 1);
            if (Files.exists(from)) {
                Files.move(from, rolled(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        bytes = 0;
    }

    private Path rolled(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }
}
