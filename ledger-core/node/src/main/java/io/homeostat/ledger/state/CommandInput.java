package io.homeostat.ledger.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Reads the bytes of an entry; every wrong byte is an IllegalArgumentException that names field and place. Not thread-safe. */
final class CommandInput {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int start;
    private final int end;
    private int at;
    /** Assets and principals repeat from transfer to transfer: the last text of each rule is used again. */
    private final String[] last = new String[CommandCodec.Text.values().length];

    CommandInput(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.start = offset;
        this.at = offset;
        this.end = offset + length;
        Arrays.fill(last, "");
    }

    int u8(String field) {
        need(field, 1);
        return bytes[at++] & 0xff;
    }

    boolean flag(String field) {
        int value = u8(field);
        if (value > 1) {
            throw new IllegalArgumentException(field + " must be 0 or 1 but is " + value);
        }
        return value == 1;
    }

    int i32(String field) {
        need(field, Integer.BYTES);
        int value = (int) INT.get(bytes, at);
        at += Integer.BYTES;
        return value;
    }

    long i64(String field) {
        need(field, Long.BYTES);
        long value = (long) LONG.get(bytes, at);
        at += Long.BYTES;
        return value;
    }

    UUID uuid(String field) {
        return new UUID(i64(field), i64(field));
    }

    byte[] fixed(String field, int length) {
        need(field, length);
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    /** Bytes behind their number in 16 bits. */
    byte[] within(String field, int least, int most) {
        int length = u8(field) << 8 | u8(field);
        if (length < least || length > most) {
            throw new IllegalArgumentException(
                    field + " must have " + least + ".." + most + " bytes but has " + length);
        }
        return fixed(field, length);
    }

    String text(String field, CommandCodec.Text rule) {
        int length = u8(field);
        need(field, length);
        if (length > rule.maxLength()) {
            throw new IllegalArgumentException(
                    field + " must have 1.." + rule.maxLength() + " characters but has " + length);
        }
        String known = last[rule.ordinal()];
        if (known.length() == length && repeats(known)) {
            at += length;
            rule.requireForm(field, known);
            return known;
        }
        for (int i = 0; i < length; i++) {
            if (!rule.allows(bytes[at + i])) {
                throw rule.refuse(field, i);
            }
        }
        String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
        rule.requireForm(field, text);
        at += length;
        last[rule.ordinal()] = text;
        return text;
    }

    /** Place of the next byte, counted from the beginning of the array. */
    int place() {
        return at;
    }

    /** An account id that is looked at and left where it is. */
    void passAccount(String field) {
        CommandCodec.Text rule = CommandCodec.Text.ACCOUNT;
        int length = u8(field);
        need(field, length);
        if (length < 1 || length > rule.maxLength()) {
            throw new IllegalArgumentException(
                    field + " must have 1.." + rule.maxLength() + " characters but has " + length);
        }
        for (int i = at; i < at + length; i++) {
            if (!rule.allows(bytes[i])) {
                throw rule.refuse(field, i - at);
            }
        }
        at += length;
    }

    String utf8(String field) {
        int length = u8(field) << 8 | u8(field);
        need(field, length);
        if (length > CommandOutput.MAX_UTF8_BYTES) {
            throw new IllegalArgumentException(
                    field + " has at most " + CommandOutput.MAX_UTF8_BYTES + " bytes of UTF-8 but has " + length);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, length))
                    .toString();
            at += length;
            return text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(field + " must be UTF-8", e);
        }
    }

    void end() {
        if (at != end) {
            throw new IllegalArgumentException("the entry has " + (end - at) + " bytes behind its last command");
        }
    }

    private boolean repeats(String known) {
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != bytes[at + i]) {
                return false;
            }
        }
        return true;
    }

    private void need(String field, int length) {
        if (length < 0 || length > end - at) {
            throw new IllegalArgumentException("the entry ends within " + field + ": at byte " + (at - start)
                    + " expected " + length + " more but " + (end - at) + " are left");
        }
    }
}
