package io.homeostat.telemetry.intake;

/** Carries a refusal out of nested decoding; {@link SignalIntake} turns it into a value. Has no stack trace. */
final class RefusedBody extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final String detail;

    RefusedBody(Refusal refusal, String detail) {
        super(detail, null, false, false);
        this.refusal = refusal;
        this.detail = detail;
    }

    IntakeAnswer.Refused answer() {
        return new IntakeAnswer.Refused(refusal, detail);
    }
}
