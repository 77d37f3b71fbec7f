package io.homeostat.detector.flat;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parts that forms are made of, big-endian:
 *
 * <pre>
 * text      u16 length | UTF-8
 * double    u64 raw bits
 * values    i32 count | (text name | double)*
 * doubles   i32 count | double*
 * longs     i32 count | i64*
 * </pre>
 */
public final class Flat {
    private static final int MAX_TEXT = 0xFFFF;

    private Flat() {}

    public static void writeText(DataOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT) {
            throw new IOException("expected a text of at most " + MAX_TEXT + " bytes but found " + bytes.length);
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    public static String readText(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public static void writeDouble(DataOutput out, double value) throws IOException {
        out.writeLong(Double.doubleToRawLongBits(value));
    }

    public static double readDouble(DataInput in) throws IOException {
        return Double.longBitsToDouble(in.readLong());
    }

    public static void writeValues(DataOutput out, Map<String, Double> values) throws IOException {
        out.writeInt(values.size());
        for (Map.Entry<String, Double> value : values.entrySet()) {
            writeText(out, value.getKey());
            writeDouble(out, value.getValue());
        }
    }

    /** In the order in which they were written. */
    public static Map<String, Double> readValues(DataInput in) throws IOException {
        int count = in.readInt();
        Map<String, Double> values = new LinkedHashMap<>(capacity(count));
        for (int i = 0; i < count; i++) {
            values.put(readText(in), readDouble(in));
        }
        return values;
    }

    public static void writeDoubles(DataOutput out, double[] values) throws IOException {
        out.writeInt(values.length);
        for (double value : values) {
            writeDouble(out, value);
        }
    }

    public static double[] readDoubles(DataInput in) throws IOException {
        double[] values = new double[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = readDouble(in);
        }
        return values;
    }

    public static void writeLongs(DataOutput out, long[] values) throws IOException {
        out.writeInt(values.length);
        for (long value : values) {
            out.writeLong(value);
        }
    }

    public static long[] readLongs(DataInput in) throws IOException {
        long[] values = new long[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        return values;
    }

    /** Of a hash map that shall take {@code count} entries without growing. */
    public static int capacity(int count) {
        return count * 4 / 3 + 1;
    }
}
