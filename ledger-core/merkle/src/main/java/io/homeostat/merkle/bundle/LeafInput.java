package io.homeostat.merkle.bundle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;

/** Reads the fields of one leaf, and remembers where the field at hand began. Not thread-safe. */
final class LeafInput {
    private final ByteBuffer in;
    private int fieldOffset;
    private String field = "";

    LeafInput(byte[] leaf) {
        this.in = ByteBuffer.wrap(leaf);
    }

    int u8(String name) {
        return need(name, 1).get() & 0xff;
    }

    int u16(String name) {
        return need(name, 2).getShort() & 0xffff;
    }

    long u32(String name) {
        return need(name, 4).getInt() & 0xffffffffL;
    }

    int i32(String name) {
        return need(name, 4).getInt();
    }

    long i64(String name) {
        return need(name, 8).getLong();
    }

    /** A count, index or time: the encoding has 64 bits, the ledger uses the non-negative ones. */
    long nonNegative(String name) {
        long value = i64(name);
        if (value < 0) {
            throw malformed("must not be negative but is " + value);
        }
        return value;
    }

    long positive(String name) {
        long value = i64(name);
        if (value <= 0) {
            throw malformed("must be positive but is " + value);
        }
        return value;
    }

    int u8In(String name, int least, int most) {
        int value = u8(name);
        if (value < least || value > most) {
            throw malformed("must be in " + least + ".." + most + " but is " + value);
        }
        return value;
    }

    boolean flag(String name) {
        return u8In(name, 0, 1) == 1;
    }

    UUID uuid(String name) {
        ByteBuffer b = need(name, 16);
        return new UUID(b.getLong(), b.getLong());
    }

    Leaf.Bytes digest(String name) {
        return fixed(name, 32);
    }

    /** {@code bytes} of a length that the format fixes. */
    Leaf.Bytes bytes(String name, int length) {
        long stated = u32(name);
        if (stated != length) {
            throw malformed("must have " + length + " bytes but states " + stated);
        }
        return fixed(name, length);
    }

    /** {@code bytes} of a length within bounds. */
    Leaf.Bytes bytes(String name, int least, int most) {
        long stated = u32(name);
        if (stated < least || stated > most) {
            throw malformed("must have " + least + ".." + most + " bytes but states " + stated);
        }
        return fixed(name, (int) stated);
    }

    String str(String name) {
        int start = in.position();
        int length = u16(name);
        ByteBuffer text = need(name, length).slice().limit(length);
        in.position(in.position() + length);
        fieldOffset = start;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw malformed("is not UTF-8");
        }
    }

    String str(String name, Pattern form) {
        String value = str(name);
        if (!form.matcher(value).matches()) {
            throw malformed("must match " + form);
        }
        return value;
    }

    void end() {
        field = "end";
        fieldOffset = in.position();
        if (in.hasRemaining()) {
            throw malformed(in.remaining() + " bytes stand behind the leaf's content");
        }
    }

    LeafMalformed malformed(String detail) {
        return new LeafMalformed(fieldOffset, field, detail);
    }

    private Leaf.Bytes fixed(String name, int length) {
        byte[] value = new byte[length];
        need(name, length).get(value);
        return new Leaf.Bytes(value);
    }

    private ByteBuffer need(String name, int bytes) {
        field = name;
        fieldOffset = in.position();
        if (in.remaining() < bytes) {
            throw malformed("needs " + bytes + " bytes but " + in.remaining() + " are left");
        }
        return in;
    }
}
