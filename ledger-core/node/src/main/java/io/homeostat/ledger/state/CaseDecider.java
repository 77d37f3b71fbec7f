package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * The approval gate: which signature counts, and what follows from the last one. Reads the state and changes nothing. It is
 * the only place from which a gated hold is posted. The checks stand in the order of {@link Reason}, one condition each.
 */
final class CaseDecider {
    private static final long MICROS_PER_SECOND = 1_000_000L;

    private CaseDecider() {}

    static Decision decide(LedgerState state, Command.OpenRecoveryCase c) {
        Genesis.Tier tier = state.gate.policy().recoveryTier(c.tier());
        ApprovalCase known = state.cases.get(c.caseId());
        if (known != null) {
            boolean same = tier != null
                    && known.opened().demands().equals(tier.demands())
                    && known.payloadIs(c.payloadDigest())
                    && known.opened().requester().equals(c.requester());
            return same ? Decision.duplicate(wireName(known), c.caseId()) : refuse(Reason.CASE_EXISTS, c);
        }
        if (tier == null) {
            return refuse(Reason.TIER_NOT_FOUND, c);
        }
        if (state.casesFull()) {
            return refuse(Reason.LEDGER_FULL, c);
        }
        return Decision.accept(
                "open",
                c.caseId(),
                List.of(new LedgerEvent.CaseOpened(
                        c.caseId(),
                        LedgerEvent.CASE_OF_RECOVERY,
                        c.payloadDigest(),
                        c.requester(),
                        state.timeMicros + tier.expirySeconds() * MICROS_PER_SECOND,
                        tier.demands(),
                        tier.escalationRoles().isEmpty()
                                ? 0
                                : state.timeMicros + tier.escalateAfterSeconds() * MICROS_PER_SECOND,
                        tier.escalationRoles())));
    }

    static Decision decide(LedgerState state, Command.Approve c) {
        ApprovalCase opened = state.cases.get(c.caseId());
        if (opened == null) {
            return refuse(Reason.CASE_NOT_FOUND, c);
        }
        if (opened.state() != ApprovalCase.State.OPEN) {
            return refuse(Reason.CASE_NOT_OPEN, c);
        }
        if (state.timeMicros > opened.opened().expiresMicros()) {
            return refuse(Reason.CASE_EXPIRED, c);
        }
        if (!opened.payloadIs(c.payloadDigest())) {
            return refuse(Reason.PAYLOAD_DIFFERS, c);
        }
        if (state.timeMicros > c.expiresAtMicros()) {
            return refuse(Reason.STATEMENT_EXPIRED, c);
        }
        if (c.expiresAtMicros() > opened.opened().expiresMicros()) {
            return refuse(Reason.STATEMENT_OUTLIVES_CASE, c);
        }
        if (state.gate.keys().entry(c.keyId()) == null) {
            return refuse(Reason.KEY_UNKNOWN, c);
        }
        Genesis.Key key = state.gate.keys().active(c.keyId());
        if (key == null) {
            return refuse(Reason.KEY_NOT_ACTIVE, c);
        }
        if (!signed(c, key)) {
            return refuse(Reason.SIGNATURE_INVALID, c);
        }
        if (!state.gate.keys().countGrows(key, c.signature())) {
            return refuse(Reason.SIGN_COUNT_WENT_BACK, c);
        }
        if (key.person().equals(opened.opened().requester())) {
            return refuse(Reason.APPROVER_IS_REQUESTER, c);
        }
        if (ChangeDecider.isAbout(state, opened, key.person())) {
            return refuse(Reason.APPROVER_IS_SUBJECT, c);
        }
        if (opened.hasDecided(key.person())) {
            return refuse(Reason.PERSON_HAS_DECIDED, c);
        }
        int place = opened.placeFor(key, c.approve(), state.timeMicros);
        if (place < 0) {
            return refuse(Reason.ROLE_NOT_DEMANDED, c);
        }
        return accept(state, c, opened, place);
    }

    /** What the end of its time makes of a case and of the hold that it gates, or of a screening. */
    static List<LedgerEvent> expire(LedgerState state, String caseId) {
        ApprovalCase opened = state.cases.get(caseId);
        if (opened == null) {
            Screening screening = state.screenings.get(UUID.fromString(caseId.substring("transfer:".length())));
            if (screening == null) {
                throw new InvariantViolation("expected a case or a screening " + caseId + " to end but found neither");
            }
            return ScreeningDecider.lapse(state, screening.begun());
        }
        List<LedgerEvent> events = new ArrayList<>(2);
        events.add(new LedgerEvent.CaseDecided(opened.id(), LedgerEvent.CASE_EXPIRED));
        if (opened.ofTransfer()) {
            events.add(new LedgerEvent.HoldExpired(transferOf(opened)));
        }
        return events;
    }

    static UUID transferOf(ApprovalCase opened) {
        return UUID.fromString(opened.id().substring("transfer:".length()));
    }

    static String wireName(ApprovalCase opened) {
        return opened.state().name().toLowerCase(Locale.ROOT);
    }

    private static Decision accept(LedgerState state, Command.Approve c, ApprovalCase opened, int place) {
        List<LedgerEvent> events = new ArrayList<>(3);
        int decision = c.approve() ? LedgerEvent.DECISION_APPROVE : LedgerEvent.DECISION_DENY;
        events.add(new LedgerEvent.ApprovalRecorded(
                c.caseId(),
                c.payloadDigest(),
                decision,
                c.keyId(),
                c.expiresAtMicros(),
                c.reasonDigest(),
                c.signature()));
        if (!c.approve()) {
            events.add(new LedgerEvent.CaseDecided(c.caseId(), LedgerEvent.CASE_DENIED));
            if (opened.ofTransfer()) {
                events.add(new LedgerEvent.HoldVoided(transferOf(opened), LedgerEvent.VOIDED_BY_DENIAL));
            }
            return Decision.accept("denied", c.caseId(), events);
        }
        if (!opened.completeWith(place)) {
            return Decision.accept("open", c.caseId(), events);
        }
        events.add(new LedgerEvent.CaseDecided(c.caseId(), LedgerEvent.CASE_APPROVED));
        if (opened.ofTransfer()) {
            UUID id = transferOf(opened);
            Hold hold = state.holds.get(id);
            if (hold == null) {
                throw new InvariantViolation("expected the gated hold of open case " + opened.id() + " but found none");
            }
            events.add(new LedgerEvent.HoldPosted(id, hold.amount()));
        }
        if (opened.ofChange()) {
            ChangeDecider.takeEffect(state, opened, events);
        }
        return Decision.accept("approved", c.caseId(), events);
    }

    private static boolean signed(Command.Approve c, Genesis.Key key) {
        return new ApprovalText(c.caseId(), c.payloadDigest(), c.approve(), c.expiresAtMicros(), c.reasonDigest())
                .signedBy(key.key(), c.signature());
    }

    private static Decision refuse(Reason reason, Command.Approve c) {
        byte[] digest = MerkleTree.sha256(CommandCodec.encodeOne(c));
        return Decision.refuse(reason, LedgerEvent.STATEMENT_APPROVAL, c.caseId(), c.keyId(), c.signature(), digest);
    }

    private static Decision refuse(Reason reason, Command.OpenRecoveryCase c) {
        byte[] digest = MerkleTree.sha256(CommandCodec.encodeOne(c));
        return Decision.refuse(reason, c.caseId(), LedgerEvent.REFUSED_CASE, c.caseId(), c.requester(), digest);
    }
}
