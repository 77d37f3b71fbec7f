package io.homeostat.merkle;

import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A tree head: C2SP tlog-checkpoint with one extension line.
 *
 * <pre>
 * origin
 * size in decimal
 * base64 of the root
 * time microseconds since the epoch
 * </pre>
 *
 * Each line ends with one line feed; there is one form only.
 */
public record Checkpoint(String origin, long size, byte[] root, long timeMicros) {
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final Pattern ORIGIN = Pattern.compile("[A-Za-z0-9._/-]{1,128}");
    private static final String TIME = "time ";

    public Checkpoint {
        Objects.requireNonNull(origin, "origin");
        if (!ORIGIN.matcher(origin).matches()) {
            throw new IllegalArgumentException("origin must match " + ORIGIN);
        }
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative but is " + size);
        }
        if (timeMicros < 0) {
            throw new IllegalArgumentException("timeMicros must not be negative but is " + timeMicros);
        }
        root = MerkleFrontier.requireHash(root, "root").clone();
    }

    @Override
    public byte[] root() {
        return root.clone();
    }

    /** The text that is signed. */
    public String text() {
        return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n" + TIME + timeMicros + "\n";
    }

    /** Reads {@link #text()}; anything but its one form is refused. */
    public static Checkpoint parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 5 || !lines[4].isEmpty()) {
            throw new IllegalArgumentException(
                    "a checkpoint has 4 lines, each ended by a line feed, but this has " + (lines.length - 1));
        }
        if (!lines[3].startsWith(TIME)) {
            throw new IllegalArgumentException("line 4 of a checkpoint must be 'time <microseconds>'");
        }
        byte[] root;
        try {
            root = Base64.getDecoder().decode(lines[2]);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line 3 of a checkpoint must be the base64 of the root", e);
        }
        Checkpoint checkpoint =
                new Checkpoint(lines[0], decimal(lines[1], 2), root, decimal(lines[3].substring(TIME.length()), 4));
        if (!checkpoint.text().equals(text)) {
            throw new IllegalArgumentException("the checkpoint is not in its one canonical form");
        }
        return checkpoint;
    }

    private static long decimal(String text, int line) {
        if (!DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException("line " + line + " of a checkpoint must hold a decimal number");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("line " + line + " of a checkpoint must be below 2^63", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint c
                && origin.equals(c.origin)
                && size == c.size
                && timeMicros == c.timeMicros
                && Arrays.equals(root, c.root);
    }

    @Override
    public int hashCode() {
        return Objects.hash(origin, size, timeMicros, Arrays.hashCode(root));
    }

    @Override
    public String toString() {
        return "Checkpoint[" + origin + ", size " + size + ", root " + Digests.hex(root) + ", time " + timeMicros + "]";
    }
}
