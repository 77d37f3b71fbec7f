package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.MerkleTree;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a decider makes of a command: the events that follow from it, or the reason why nothing does.
 *
 * @param status of the subject once the events are applied
 * @param subject id of the case that the command made or concerned, if any
 * @param events in order; empty for a rejection
 * @param evidence of a refusal that is to stand in the journal
 */
record Decision(
        Reason reason,
        String status,
        @Nullable String subject,
        List<LedgerEvent> events,
        @Nullable LedgerEvent evidence) {
    private static final String REFUSED = "refused";

    static Decision accept(String status, LedgerEvent event) {
        return new Decision(Reason.OK, status, null, List.of(event), null);
    }

    static Decision accept(String status, @Nullable String subject, List<LedgerEvent> events) {
        return new Decision(Reason.OK, status, subject, events, null);
    }

    static Decision duplicate(String status, @Nullable String subject) {
        return new Decision(Reason.DUPLICATE, status, subject, List.of(), null);
    }

    static Decision reject(Reason reason) {
        return reject(reason, REFUSED);
    }

    static Decision reject(Reason reason, String status) {
        return new Decision(reason, status, null, List.of(), null);
    }

    /** A refusal that is evidence of somebody trying the gate. */
    static Decision refuse(
            Reason reason, @Nullable String caseId, int command, String subject, String by, byte[] digest) {
        return new Decision(
                reason,
                REFUSED,
                caseId,
                List.of(),
                new LedgerEvent.Refused(command, subject, reason.number(), by, digest));
    }

    /** A signed statement that is not taken, as evidence. */
    static Decision refuse(Reason reason, int what, String caseId, String keyId, byte[] signature, byte[] digest) {
        return new Decision(
                reason,
                REFUSED,
                caseId,
                List.of(),
                new LedgerEvent.ApprovalRefused(
                        what, caseId, keyId, reason.number(), MerkleTree.sha256(signature), digest));
    }
}
