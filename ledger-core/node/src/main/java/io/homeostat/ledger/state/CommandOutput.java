package io.homeostat.ledger.state;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Growing bytes of an entry; refuses what {@link CommandInput} would refuse. Not thread-safe. */
final class CommandOutput {
    /** Bytes of the reason of an isolation: a sentence for the journal. */
    static final int MAX_UTF8_BYTES = 512;

    private byte[] bytes;
    private int size;

    CommandOutput(int capacity) {
        bytes = new byte[capacity];
    }

    void u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    void i32(int value) {
        room(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    void i64(long value) {
        i32((int) (value >>> 32));
        i32((int) value);
    }

    void uuid(UUID id) {
        i64(id.getMostSignificantBits());
        i64(id.getLeastSignificantBits());
    }

    void bytes(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    void fixed(String field, byte[] value, int length) {
        if (value.length != length) {
            throw new IllegalArgumentException(field + " must have " + length + " bytes but has " + value.length);
        }
        bytes(value);
    }

    /** Bytes behind their number in 16 bits. */
    void within(String field, byte[] value, int least, int most) {
        if (value.length < least || value.length > most) {
            throw new IllegalArgumentException(
                    field + " must have " + least + ".." + most + " bytes but has " + value.length);
        }
        u8(value.length >>> 8);
        u8(value.length);
        bytes(value);
    }

    void text(String field, String value, CommandCodec.Text rule) {
        rule.requireForm(field, value);
        int length = value.length();
        u8(length);
        room(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (!rule.allows(c)) {
                throw rule.refuse(field, i);
            }
            bytes[size++] = (byte) c;
        }
    }

    void utf8(String field, String value) {
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(field + " must be text that UTF-8 can write", e);
        }
        if (encoded.remaining() > MAX_UTF8_BYTES) {
            throw new IllegalArgumentException(
                    field + " has at most " + MAX_UTF8_BYTES + " bytes of UTF-8 but has " + encoded.remaining());
        }
        u8(encoded.remaining() >>> 8);
        u8(encoded.remaining());
        room(encoded.remaining());
        int length = encoded.remaining();
        encoded.get(bytes, size, length);
        size += length;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
