package io.homeostat.approvals.trail;

import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Free texts by their SHA-256, one file each, outside the Merkle log: erasing a file takes the text away and leaves every
 * proof intact. Layout: {@code ab/ab34...}.
 *
 * <p>Thread-safe: a file is written beside its place, forced, and moved there; its content follows from its name.
 */
public final class TextStore {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Path folder;
    private final int maxTextBytes;

    public TextStore(Path folder, TrailLimits limits) {
        this.folder = folder;
        this.maxTextBytes = limits.maxTextBytes();
    }

    /** Keeps the text durably and returns its lower-case hex SHA-256. */
    public String keep(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > maxTextBytes) {
            throw new IllegalArgumentException(
                    "a text must have at most " + maxTextBytes + " bytes but has " + utf8.length);
        }
        String digest = EventCodec.sha256Hex(utf8);
        Path place = place(digest);
        if (Files.exists(place)) {
            return digest;
        }
        try {
            Files.createDirectories(place.getParent());
            Path fresh = Files.createTempFile(place.getParent(), "new", "");
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(utf8);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to keep text " + digest + " below " + folder, e);
        }
        return digest;
    }

    /** Empty when the text was erased or never came here, and when the file no longer has the content of its name. */
    public Optional<String> find(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            return Optional.empty();
        }
        try {
            byte[] utf8 = Files.readAllBytes(place(digest));
            return EventCodec.sha256Hex(utf8).equals(digest)
                    ? Optional.of(new String(utf8, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Path place(String digest) {
        return folder.resolve(digest.substring(0, 2)).resolve(digest);
    }
}
