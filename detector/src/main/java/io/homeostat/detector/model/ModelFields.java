package io.homeostat.detector.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;

/** Packed double fields of our models' protobuf messages, with a bound on what is read. */
final class ModelFields {
    /** 1000 features are 8 MB of one square matrix; no model of ours has more in one field. */
    private static final int MAX_DOUBLES = 1_000 * 1_000;

    private ModelFields() {}

    static void writePacked(CodedOutputStream out, int field, double[] values) throws IOException {
        out.writeTag(field, 2);
        out.writeUInt32NoTag(values.length * Double.BYTES);
        for (double value : values) {
            out.writeDoubleNoTag(value);
        }
    }

    static double[] readPacked(CodedInputStream in) throws IOException {
        int length = in.readRawVarint32();
        if (length < 0 || length % Double.BYTES != 0 || length / Double.BYTES > MAX_DOUBLES) {
            throw new InvalidProtocolBufferException("a packed double field has " + length + " bytes");
        }
        CodedInputStream packed = ByteString.copyFrom(in.readRawBytes(length)).newCodedInput();
        double[] values = new double[length / Double.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = packed.readDouble();
        }
        return values;
    }
}
