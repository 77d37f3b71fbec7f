package io.homeostat.telemetry.intake;

import com.google.protobuf.Message;

/** What the sender is told. */
sealed interface IntakeAnswer {
    /** Held for Kafka. {@code response} is the signal's {@code Export*ServiceResponse}. */
    record Accepted(Message response) implements IntakeAnswer {}

    /** Nothing was taken. The detail names the limit or the fault and never repeats the sender's own text. */
    record Refused(Refusal refusal, String detail) implements IntakeAnswer {}
}
