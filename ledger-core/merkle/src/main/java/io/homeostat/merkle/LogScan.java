package io.homeostat.merkle;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What the opening of a log finds in its segments.
 *
 * @param tail the last segment, which takes what is appended
 * @param cutBytes bytes of leaves behind the last whole one
 * @param cutReason place and reason of the cut, empty when there was none
 */
record LogScan(LeafSegment tail, long cutBytes, String cutReason) {
    /**
     * Reads every leaf once.
     *
     * @param head what was synced; null when nothing tells
     * @param segments takes the segments that hold leaves, by their first sequence
     * @throws JournalDamaged when a leaf that had been synced is not whole
     */
    static LogScan of(
            Path directory, MerkleLogLimits limits, @Nullable LogHead head, NavigableMap<Long, LeafSegment> segments)
            throws IOException {
        List<Long> firsts = segmentFirsts(directory);
        if (firsts.isEmpty()) {
            firsts = List.of(0L);
            if (head != null && head.size() > 0) {
                throw new JournalDamaged(
                        new LeafSegment(directory, 0).name(),
                        0,
                        0,
                        "the file is missing but " + head.size() + " leaves were synced");
            }
            Files.createFile(new LeafSegment(directory, 0).path());
        }
        // Without a head nothing tells what was synced: then only a frame cut off at the very end is forgiven.
        long mustBeWhole = head == null ? Long.MAX_VALUE : head.size();
        long sequence = 0;
        LeafSegment last = null;
        for (int i = 0; i < firsts.size(); i++) {
            LeafSegment segment = new LeafSegment(directory, firsts.get(i));
            boolean isLast = i == firsts.size() - 1;
            JournalFault stop = null;
            if (segment.first() != sequence) {
                stop = new JournalDamaged(
                        segment.name(),
                        sequence,
                        0,
                        "the segment begins at " + segment.first() + " but leaf " + sequence + " comes next");
            } else {
                segments.put(segment.first(), segment);
                last = segment;
                stop = read(segment, limits);
                sequence += segment.leaves();
            }
            if (stop != null) {
                boolean tornEnd = isLast && stop instanceof LeafSegment.TornFrame;
                if (sequence < mustBeWhole && !(head == null && tornEnd)) {
                    throw stop instanceof LeafSegment.TornFrame torn ? torn.asDamage() : stop;
                }
                return cutBehind(directory, last, firsts.subList(i, firsts.size()), String.valueOf(stop.getMessage()));
            }
        }
        if (head != null && sequence < head.size()) {
            String name = last == null ? "" : last.name();
            throw new JournalDamaged(
                    name,
                    sequence,
                    last == null ? 0 : last.bytes(),
                    "the log ends here but " + head.size() + " leaves were synced");
        }
        return new LogScan(java.util.Objects.requireNonNull(last), 0, "");
    }

    private static @Nullable JournalFault read(LeafSegment segment, MerkleLogLimits limits) throws IOException {
        try (LeafSegment.Cursor cursor = LeafSegment.Cursor.atStart(segment, limits)) {
            while (!cursor.atEnd()) {
                segment.added(cursor.frame().length - Frames.HEADER_BYTES);
            }
            return null;
        } catch (LeafSegment.TornFrame | JournalDamaged e) {
            return e;
        }
    }

    private static LogScan cutBehind(Path directory, @Nullable LeafSegment last, List<Long> suspects, String reason)
            throws IOException {
        if (last == null) {
            throw new JournalDamaged(new LeafSegment(directory, 0).name(), 0, 0, "the first segment is missing");
        }
        long cut = Math.max(0, last.dataEnd() - last.bytes());
        for (long first : suspects) {
            if (first > last.first()) {
                Path path = new LeafSegment(directory, first).path();
                cut += new LeafSegment(directory, first).dataEnd();
                Files.delete(path);
            }
        }
        return new LogScan(last, cut, reason);
    }

    private static List<Long> segmentFirsts(Path directory) throws IOException {
        List<Long> firsts = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + LeafSegment.SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.matches("[0-9]{20}" + java.util.regex.Pattern.quote(LeafSegment.SUFFIX))) {
                    throw new JournalFault(
                            "expected segment names of 20 digits but found " + name + ": move it away", null);
                }
                firsts.add(Long.parseLong(name.substring(0, 20)));
            }
        }
        firsts.sort(null);
        return firsts;
    }
}
