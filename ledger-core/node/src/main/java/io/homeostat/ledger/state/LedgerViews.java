package io.homeostat.ledger.state;

import io.homeostat.ledger.attest.AttestationTally.Round;
import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.Digests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Copies of parts of the state for readers. Called under the ledger's read lock. */
final class LedgerViews {
    private static final List<String> KINDS = List.of("transfer", "recovery", "policy", "keys");

    private LedgerViews() {}

    static TransferView transfer(LedgerState state, UUID id, int row) {
        TransferTable transfers = state.transfers;
        int debit = transfers.debit(row);
        int credit = transfers.credit(row);
        int known = debit == AccountTable.NONE ? credit : debit;
        boolean gated = transfers.gated(row);
        Status status = transfers.status(row);
        String caseId = gated ? TransferDecider.caseId(id) : null;
        return new TransferView(
                id,
                status.wireName(),
                reason(transfers.reasonNumber(row)),
                accountId(state, debit),
                accountId(state, credit),
                transfers.amount(row),
                known == AccountTable.NONE ? "" : state.accounts.asset(known),
                gated,
                caseId,
                requester(state, id, caseId),
                transfers.sequence(row));
    }

    static CaseView caseOf(LedgerState state, ApprovalCase known) {
        List<CaseView.Approval> approvals = new ArrayList<>();
        for (ApprovalCase.Recorded approval : known.approvals()) {
            LedgerEvent.ApprovalRecorded event = approval.event();
            approvals.add(new CaseView.Approval(
                    event.keyId(),
                    approval.person(),
                    approval.role(),
                    event.decision() == LedgerEvent.DECISION_APPROVE,
                    event.reason().clone(),
                    event.signature().clone(),
                    event.expiresMicros(),
                    approval.sequence()));
        }
        LedgerEvent.ChangeProposed change = known.change();
        return new CaseView(
                known.id(),
                KINDS.get(known.opened().kind() - 1),
                CaseDecider.wireName(known),
                known.opened().payload().clone(),
                known.opened().requester(),
                known.opened().expiresMicros(),
                known.opened().demands(),
                approvals,
                known.openedAtMicros(),
                known.openedSequence(),
                known.decidedSequence(),
                known.refusals(),
                known.ofTransfer() ? money(state, CaseDecider.transferOf(known)) : null,
                known.opened().escalatesMicros(),
                known.opened().escalationRoles(),
                change == null
                        ? null
                        : new CaseView.Change(
                                change.baseVersion(), change.body().clone()));
    }

    static List<NodeView> nodes(LedgerState state) {
        List<NodeView> views = new ArrayList<>();
        for (int i = 0; i < state.nodes.count(); i++) {
            Genesis.Node node = state.genesis.nodes().get(i);
            NodeRegister.Entry entry = state.nodes.entry(i);
            views.add(new NodeView(
                    node.id(),
                    node.zone(),
                    entry.isolated,
                    entry.diverged,
                    entry.incidentId,
                    entry.attestedIndex,
                    Digests.hex(entry.digest)));
        }
        return views;
    }

    static AttestationView attestation(LedgerState state, Round round) {
        Map<String, String> digests = new LinkedHashMap<>();
        for (int i = 0; i < state.nodes.count(); i++) {
            byte[] digest = round.digest(i);
            if (digest != null) {
                digests.put(state.genesis.nodes().get(i).id(), Digests.hex(digest));
            }
        }
        return new AttestationView(round.raftIndex(), digests);
    }

    private static CaseView.Money money(LedgerState state, UUID id) {
        TransferTable transfers = state.transfers;
        int row = transfers.find(id);
        int debit = transfers.debit(row);
        return new CaseView.Money(
                id,
                state.accounts.id(debit),
                state.accounts.id(transfers.credit(row)),
                transfers.amount(row),
                state.accounts.asset(debit),
                state.accounts.exponent(debit));
    }

    private static @Nullable String requester(LedgerState state, UUID id, @Nullable String caseId) {
        Hold hold = state.holds.get(id);
        if (hold != null) {
            return hold.requester();
        }
        ApprovalCase known = caseId == null ? null : state.cases.get(caseId);
        return known == null ? null : known.opened().requester();
    }

    private static @Nullable String accountId(LedgerState state, int ordinal) {
        return ordinal == AccountTable.NONE ? null : state.accounts.id(ordinal);
    }

    private static Reason reason(int number) {
        for (Reason reason : Reason.values()) {
            if (reason.number() == number) {
                return reason;
            }
        }
        throw new InvariantViolation("expected the number of a reason in the transfer table but found " + number);
    }
}
