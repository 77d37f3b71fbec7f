package io.homeostat.detector.evidence;

import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Content-addressed files {@code <sha256>.json} of bounded total size. Used by one thread. */
public final class EvidenceStore {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceStore.class);

    private final Path folder;
    private final EvidenceLimits limits;

    public EvidenceStore(Path folder, EvidenceLimits limits) {
        this.folder = folder;
        this.limits = limits;
    }

    /** Writes the canonical JSON of {@code window} and returns its hex SHA-256. */
    public String seal(Map<String, Object> window) {
        byte[] bytes = EventCodec.canonicalJson(window);
        String digest = EventCodec.sha256Hex(bytes);
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve(digest + ".json");
            if (!Files.exists(file)) {
                Path part = folder.resolve(digest + ".part");
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
                shrink(file);
            }
            return digest;
        } catch (IOException e) {
            throw new UncheckedIOException("evidence window " + digest + " can not be written to " + folder, e);
        }
    }

    private void shrink(Path newest) throws IOException {
        record Stored(Path file, long bytes, FileTime time) {}
        List<Stored> stored = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                stored.add(new Stored(file, Files.size(file), Files.getLastModifiedTime(file)));
            }
        }
        long total = stored.stream().mapToLong(Stored::bytes).sum();
        stored.sort(Comparator.comparing(Stored::time).thenComparing(Stored::file));
        for (Stored old : stored) {
            if (total <= limits.maxBytes()) {
                return;
            }
            if (!old.file().equals(newest)) {
                Files.deleteIfExists(old.file());
                total -= old.bytes();
                LOG.atWarn()
                        .addKeyValue("window", old.file().getFileName())
                        .addKeyValue("limitBytes", limits.maxBytes())
                        .log("oldest evidence window deleted: the store is full");
            }
        }
    }
}
