package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Strict JSON in streams: unknown and repeated fields, numbers that are no whole {@code long}, trailing content and deep
 * nesting are all refused with a {@link Problem} that names the field. Streaming, because parsing is the dearest thing that
 * a node does per transfer besides replication.
 *
 * <p>A reader belongs to one thread; the factory is shared.
 */
public final class Json {
    private static final int MAX_NESTING = 8;
    private static final int MAX_TEXT = 4096;
    private static final int MAX_NUMBER = 32;
    private static final int MAX_NAME = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_TEXT)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(MAX_NAME)
                    .build())
            // Source text in error messages would carry a client's data into logs.
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Json() {}

    /** Writes one value. */
    @FunctionalInterface
    public interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    /** Reads one whole document. */
    @FunctionalInterface
    public interface Reading<T> {
        T read(JsonParser json) throws IOException;
    }

    public static byte[] write(Body body) {
        try (ByteArrayBuilder out = new ByteArrayBuilder(512);
                JsonGenerator json = FACTORY.createGenerator(out)) {
            body.write(json);
            json.flush();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory can not fail", e);
        }
    }

    /** Parses a document that must be one object and nothing after it. */
    public static <T> T read(byte[] body, Reading<T> reading) {
        try (JsonParser json = FACTORY.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw Problem.malformed("expected a JSON object but found "
                        + (json.currentToken() == null ? "nothing" : json.currentToken()));
            }
            T value = reading.read(json);
            if (json.nextToken() != null) {
                throw Problem.malformed("expected nothing after the JSON object but found " + json.currentToken());
            }
            return value;
        } catch (JacksonException e) {
            JsonLocation at = e.getLocation();
            throw Problem.malformed(
                    at == null
                            ? e.getOriginalMessage()
                            : e.getOriginalMessage() + " (line " + at.getLineNr() + ", column " + at.getColumnNr()
                                    + ")");
        } catch (IOException e) {
            throw Problem.malformed(String.valueOf(e.getMessage()));
        }
    }

    /** Walks the fields of the object at whose start the parser stands. */
    static final class Fields {
        private final JsonParser json;
        private final @Nullable String list;
        private final int element;
        private final String[] names;
        private int seen;
        private int current = -1;

        Fields(JsonParser json, String... names) {
            this(json, null, 0, names);
        }

        /** The object is element number {@code element} of the field {@code list}. */
        Fields(JsonParser json, @Nullable String list, int element, String... names) {
            this.json = json;
            this.list = list;
            this.element = element;
            this.names = names;
        }

        /** Index of the next field among the names, -1 at the end of the object. */
        int next() throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT && seen == 0 && current < 0) {
                throw Problem.invalidField(
                        list == null ? "body" : list + "[" + element + "]",
                        "a JSON object",
                        "expected a JSON object but found " + json.currentToken());
            }
            String name = json.nextFieldName();
            if (name == null) {
                return -1;
            }
            for (int i = 0; i < names.length; i++) {
                if (names[i].equals(name)) {
                    if ((seen & (1 << i)) != 0) {
                        throw Problem.invalidField(path(name), "once", "the field '" + path(name) + "' is given twice");
                    }
                    seen |= 1 << i;
                    current = i;
                    json.nextToken();
                    return i;
                }
            }
            throw Problem.invalidField(
                    path(name),
                    names.length == 0 ? "no fields" : String.join(", ", names),
                    "the field '" + path(name) + "' is not known here");
        }

        boolean has(int index) {
            return (seen & (1 << index)) != 0;
        }

        /** Refuses the object when one of these fields was not given. */
        void require(int... indexes) {
            for (int index : indexes) {
                if (!has(index)) {
                    throw Problem.invalidField(
                            path(names[index]), "required", "the field '" + path(names[index]) + "' is missing");
                }
            }
        }

        long whole(long least, long most) throws IOException {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                throw wrong("a whole number from " + least + " to " + most, found());
            }
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw wrong("a whole number from " + least + " to " + most, "a number beyond 64 bits");
            }
            long value = json.getLongValue();
            if (value < least || value > most) {
                throw wrong("a whole number from " + least + " to " + most, Long.toString(value));
            }
            return value;
        }

        boolean truth() throws IOException {
            JsonToken token = json.currentToken();
            if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                throw wrong("true or false", found());
            }
            return token == JsonToken.VALUE_TRUE;
        }

        /** Any text from 1 to {@code most} characters without control characters. */
        String text(int most) throws IOException {
            String text = string("a text of 1 to " + most + " characters");
            if (text.isEmpty() || text.length() > most) {
                throw wrong("a text of 1 to " + most + " characters", "a text of " + text.length());
            }
            for (int i = 0; i < text.length(); i++) {
                if (Character.isISOControl(text.charAt(i))) {
                    throw wrong("a text without control characters", "one at position " + i);
                }
            }
            return text;
        }

        String text(Syntax syntax) throws IOException {
            String text = string(syntax.rule());
            if (!syntax.matches(text)) {
                throw wrong(syntax.rule(), "a text of " + text.length() + " characters that does not match");
            }
            return text;
        }

        byte[] hex() throws IOException {
            return Syntax.hex(text(Syntax.DIGEST));
        }

        byte[] base64(int bytes) throws IOException {
            String rule = "base64 of " + bytes + " bytes";
            String text = string(rule);
            try {
                byte[] value = java.util.Base64.getDecoder().decode(text);
                if (value.length == bytes) {
                    return value;
                }
                throw wrong(rule, value.length + " bytes");
            } catch (IllegalArgumentException e) {
                throw wrong(rule, "text that is not base64");
            }
        }

        byte[] base64(int least, int most) throws IOException {
            String rule = "base64 of " + least + " to " + most + " bytes";
            String text = string(rule);
            try {
                byte[] value = java.util.Base64.getDecoder().decode(text);
                if (value.length >= least && value.length <= most) {
                    return value;
                }
                throw wrong(rule, value.length + " bytes");
            } catch (IllegalArgumentException e) {
                throw wrong(rule, "text that is not base64");
            }
        }

        UUID uuid() throws IOException {
            String text = string(Syntax.UUID.rule());
            UUID id = Syntax.uuid(text);
            if (id == null) {
                throw wrong(Syntax.UUID.rule(), "a text of " + text.length() + " characters that is none");
            }
            return id;
        }

        /** Enters an array; the caller reads elements until {@link JsonToken#END_ARRAY}. */
        void list() throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw wrong("a list", found());
            }
        }

        Problem wrong(String expected, String found) {
            String path = path(current < 0 ? "" : names[current]);
            return Problem.invalidField(path, expected, "'" + path + "' must be " + expected + " but is " + found);
        }

        private String string(String rule) throws IOException {
            if (json.currentToken() != JsonToken.VALUE_STRING) {
                throw wrong(rule, found());
            }
            return json.getText();
        }

        private String found() {
            JsonToken token = json.currentToken();
            return token == null ? "nothing" : token.toString();
        }

        private String path(String name) {
            return list == null ? name : list + "[" + element + "]." + name;
        }
    }
}
