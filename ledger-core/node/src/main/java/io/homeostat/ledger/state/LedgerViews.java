package io.homeostat.ledger.state;

import io.homeostat.ledger.attest.AttestationTally.Round;
import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.bundle.Leaf;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Copies of parts of the state for readers. Called under the ledger's read lock. */
final class LedgerViews {
    private static final List<String> KINDS = List.of("transfer", "recovery", "policy", "keys");

    private LedgerViews() {}

    static AccountView account(LedgerState state, int i, long index) {
        AccountTable accounts = state.accounts;
        return new AccountView(
                accounts.id(i),
                accounts.asset(i),
                accounts.exponent(i),
                Command.AccountClass.values()[accounts.classNumber(i) - 1],
                accounts.flagged(i),
                accounts.creditsLimited(i),
                accounts.debitsPosted(i),
                accounts.creditsPosted(i),
                accounts.debitsHeld(i),
                accounts.creditsHeld(i),
                index);
    }

    static HoldPage holds(LedgerState state, int account, @Nullable String status, long before, int limit, long index) {
        TransferTable transfers = state.transfers;
        List<HoldPage.View> holds = new ArrayList<>();
        int row = (int) Math.min(before, transfers.rows());
        int last = Math.max(0, row - HoldPage.MOST_ROWS);
        while (row > last && holds.size() < limit) {
            row--;
            boolean asked = transfers.wasHold(row)
                    && (account == AccountTable.NONE
                            || transfers.debit(row) == account
                            || transfers.credit(row) == account)
                    && (status == null || transfers.status(row).wireName().equals(status));
            if (asked) {
                holds.add(hold(state, row));
            }
        }
        return new HoldPage(holds, row == 0 ? OptionalLong.empty() : OptionalLong.of(row), index);
    }

    private static HoldPage.View hold(LedgerState state, int row) {
        TransferTable transfers = state.transfers;
        UUID id = transfers.id(row);
        Hold open = state.holds.get(id);
        return new HoldPage.View(
                id,
                state.accounts.id(transfers.debit(row)),
                state.accounts.id(transfers.credit(row)),
                transfers.amount(row),
                state.accounts.asset(transfers.debit(row)),
                transfers.status(row).wireName(),
                transfers.gated(row),
                open == null ? OptionalLong.empty() : OptionalLong.of(open.expiresMicros()),
                transfers.sequence(row));
    }

    /** @param leafAt gives what stands only in the journal; null for what this node lacks */
    static TransferView transfer(LedgerState state, UUID id, int row, LongFunction<@Nullable Leaf> leafAt) {
        TransferTable transfers = state.transfers;
        int debit = transfers.debit(row);
        int credit = transfers.credit(row);
        int known = debit == AccountTable.NONE ? credit : debit;
        boolean gated = transfers.gated(row);
        Status status = transfers.status(row);
        String caseId = gated ? TransferDecider.caseId(id) : null;
        Leaf booked = status == Status.POSTED ? leafAt.apply(transfers.sequence(row)) : null;
        Leaf.TransferTerms terms = (transfers.flags(row) & TransferTable.TERMS) != 0
                ? (Leaf.TransferTerms) leafAt.apply(transfers.first(row) - 1)
                : null;
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
                legs(state, booked),
                booked == null ? null : LocalDate.ofEpochDay(LegsDecider.day(booked.timeMicros())),
                terms == null || terms.effectiveDay().isEmpty()
                        ? null
                        : LocalDate.ofEpochDay(terms.effectiveDay().getAsInt()),
                terms == null ? null : terms.reverses().orElse(null),
                terms == null || terms.reason() == 0 ? null : Command.ReversalReason.of(terms.reason()),
                state.reversals.get(id),
                transfers.sequence(row));
    }

    private static List<TransferView.Leg> legs(LedgerState state, @Nullable Leaf leaf) {
        List<TransferView.Leg> legs = new ArrayList<>();
        if (leaf instanceof Leaf.LegsPosted posted) {
            for (Leaf.Leg leg : posted.legs()) {
                int ordinal = (int) leg.account();
                legs.add(new TransferView.Leg(state.accounts.id(ordinal), state.accounts.asset(ordinal), leg.amount()));
            }
        }
        return legs;
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

    static CaseView.Money money(LedgerState state, UUID id) {
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
