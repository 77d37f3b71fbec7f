package io.homeostat.detector.replay;

import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * A fault that is known to have been real.
 *
 * @param node empty for any
 */
public record Label(String name, String node, Instant start, Instant end) {
    /** A longer file is no list of faults. */
    private static final int MAX_LINES = 100_000;

    /**
     * Reads {@code start,end,node,fault} with instants in ISO-8601 or in milliseconds since 1970; a header is skipped.
     *
     * @throws IllegalArgumentException naming the line
     */
    public static List<Label> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException("labels can not be read from " + file, e);
        }
        if (lines.size() > MAX_LINES) {
            throw new IllegalArgumentException(
                    file + " must have at most " + MAX_LINES + " lines but has " + lines.size());
        }
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] cells = lines.get(i).trim().split(",", -1);
            if (lines.get(i).isBlank() || (i == 0 && cells[0].equals("start"))) {
                continue;
            }
            if (cells.length < 4) {
                throw new IllegalArgumentException(
                        file + " line " + (i + 1) + ": expected start,end,node,fault but found '" + lines.get(i) + "'");
            }
            try {
                labels.add(new Label(cells[3] + " at " + cells[0], cells[2], instant(cells[0]), instant(cells[1])));
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        file + " line " + (i + 1) + ": expected instants like 2026-11-21T10:00:00Z but found '"
                                + lines.get(i) + "'",
                        e);
            }
        }
        return labels;
    }

    boolean covers(AnomalyRaised alert) {
        return (node.isEmpty() || node.equals(alert.node()))
                && !alert.at().isBefore(start)
                && !alert.at().isAfter(end);
    }

    private static Instant instant(String text) {
        return text.matches("\\d{10,14}") ? Instant.ofEpochMilli(Long.parseLong(text)) : Instant.parse(text);
    }
}
