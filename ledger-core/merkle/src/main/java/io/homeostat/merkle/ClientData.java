package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The members of WebAuthn's clientDataJSON that matter (W3C Web Authentication Level 3, section 5.8.1), read strictly: one flat
 * JSON object (RFC 8259) in UTF-8 without a byte order mark, nothing behind it, no member twice, values are strings, integers,
 * true, false or null. Members that are not known are allowed, because browsers add some on purpose; nested values are not.
 * Immutable.
 *
 * @param crossOrigin true when the assertion was made in a frame of another origin, or names a topOrigin
 */
record ClientData(String type, String challenge, String origin, boolean crossOrigin) {
    private static final int MAX_MEMBERS = 16;

    /** @throws IllegalArgumentException for anything else than such an object */
    static ClientData parse(byte[] json) {
        if (json.length > WebAuthn.MAX_CLIENT_DATA_BYTES) {
            throw new IllegalArgumentException("clientDataJSON has at most " + WebAuthn.MAX_CLIENT_DATA_BYTES
                    + " bytes but this has " + json.length);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("clientDataJSON is not UTF-8", e);
        }
        Map<String, Object> members = new Scanner(text).object();
        Object crossOrigin = members.getOrDefault("crossOrigin", Boolean.FALSE);
        if (!(crossOrigin instanceof Boolean)) {
            throw new IllegalArgumentException("crossOrigin of clientDataJSON must be true or false");
        }
        return new ClientData(
                string(members, "type"),
                string(members, "challenge"),
                string(members, "origin"),
                crossOrigin.equals(Boolean.TRUE) || members.containsKey("topOrigin"));
    }

    private static String string(Map<String, Object> members, String name) {
        if (members.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(name + " of clientDataJSON must be a string");
    }

    /** One pass over the text; every wrong character is an IllegalArgumentException that names its place. */
    private static final class Scanner {
        /** Stands for null and for numbers, of which none means anything here. */
        private static final Object OTHER = new Object();

        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        Map<String, Object> object() {
            Map<String, Object> members = new HashMap<>();
            space();
            take('{');
            space();
            if (peek() == '}') {
                at++;
            } else {
                do {
                    space();
                    String name = string();
                    space();
                    take(':');
                    space();
                    if (members.put(name, value()) != null) {
                        throw wrong("member '" + name + "' stands twice");
                    }
                    if (members.size() > MAX_MEMBERS) {
                        throw wrong("more than " + MAX_MEMBERS + " members");
                    }
                    space();
                } while (more());
            }
            space();
            if (at != text.length()) {
                throw wrong("expected nothing behind the object");
            }
            return members;
        }

        private boolean more() {
            char c = next();
            if (c != ',' && c != '}') {
                throw wrong("expected ',' or '}'");
            }
            return c == ',';
        }

        private Object value() {
            char c = peek();
            if (c == '"') {
                return string();
            }
            if (word("true")) {
                return Boolean.TRUE;
            }
            if (word("false")) {
                return Boolean.FALSE;
            }
            if (word("null")) {
                return OTHER;
            }
            return integer();
        }

        private Object integer() {
            if (peek() == '-') {
                at++;
            }
            int first = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == first || at - first > 18 || at - first > 1 && text.charAt(first) == '0') {
                throw wrong("expected a string, an integer, true, false or null");
            }
            return OTHER;
        }

        private boolean word(String word) {
            boolean here = text.startsWith(word, at);
            at += here ? word.length() : 0;
            return here;
        }

        private String string() {
            take('"');
            StringBuilder out = new StringBuilder();
            for (char c = next(); c != '"'; c = next()) {
                if (c < ' ') {
                    throw wrong("a control character stands in a string");
                }
                out.append(c == '\\' ? escaped() : c);
            }
            for (int i = 0; i < out.length(); i++) {
                boolean pair = i + 1 < out.length() && Character.isSurrogatePair(out.charAt(i), out.charAt(i + 1));
                if (pair) {
                    i++;
                } else if (Character.isSurrogate(out.charAt(i))) {
                    throw wrong("half of a surrogate pair stands in a string");
                }
            }
            return out.toString();
        }

        private char escaped() {
            char c = next();
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> unicode();
                default -> throw wrong("an unknown escape");
            };
        }

        private char unicode() {
            int value = 0;
            for (int i = 0; i < 4; i++) {
                char c = next();
                int digit = c < 128 ? Character.digit(c, 16) : -1;
                if (digit < 0) {
                    throw wrong("expected four hex digits");
                }
                value = value << 4 | digit;
            }
            return (char) value;
        }

        private void space() {
            while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private void take(char expected) {
            if (next() != expected) {
                throw wrong("expected '" + expected + "'");
            }
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : '\0';
        }

        private char next() {
            if (at >= text.length()) {
                throw wrong("the text ends early");
            }
            return text.charAt(at++);
        }

        private IllegalArgumentException wrong(String detail) {
            return new IllegalArgumentException("clientDataJSON at character " + at + ": " + detail);
        }
    }
}
