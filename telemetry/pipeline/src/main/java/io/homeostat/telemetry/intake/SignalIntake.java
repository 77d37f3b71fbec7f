package io.homeostat.telemetry.intake;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.IntakeTelemetry;
import io.homeostat.telemetry.handoff.KafkaHandOff;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What both listeners do with a received body: inflate, check, decode, bound, divide, hand off.
 *
 * <p>Thread-safe; runs on worker threads. The bytes that go to Kafka are the protobuf of the sender's request, also when it
 * came as JSON.
 */
final class SignalIntake {
    private final IntakeLimits limits;
    private final IntakeTelemetry telemetry;
    private final KafkaHandOff handOff;
    private final ResourceHygiene hygiene;

    SignalIntake(IntakeLimits limits, IntakeTelemetry telemetry, KafkaHandOff handOff) {
        this.limits = limits;
        this.telemetry = telemetry;
        this.handOff = handOff;
        this.hygiene = new ResourceHygiene(limits);
    }

    IntakeLimits limits() {
        return limits;
    }

    IntakeAnswer receive(OtlpSignal signal, BodyEncoding encoding, boolean gzip, byte[] body) {
        try {
            return handOff(signal, decode(limits, signal, encoding, gzip, body));
        } catch (RefusedBody e) {
            return refuse(signal, e.answer());
        }
    }

    /** What a stranger sent, as the message that it says it is; nothing but {@link RefusedBody} comes of what is none. */
    static Message decode(IntakeLimits limits, OtlpSignal signal, BodyEncoding encoding, boolean gzip, byte[] body)
            throws RefusedBody {
        byte[] plain = gzip ? BoundedInflater.inflate(body, limits.bodyBytes()) : body;
        return encoding == BodyEncoding.JSON ? fromJson(limits, signal, plain) : fromProtobuf(limits, signal, plain);
    }

    /** Counts a refusal, also those that a listener decides before there is a body. */
    IntakeAnswer.Refused refuse(OtlpSignal signal, IntakeAnswer.Refused refused) {
        telemetry.refused(signal.label(), refused.refusal().label());
        return refused;
    }

    private IntakeAnswer handOff(OtlpSignal signal, Message request) throws RefusedBody {
        FieldDescriptor field = request.getDescriptorForType().findFieldByNumber(OtlpSignal.RESOURCES);
        List<Message> resources =
                Divider.children(request, field).stream().map(hygiene::bounded).toList();
        Divider.Division division = Divider.divide(signal, resources, limits.kafkaMessageBytes());
        if (!handOff.offer(signal.label(), signal.topic(), division.pieces())) {
            telemetry.dropped(signal.label(), division.points(), Refusal.FULL.label());
            throw new RefusedBody(
                    Refusal.FULL,
                    "the bounded buffer for Kafka is full; retry after "
                            + limits.retryAfter().toSeconds() + " s");
        }
        telemetry.accepted(signal.label(), division.points());
        if (division.rejected() > 0) {
            telemetry.dropped(signal.label(), division.rejected(), Refusal.TOO_LARGE.label());
        }
        return new IntakeAnswer.Accepted(signal.response(
                division.rejected(),
                "records over the limit of " + limits.kafkaMessageBytes() + " bytes each were not taken"));
    }

    private static Message fromProtobuf(IntakeLimits limits, OtlpSignal signal, byte[] body) throws RefusedBody {
        ShapeGuard.checkProtobuf(body, signal.request().getDescriptorForType(), limits.objectsPerRequest());
        try {
            return signal.request().getParserForType().parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw ShapeGuard.malformed();
        }
    }

    private static Message fromJson(IntakeLimits limits, OtlpSignal signal, byte[] body) throws RefusedBody {
        ShapeGuard.checkJson(body, limits.objectsPerRequest());
        Message.Builder builder = signal.request().newBuilderForType();
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            // OTLP asks receivers to ignore fields that they do not know.
            JsonFormat.parser().ignoringUnknownFields().merge(text, builder);
        } catch (CharacterCodingException e) {
            throw new RefusedBody(Refusal.MALFORMED, "the body is not UTF-8");
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedBody(Refusal.MALFORMED, "the body is not OTLP JSON of this signal's export request");
        }
        HexIds.restore(builder);
        return builder.build();
    }
}
