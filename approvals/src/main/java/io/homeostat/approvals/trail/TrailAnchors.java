package io.homeostat.approvals.trail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which heads stand in the ledger: append-only lines {@code size root ledgerIndex}. The ledger is the record; this file
 * only saves reading the whole journal, so a torn last line is dropped and a lost file costs one more anchor.
 *
 * <p>Thread-safe.
 */
final class TrailAnchors {
    private final Path file;
    private final TreeMap<Long, Anchor> bySize = new TreeMap<>();

    record Anchor(long size, String rootHex, long ledgerIndex) {}

    TrailAnchors(Path file) {
        this.file = file;
        try {
            if (Files.exists(file)) {
                recover();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected to read the anchors in " + file, e);
        }
    }

    synchronized void add(Anchor anchor) {
        String line = anchor.size() + " " + anchor.rootHex() + " " + anchor.ledgerIndex() + "\n";
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to note the anchor of size " + anchor.size() + " in " + file, e);
        }
        bySize.putIfAbsent(anchor.size(), anchor);
    }

    /** The first anchor that covers the leaf at {@code sequence}. */
    synchronized Optional<Anchor> covering(long sequence) {
        return Optional.ofNullable(bySize.higherEntry(sequence)).map(Map.Entry::getValue);
    }

    synchronized Optional<Anchor> newest() {
        return bySize.isEmpty()
                ? Optional.empty()
                : Optional.of(bySize.lastEntry().getValue());
    }

    private void recover() throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int end = text.lastIndexOf('\n') + 1;
        for (String line : List.of(text.substring(0, end).split("\n"))) {
            String[] parts = line.split(" ", -1);
            if (parts.length == 3 && parts[0].matches("[0-9]{1,18}") && parts[2].matches("-?[0-9]{1,18}")) {
                bySize.putIfAbsent(
                        Long.parseLong(parts[0]),
                        new Anchor(Long.parseLong(parts[0]), parts[1], Long.parseLong(parts[2])));
            }
        }
        if (end < text.length()) {
            try (FileChannel cut = FileChannel.open(file, StandardOpenOption.WRITE)) {
                cut.truncate(text.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
            }
        }
    }
}
