package io.homeostat.telemetry.intake;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * OTLP's JSON writes trace and span ids as hex, where protobuf's JSON has base64. The parser has taken the hex for base64;
 * encoding its result again gives the sender's text back, and that is read as hex. Hex digits are all in base64's alphabet
 * and valid lengths (32 and 16) are multiples of four, so nothing is lost on the way.
 *
 * <p>Source: OTLP specification, "JSON Protobuf Encoding".
 */
final class HexIds {
    private static final Set<String> IDS = Set.of("trace_id", "span_id", "parent_span_id");
    private static final int TRACE_ID_BYTES = 16;
    private static final int SPAN_ID_BYTES = 8;

    private HexIds() {}

    static void restore(Message.Builder builder) throws RefusedBody {
        for (FieldDescriptor field : List.copyOf(builder.getAllFields().keySet())) {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                restoreChildren(builder, field);
            } else if (field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING && IDS.contains(field.getName())) {
                builder.setField(field, fromHex(field.getName(), (ByteString) builder.getField(field)));
            }
        }
    }

    private static void restoreChildren(Message.Builder builder, FieldDescriptor field) throws RefusedBody {
        if (field.isRepeated()) {
            for (int i = 0; i < builder.getRepeatedFieldCount(field); i++) {
                restore(builder.getRepeatedFieldBuilder(field, i));
            }
        } else {
            restore(builder.getFieldBuilder(field));
        }
    }

    private static ByteString fromHex(String field, ByteString taken) throws RefusedBody {
        int expected = field.equals("trace_id") ? TRACE_ID_BYTES : SPAN_ID_BYTES;
        String text = Base64.getEncoder().encodeToString(taken.toByteArray());
        if (text.length() != 2 * expected || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new RefusedBody(Refusal.MALFORMED, field + " must be " + 2 * expected + " hex digits");
        }
        return ByteString.copyFrom(HexFormat.of().parseHex(text));
    }
}
