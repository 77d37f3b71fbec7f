package io.homeostat.telemetry.intake;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Counts the objects that a body would become, before any of them is made. An empty message takes two bytes on the wire and
 * a hundred in memory: without this guard 4 MiB could become hundreds.
 *
 * <p>Protobuf is walked along its schema; unknown fields count as objects too, because they are kept. JSON counts the
 * characters that open or divide values.
 */
final class ShapeGuard {
    /** protobuf-java's own recursion limit, so that both say the same. */
    private static final int MAX_DEPTH = 100;

    private final int maxObjects;
    private int objects;

    private ShapeGuard(int maxObjects) {
        this.maxObjects = maxObjects;
    }

    static void checkProtobuf(byte[] body, Descriptor schema, int maxObjects) throws RefusedBody {
        try {
            CodedInputStream in = CodedInputStream.newInstance(body);
            new ShapeGuard(maxObjects).walk(in, schema, 0);
        } catch (IOException e) {
            throw malformed();
        }
    }

    static void checkJson(byte[] body, int maxObjects) throws RefusedBody {
        int structure = 0;
        for (byte b : body) {
            if (b == '{' || b == ',' || b == '[') {
                structure++;
            }
        }
        if (structure > maxObjects) {
            throw tooMany(maxObjects);
        }
    }

    static RefusedBody malformed() {
        return new RefusedBody(Refusal.MALFORMED, "the body is not a protobuf message of this signal's export request");
    }

    private void walk(CodedInputStream in, Descriptor schema, int depth) throws IOException, RefusedBody {
        if (depth > MAX_DEPTH) {
            throw new RefusedBody(Refusal.MALFORMED, "the body nests deeper than " + MAX_DEPTH + " messages");
        }
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = schema.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            boolean message = field != null
                    && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (field == null || message) {
                count();
            }
            if (message) {
                int outer = in.pushLimit(in.readRawVarint32());
                walk(in, field.getMessageType(), depth + 1);
                in.popLimit(outer);
            } else if (!in.skipField(tag)) {
                throw malformed();
            }
        }
    }

    private void count() throws RefusedBody {
        objects++;
        if (objects > maxObjects) {
            throw tooMany(maxObjects);
        }
    }

    private static RefusedBody tooMany(int maxObjects) {
        return new RefusedBody(
                Refusal.TOO_LARGE,
                "the body holds more than the limit of " + maxObjects + " objects: send smaller batches");
    }
}
