package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.Requirement;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerdictText;
import java.util.ArrayList;
import java.util.List;

/**
 * The tier between the machine and the people: a screened transfer is posted by a detector's signed "clear", and becomes a
 * case for people by "odd" or by silence. Reads the state and changes nothing. The checks stand in the order of {@link
 * Reason}, but that what is no screening comes first.
 */
final class ScreeningDecider {
    private static final long MICROS_PER_MILLI = 1_000L;
    private static final long MICROS_PER_SECOND = 1_000_000L;

    private ScreeningDecider() {}

    /** Ledger time until which the hold of a screened transfer lives: the detector's time, then the people's. */
    static long holdExpires(LedgerState state, Requirement screening) {
        return screening.expiresMicros(due(state, screening));
    }

    /** What follows the hold of a screened transfer. */
    static LedgerEvent begin(LedgerState state, java.util.UUID id, byte[] payload, Requirement screening) {
        return new LedgerEvent.ScreeningBegun(
                id,
                payload,
                due(state, screening),
                screening.demands(),
                screening.escalateAfterSeconds(),
                screening.escalationRoles());
    }

    static Decision decide(LedgerState state, Command.ScreeningVerdict c) {
        Screening screening = state.screenings.get(c.id());
        if (screening == null) {
            return refuse(Reason.SCREENING_NOT_OPEN, c);
        }
        LedgerEvent.ScreeningBegun begun = screening.begun();
        if (state.timeMicros > begun.dueMicros()) {
            return refuse(Reason.CASE_EXPIRED, c);
        }
        if (!java.util.Arrays.equals(begun.payload(), c.payloadDigest())) {
            return refuse(Reason.PAYLOAD_DIFFERS, c);
        }
        if (state.timeMicros > c.expiresAtMicros()) {
            return refuse(Reason.STATEMENT_EXPIRED, c);
        }
        if (c.expiresAtMicros() > begun.dueMicros()) {
            return refuse(Reason.STATEMENT_OUTLIVES_CASE, c);
        }
        if (state.gate.keys().entry(c.keyId()) == null) {
            return refuse(Reason.KEY_UNKNOWN, c);
        }
        Genesis.Key key = state.gate.keys().active(c.keyId());
        if (key == null) {
            return refuse(Reason.KEY_NOT_ACTIVE, c);
        }
        VerdictText text = new VerdictText(
                TransferDecider.caseId(c.id()), c.payloadDigest(), c.clear(), c.expiresAtMicros(), c.evidenceDigest());
        if (!text.signedBy(key.key(), c.signature())) {
            return refuse(Reason.SIGNATURE_INVALID, c);
        }
        if (!key.ofDetector()) {
            return refuse(Reason.NOT_A_DETECTOR, c);
        }
        List<LedgerEvent> events = new ArrayList<>(2);
        events.add(new LedgerEvent.VerdictRecorded(
                c.id(),
                c.payloadDigest(),
                c.clear(),
                c.keyId(),
                c.expiresAtMicros(),
                c.evidenceDigest(),
                c.signature()));
        if (c.clear()) {
            events.add(new LedgerEvent.HoldPosted(c.id(), hold(state, begun).amount()));
            return Decision.accept("posted", null, events);
        }
        events.add(toPeople(state, begun));
        return Decision.accept("held", TransferDecider.caseId(c.id()), events);
    }

    /** What silence makes of it. */
    static List<LedgerEvent> lapse(LedgerState state, LedgerEvent.ScreeningBegun begun) {
        return List.of(new LedgerEvent.ScreeningLapsed(begun.id()), toPeople(state, begun));
    }

    private static LedgerEvent toPeople(LedgerState state, LedgerEvent.ScreeningBegun begun) {
        Hold hold = hold(state, begun);
        boolean escalates = !begun.escalationRoles().isEmpty();
        return new LedgerEvent.CaseOpened(
                TransferDecider.caseId(begun.id()),
                LedgerEvent.CASE_OF_TRANSFER,
                begun.payload(),
                hold.requester(),
                hold.expiresMicros(),
                begun.demands(),
                escalates ? state.timeMicros + begun.escalateAfterSeconds() * MICROS_PER_SECOND : 0,
                begun.escalationRoles());
    }

    private static Hold hold(LedgerState state, LedgerEvent.ScreeningBegun begun) {
        Hold hold = state.holds.get(begun.id());
        if (hold == null) {
            throw new InvariantViolation("expected the hold of screened transfer " + begun.id() + " but found none");
        }
        return hold;
    }

    private static long due(LedgerState state, Requirement screening) {
        return state.timeMicros + screening.screenMillis() * MICROS_PER_MILLI;
    }

    private static Decision refuse(Reason reason, Command.ScreeningVerdict c) {
        return Decision.refuse(
                reason,
                LedgerEvent.STATEMENT_VERDICT,
                TransferDecider.caseId(c.id()),
                c.keyId(),
                c.signature(),
                MerkleTree.sha256(CommandCodec.encodeOne(c)));
    }
}
