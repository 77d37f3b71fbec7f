package io.homeostat.approvals.topic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The next offset of each partition, in a small text file that is replaced as a whole: first line the topic's id (a topic
 * that was made anew is read from its beginning), then {@code partition offset} lines. An unreadable file means: read from
 * the beginning; the trail drops what it has seen.
 */
final class TopicPosition {
    private final Path file;

    TopicPosition(Path file) {
        this.file = file;
    }

    record Stored(String topicId, Map<Integer, Long> offsets) {}

    Optional<Stored> read() {
        try {
            var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            Map<Integer, Long> offsets = new TreeMap<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] parts = line.split(" ", -1);
                offsets.put(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
            }
            return Optional.of(new Stored(lines.get(0), offsets));
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    void write(String topicId, Map<Integer, Long> offsets) {
        StringBuilder text = new StringBuilder(topicId).append('\n');
        new TreeMap<>(offsets)
                .forEach((partition, offset) ->
                        text.append(partition).append(' ').append(offset).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to store the topic position in " + file, e);
        }
    }
}
