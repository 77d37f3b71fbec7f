package io.homeostat.merkle;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Place of a tile or an entry bundle, as C2SP tlog-tiles writes it: {@code <L>/<N>[.p/<W>]} or {@code entries/<N>[.p/<W>]}.
 *
 * @param level of the hashes, 0 those of leaves; empty for an entry bundle
 * @param index of the tile within its level
 * @param width hashes or entries in it: {@value #FULL} when it is full, fewer when it is partial
 */
public record TilePath(OptionalInt level, long index, int width) {
    /** Hashes of a full tile, entries of a full bundle. */
    public static final int FULL = 256;

    /** Levels of the tree between two levels of tiles. */
    static final int LEVEL_BITS = 8;

    private static final int MOST_LEVEL = 63;
    private static final long MOST_INDEX = 999_999_999_999_999_999L;
    private static final Pattern PATH =
            Pattern.compile("(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public TilePath {
        if (level.isPresent() && (level.getAsInt() < 0 || level.getAsInt() > MOST_LEVEL)) {
            throw new IllegalArgumentException("level must be in 0.." + MOST_LEVEL + " but is " + level.getAsInt());
        }
        if (index < 0 || index > MOST_INDEX) {
            throw new IllegalArgumentException("index must be in 0.." + MOST_INDEX + " but is " + index);
        }
        if (width < 1 || width > FULL) {
            throw new IllegalArgumentException("width must be in 1.." + FULL + " but is " + width);
        }
    }

    public static TilePath ofHashes(int level, long index, int width) {
        return new TilePath(OptionalInt.of(level), index, width);
    }

    public static TilePath ofEntries(long index, int width) {
        return new TilePath(OptionalInt.empty(), index, width);
    }

    /**
     * Reads what follows {@code tile/}. There is one spelling of a place only.
     *
     * @throws IllegalArgumentException saying what a path looks like
     */
    public static TilePath parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a tile's path is <level>/<index>[.p/<width>] or entries/<index>[.p/<width>], the index in groups of"
                            + " three digits such as x001/x234/067");
        }
        OptionalInt level = matcher.group(1).equals("entries")
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(matcher.group(1)));
        long index = Long.parseLong(matcher.group(2).replace("x", "").replace("/", ""));
        int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
        if (matcher.group(3) != null && width >= FULL) {
            throw new IllegalArgumentException("the width of a partial tile is 1.." + (FULL - 1) + " but is " + width);
        }
        TilePath parsed = new TilePath(level, index, width);
        if (!parsed.text().equals(path)) {
            throw new IllegalArgumentException("the path of this tile is " + parsed.text());
        }
        return parsed;
    }

    /** What follows {@code tile/}. */
    public String text() {
        StringBuilder digits = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            digits.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
        }
        return (level.isPresent() ? Integer.toString(level.getAsInt()) : "entries")
                + "/"
                + digits
                + (width == FULL ? "" : ".p/" + width);
    }

    /** Leaves that a tree must have before this tile exists; {@link Long#MAX_VALUE} when no tree ever has so many. */
    public long leavesNeeded() {
        long hashes = index * FULL + width;
        int shift = LEVEL_BITS * level.orElse(0);
        return shift > Long.numberOfLeadingZeros(hashes) - 1 ? Long.MAX_VALUE : hashes << shift;
    }
}
