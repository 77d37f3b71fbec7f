package io.homeostat.detector.evidence;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What verdicts were made of, in files that carry their own proof:
 *
 * <pre>
 * windows/SHA256.json    sealed windows, named by the digest of their bytes; bounded, the oldest go first
 * catalogs/SHA256.yaml   signal catalogs, named the same way; never deleted
 * models/ID.pb           the pinned models, see {@code ModelRegistry}; never deleted
 * alerts/ID.json         alerts as published, by anomaly id: which window belongs to which
 * </pre>
 *
 * <p>A file is on the disk before its digest is told to anybody. Used by one thread for writing; readers may be other
 * processes, since files appear whole.
 */
public final class EvidenceStore {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceStore.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern ALERT = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    private final Path windows;
    private final Path catalogs;
    private final Path alerts;
    private final EvidenceLimits limits;

    /** @param folder the detector's data folder */
    public EvidenceStore(Path folder, EvidenceLimits limits) {
        this.windows = folder.resolve("windows");
        this.catalogs = folder.resolve("catalogs");
        this.alerts = folder.resolve("alerts");
        this.limits = limits;
    }

    /** Writes the canonical JSON of {@code window} and returns its hex SHA-256. */
    public String seal(Object window) {
        byte[] bytes = EventCodec.canonicalJson(window);
        String digest = EventCodec.sha256Hex(bytes);
        try {
            Path file = windows.resolve(digest + ".json");
            // A file that is there but was damaged is written again.
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
                write(file, bytes);
                shrink(windows, file, limits.maxBytes(), Integer.MAX_VALUE);
            }
            return digest;
        } catch (IOException e) {
            throw new UncheckedIOException("evidence window " + digest + " can not be written to " + windows, e);
        }
    }

    /** Keeps the text of a signal catalog under its digest. */
    public void keepCatalog(String digest, String yaml) {
        try {
            Path file = catalogs.resolve(digest + ".yaml");
            if (!Files.exists(file)) {
                write(file, yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("catalog " + digest + " can not be written to " + catalogs, e);
        }
    }

    /** Keeps an alert, as the CloudEvent that is published, under its anomaly id; one told again replaces it. */
    public void keepAlert(String anomalyId, byte[] cloudEvent) {
        try {
            Path file = alerts.resolve(checked(anomalyId) + ".json");
            write(file, cloudEvent);
            shrink(alerts, file, Long.MAX_VALUE, limits.maxAlerts());
        } catch (IOException e) {
            throw new UncheckedIOException("alert " + anomalyId + " can not be written to " + alerts, e);
        }
    }

    /**
     * The bytes of a sealed window.
     *
     * @throws EvidenceException when it is not there, or is not what was sealed
     */
    public byte[] window(String digest) {
        return addressed(windows, digest, ".json", "sealed window");
    }

    /** The text of a catalog; as {@link #window}. */
    public String catalog(String digest) {
        return new String(
                addressed(catalogs, digest, ".yaml", "signal catalog"), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The alert of an anomaly id; as {@link #window}. */
    public AnomalyRaised alert(String anomalyId) {
        if (!ALERT.matcher(anomalyId).matches()) {
            throw new EvidenceException("an anomaly id must match " + ALERT + " but is '" + anomalyId + "'");
        }
        return alert(alerts.resolve(anomalyId + ".json"));
    }

    /** An alert in a file: the CloudEvent as published, from wherever it was kept. */
    public AnomalyRaised alert(Path file) {
        byte[] bytes = read(file, "alert");
        try {
            IncidentEvent event = EventCodec.fromCloudEvent(bytes);
            if (event instanceof AnomalyRaised raised) {
                return raised;
            }
            throw new EvidenceException("expected an AnomalyRaised in " + file + " but found " + event.kind());
        } catch (IllegalArgumentException e) {
            throw new EvidenceException("the alert in " + file + " can not be read: " + e.getMessage(), e);
        }
    }

    /** Every alert that is kept, by time. Those that can not be read are left out and logged. */
    public List<AnomalyRaised> alerts() {
        if (!Files.isDirectory(alerts)) {
            return List.of();
        }
        List<AnomalyRaised> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(alerts)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                try {
                    all.add(alert(file));
                } catch (EvidenceException e) {
                    LOG.atWarn().addKeyValue("file", file).setCause(e).log("alert left out");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("alerts can not be listed in " + alerts, e);
        }
        all.sort(Comparator.comparing(AnomalyRaised::at).thenComparing(AnomalyRaised::anomalyId));
        return all;
    }

    private byte[] addressed(Path folder, String digest, String ending, String what) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new EvidenceException("the digest of a " + what + " must be 64 hex digits but is '" + digest + "'");
        }
        Path file = folder.resolve(digest + ending);
        byte[] bytes = read(file, what);
        String found = EventCodec.sha256Hex(bytes);
        if (!found.equals(digest)) {
            throw new EvidenceException(
                    "the " + what + " in " + file + " was changed: expected SHA-256 " + digest + " but found " + found);
        }
        return bytes;
    }

    private byte[] read(Path file, String what) {
        try {
            long size = Files.size(file);
            if (size > limits.maxFileBytes()) {
                throw new EvidenceException("the " + what + " in " + file + " must have at most "
                        + limits.maxFileBytes() + " bytes but has " + size);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new EvidenceException("the " + what + " " + file + " is missing", e);
        } catch (IOException e) {
            throw new EvidenceException("the " + what + " " + file + " can not be read: " + e.getMessage(), e);
        }
    }

    private static String checked(String anomalyId) {
        if (!ALERT.matcher(anomalyId).matches()) {
            throw new IllegalArgumentException("an anomaly id must match " + ALERT + " but is '" + anomalyId + "'");
        }
        return anomalyId;
    }

    /** The file appears whole, with its bytes on the disk, and so does its name. */
    private static void write(Path file, byte[] bytes) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path part = folder.resolve(file.getFileName() + ".part");
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void shrink(Path folder, Path newest, long maxBytes, int maxFiles) throws IOException {
        record Stored(Path file, long bytes, FileTime time) {}
        List<Stored> stored = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                stored.add(new Stored(file, Files.size(file), Files.getLastModifiedTime(file)));
            }
        }
        long bytes = stored.stream().mapToLong(Stored::bytes).sum();
        int count = stored.size();
        stored.sort(Comparator.comparing(Stored::time).thenComparing(Stored::file));
        for (Stored old : stored) {
            if (bytes <= maxBytes && count <= maxFiles) {
                return;
            }
            if (!old.file().equals(newest)) {
                Files.deleteIfExists(old.file());
                bytes -= old.bytes();
                count--;
                LOG.atWarn()
                        .addKeyValue("file", old.file())
                        .addKeyValue("limitBytes", maxBytes)
                        .addKeyValue("limitFiles", maxFiles)
                        .log("oldest evidence deleted: the store is full");
            }
        }
    }
}
