package io.homeostat.merkle.bundle;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a bundle says of itself. The sizes are checked against the content; {@code created} and {@code subject} are labels
 * that nobody signs.
 *
 * @param subject an incident id or a case id
 */
public record Manifest(Instant created, long journalSize, String ledger, String subject, long trailSize) {
    private static final Pattern SUBJECT = Pattern.compile("[A-Za-z0-9:._/-]{1,128}");
    private static final List<String> KEYS = List.of("created", "journal_size", "ledger", "subject", "trail_size");

    public Manifest {
        if (!SUBJECT.matcher(subject).matches()) {
            throw new IllegalArgumentException("subject must match " + SUBJECT + " but is '" + subject + "'");
        }
        if (journalSize < 1 || trailSize < 0) {
            throw new IllegalArgumentException("journal_size must be at least 1 and trail_size at least 0 but they are "
                    + journalSize + " and " + trailSize);
        }
    }

    String text() {
        return "created=" + created + "\njournal_size=" + journalSize + "\nledger=" + ledger + "\nsubject=" + subject
                + "\ntrail_size=" + trailSize + "\n";
    }

    static Manifest parse(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        List<String> values = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        if (lines.length != KEYS.size() + 1) {
            throw new IllegalArgumentException(
                    "expected the lines " + KEYS + " but found " + (lines.length - 1) + " lines");
        }
        for (int i = 0; i < KEYS.size(); i++) {
            String prefix = KEYS.get(i) + "=";
            if (!lines[i].startsWith(prefix)) {
                throw new IllegalArgumentException("line " + (i + 1) + " must begin with '" + prefix + "'");
            }
            values.add(lines[i].substring(prefix.length()));
        }
        Manifest manifest;
        try {
            manifest = new Manifest(
                    Instant.parse(values.get(0)),
                    Long.parseLong(values.get(1)),
                    values.get(2),
                    values.get(3),
                    Long.parseLong(values.get(4)));
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException("created must be ISO-8601, sizes decimal: " + e.getMessage(), e);
        }
        if (!manifest.text().equals(text)) {
            throw new IllegalArgumentException("the manifest is not in its one canonical form");
        }
        return manifest;
    }
}
