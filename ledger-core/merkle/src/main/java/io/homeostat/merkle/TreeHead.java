package io.homeostat.merkle;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What any C2SP tlog-checkpoint says, whoever wrote it: origin, size and root. Extension lines are allowed and not kept;
 * {@link Checkpoint} is the stricter form that this ledger signs.
 */
public record TreeHead(String origin, long size, byte[] root) {
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final int MOST_ORIGIN = 255;

    public TreeHead {
        if (origin.isEmpty() || origin.length() > MOST_ORIGIN || origin.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("origin must be one line of 1.." + MOST_ORIGIN + " characters");
        }
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative but is " + size);
        }
        root = MerkleFrontier.requireHash(root, "root").clone();
    }

    @Override
    public byte[] root() {
        return root.clone();
    }

    /** @throws IllegalArgumentException naming the line that is wrong */
    public static TreeHead ofText(String text) {
        List<String> lines = List.of(text.split("\n", -1));
        if (lines.size() < 4 || !lines.get(lines.size() - 1).isEmpty()) {
            throw new IllegalArgumentException("a checkpoint has at least 3 lines, each ended by a line feed");
        }
        if (lines.subList(0, lines.size() - 1).stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a checkpoint has no empty line");
        }
        return new TreeHead(lines.get(0), decimal(lines.get(1), "line 2 of a checkpoint"), hash(lines.get(2)));
    }

    private static byte[] hash(String base64) {
        try {
            byte[] hash = hashOf(base64);
            if (hash.length == MerkleTree.HASH_BYTES) {
                return hash;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line 3 of a checkpoint must be the base64 of the root", e);
        }
        throw new IllegalArgumentException("line 3 of a checkpoint must be the base64 of 32 bytes");
    }

    /** One hash in its one base64 form. */
    public static byte[] hashOf(String base64) {
        byte[] hash = Base64.getDecoder().decode(base64);
        if (!Base64.getEncoder().encodeToString(hash).equals(base64)) {
            throw new IllegalArgumentException("the base64 is not in its one canonical form");
        }
        return hash;
    }

    /** A size without leading zeroes, below 2^63. */
    public static long decimal(String text, String where) {
        if (!DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException(where + " must be a decimal number without leading zeroes");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(where + " must be below 2^63", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TreeHead h && origin.equals(h.origin) && size == h.size && Arrays.equals(root, h.root);
    }

    @Override
    public int hashCode() {
        return Objects.hash(origin, size, Arrays.hashCode(root));
    }

    @Override
    public String toString() {
        return "TreeHead[" + origin + ", size " + size + ", root " + Digests.hex(root) + "]";
    }
}
