package io.homeostat.ledger.http;

import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The lexical rules of {@code docs/encoding.md}, so that nothing else ever reaches a Raft entry. */
enum Syntax {
    ACCOUNT("[A-Za-z0-9:._-]{1,64}"),
    ASSET("[A-Z][A-Z0-9]{2,11}"),
    NAME("[a-z0-9._-]{1,64}"),
    CASE_ID("[A-Za-z0-9:._-]{1,128}"),
    RECOVERY_CASE_ID("recovery:[A-Za-z0-9:._-]{1,100}"),
    CHANGE_CASE_ID("(policy|keys):[A-Za-z0-9:._-]{1,100}"),
    INCIDENT_ID("[A-Za-z0-9:._-]{1,128}"),
    ORIGIN("[A-Za-z0-9:._/-]{1,128}"),
    PRINCIPAL("[A-Za-z0-9:._@-]{1,64}"),
    DIGEST("[0-9a-f]{64}"),
    UUID("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private static final int UUID_LENGTH = 36;
    private static final int MAX_ACCOUNT = 64;
    private static final int MAX_ASSET = 12;
    private final Pattern pattern;

    Syntax(String pattern) {
        this.pattern = Pattern.compile(pattern);
    }

    boolean matches(String text) {
        // Accounts and the asset are checked for every transfer: a loop is several times cheaper than the pattern.
        return switch (this) {
            case ACCOUNT -> isAccount(text);
            case ASSET -> isAsset(text);
            default -> pattern.matcher(text).matches();
        };
    }

    String rule() {
        return "text like " + pattern;
    }

    static byte[] hex(String digest) {
        return HexFormat.of().parseHex(digest);
    }

    /** {@code null} unless the text has the one full form: {@link java.util.UUID#fromString} also takes short groups. */
    static java.util.@Nullable UUID uuid(String text) {
        if (text.length() != UUID_LENGTH) {
            return null;
        }
        long high = 0;
        long low = 0;
        int digits = 0;
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = text.charAt(i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return null;
                }
                continue;
            }
            if (c >= 128 || !HexFormat.isHexDigit(c)) {
                return null;
            }
            int digit = HexFormat.fromHexDigit(c);
            if (digits++ < 16) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
        }
        return new java.util.UUID(high, low);
    }

    private static boolean isAsset(String text) {
        int length = text.length();
        if (length < 3 || length > MAX_ASSET || text.charAt(0) <= '9') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (!(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAccount(String text) {
        int length = text.length();
        if (length == 0 || length > MAX_ACCOUNT) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean allowed = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == ':'
                    || c == '.'
                    || c == '_'
                    || c == '-';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }
}
