package io.homeostat.telemetry.intake;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Bodies of answers in the request's own encoding: the export response, or for a refusal {@code google.rpc.Status}
 * ({@code int32 code = 1; string message = 2}), written by hand because it is two fields.
 *
 * <p>Source: OTLP specification, "Failures".
 */
final class StatusBody {
    private static final int CODE = 1;
    private static final int MESSAGE = 2;

    private StatusBody() {}

    static byte[] of(BodyEncoding encoding, Message response) {
        if (encoding == BodyEncoding.PROTOBUF) {
            return response.toByteArray();
        }
        try {
            return JsonFormat.printer()
                    .omittingInsignificantWhitespace()
                    .print(response)
                    .getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an export response holds nothing that JSON can not say", e);
        }
    }

    static byte[] of(BodyEncoding encoding, IntakeAnswer.Refused refused) {
        int code = refused.refusal().grpcStatus().code;
        if (encoding == BodyEncoding.JSON) {
            return new JsonObject()
                    .put("code", code)
                    .put("message", refused.detail())
                    .toBuffer()
                    .getBytes();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeInt32(CODE, code);
            out.writeString(MESSAGE, refused.detail());
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }
}
