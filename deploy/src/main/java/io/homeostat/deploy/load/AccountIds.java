package io.homeostat.deploy.load;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Turns any text into an account id of the ledger ({@code [A-Za-z0-9:._-]{1,64}}) and back.
 *
 * <p>Letters, digits, colon, dot and hyphen stay; every other byte of the UTF-8 text, the underscore too, becomes
 * {@code _} and two hex digits. So two texts never share an id.
 */
public final class AccountIds {
    /** The ledger's limit for an account id, in characters. */
    static final int MAX_LENGTH = 64;

    private AccountIds() {}

    public static String toId(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("account is empty");
        }
        StringBuilder id = new StringBuilder(text.length() + 8);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ":.-".indexOf(c) >= 0) {
                id.append(c);
            } else {
                id.append('_').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        if (id.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "account '" + text + "' needs " + id.length() + " characters as an id, at most " + MAX_LENGTH);
        }
        return id.toString();
    }

    public static String toText(String id) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(id.length());
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c != '_') {
                text.write(c);
            } else if (i + 2 < id.length()) {
                text.write(Integer.parseInt(id, i + 1, i + 3, 16));
                i += 2;
            } else {
                throw new IllegalArgumentException("account id '" + id + "' ends inside an escape");
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Whether the account stands for the world outside the bank: cash, the bank itself, accounts at other banks. */
    public static boolean external(String id) {
        return id.equals("CASH") || id.equals("unknown") || id.indexOf(':') >= 0;
    }
}
