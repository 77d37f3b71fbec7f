package io.homeostat.telemetry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.homeostat.telemetry.IntakeLimits;
import io.homeostat.telemetry.handoff.Piece;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * What any sender of telemetry may hand over: protobuf and JSON of every signal, plain and gzipped. Only the declared refusal
 * may come, and what is taken is divided into messages that are whole and small enough. Regression over the seeds by default;
 * {@code -Pfuzz} looks for more. The first byte of an input says which signal, the second whether it is gzipped.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OtlpFuzzTest {
    private static final IntakeLimits LIMITS = IntakeLimits.defaults();
    private static final ResourceHygiene HYGIENE = new ResourceHygiene(LIMITS);
    /** Small, so that requests of some hundred bytes are divided. */
    private static final int MESSAGE_BYTES = 256;

    @FuzzTest(maxDuration = "30s")
    void an_export_request_in_protobuf(byte[] input) throws InvalidProtocolBufferException {
        taken(BodyEncoding.PROTOBUF, input);
    }

    @FuzzTest(maxDuration = "30s")
    void an_export_request_in_json(byte[] input) throws InvalidProtocolBufferException {
        taken(BodyEncoding.JSON, input);
    }

    private static void taken(BodyEncoding encoding, byte[] input) throws InvalidProtocolBufferException {
        if (input.length < 2) {
            return;
        }
        OtlpSignal signal = OtlpSignal.values()[(input[0] & 0xff) % OtlpSignal.values().length];
        Message request;
        try {
            request = SignalIntake.decode(
                    LIMITS, signal, encoding, input[1] < 0, Arrays.copyOfRange(input, 2, input.length));
        } catch (RefusedBody declared) {
            // That is how it says no.
            return;
        }
        List<Message> resources =
                Divider.children(request, request.getDescriptorForType().findFieldByNumber(OtlpSignal.RESOURCES))
                        .stream()
                        .map(HYGIENE::bounded)
                        .toList();
        for (int most : new int[] {MESSAGE_BYTES, LIMITS.kafkaMessageBytes()}) {
            for (Piece piece : Divider.divide(signal, resources, most).pieces()) {
                assertThat(piece.value().length).isLessThanOrEqualTo(most);
                signal.request().getParserForType().parseFrom(piece.value());
            }
        }
    }
}
