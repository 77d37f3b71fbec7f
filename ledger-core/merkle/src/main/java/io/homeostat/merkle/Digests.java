package io.homeostat.merkle;

import java.util.HexFormat;
import java.util.regex.Pattern;

/** SHA-256 digests as lower-case hex, one form only. */
public final class Digests {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private Digests() {}

    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    /** @param field named in the error */
    public static byte[] parse(String hex, String field) {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException(field + " must be 64 lower-case hex digits");
        }
        return HexFormat.of().parseHex(hex);
    }
}
