package io.homeostat.merkle.bundle;

import java.util.Locale;

/** Writes one JSON document; the auditor's jar has no library for it. Not thread-safe. */
final class Json {
    private final StringBuilder out = new StringBuilder();
    private boolean first = true;

    Json beginObject() {
        return open('{');
    }

    Json endObject() {
        return close('}');
    }

    Json beginArray() {
        return open('[');
    }

    Json endArray() {
        return close(']');
    }

    Json field(String name) {
        separate();
        quote(name);
        out.append(':');
        first = true;
        return this;
    }

    Json text(String value) {
        separate();
        quote(value);
        return this;
    }

    Json number(long value) {
        return literal(Long.toString(value));
    }

    /** A number, true or false as they stand. */
    Json literal(String value) {
        separate();
        out.append(value);
        return this;
    }

    private Json open(char bracket) {
        separate();
        out.append(bracket);
        first = true;
        return this;
    }

    private Json close(char bracket) {
        out.append(bracket);
        first = false;
        return this;
    }

    private void separate() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void quote(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
