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
import java.util.Optional;
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
        List<HoldPage.View> holds = new ArrayList<>();
        long next = state.transfers.holdsBefore(before, HoldPage.MOST_ROWS, row -> {
            boolean asked = (account == AccountTable.NONE || row.debit() == account || row.credit() == account)
                    && (status == null || row.status().wireName().equals(status));
            if (asked) {
                holds.add(hold(state, row));
            }
            return holds.size() < limit;
        });
        return new HoldPage(holds, next == 0 ? OptionalLong.empty() : OptionalLong.of(next), index);
    }

    private static HoldPage.View hold(LedgerState state, TransferRow row) {
        Hold open = state.holds.get(row.id());
        return new HoldPage.View(
                row.id(),
                state.accounts.id(row.debit()),
                state.accounts.id(row.credit()),
                row.amount(),
                state.accounts.asset(row.debit()),
                row.status().wireName(),
                row.gated(),
                open == null ? OptionalLong.empty() : OptionalLong.of(open.expiresMicros()),
                row.sequence());
    }

    /** @param leafAt gives what stands only in the journal; null for what this node lacks */
    static TransferView transfer(LedgerState state, TransferRow row, LongFunction<@Nullable Leaf> leafAt) {
        UUID id = row.id();
        int debit = row.debit();
        int credit = row.credit();
        int known = debit == AccountTable.NONE ? credit : debit;
        boolean gated = row.gated();
        Status status = row.status();
        String caseId = gated ? TransferDecider.caseId(id) : null;
        Leaf booked = status == Status.POSTED ? leafAt.apply(row.sequence()) : null;
        Leaf.TransferTerms terms = row.hasTerms() ? (Leaf.TransferTerms) leafAt.apply(row.first() - 1) : null;
        return new TransferView(
                id,
                status.wireName(),
                reason(row.reasonNumber()),
                accountId(state, debit),
                accountId(state, credit),
                row.amount(),
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
                row.sequence());
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

    static Optional<byte[]> attestedWithout(LedgerState state, String node, long raftIndex) {
        Round round = state.tally.round(raftIndex);
        int number = state.nodes.number(node);
        return round == null
                ? Optional.empty()
                : Optional.ofNullable(state.tally.majority(round, i -> i != number && state.nodes.trusted(i)))
                        .map(byte[]::clone);
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
        TransferRow row = state.transfers.find(id);
        if (row == null) {
            throw new InvariantViolation("expected the transfer " + id + " of a case but found none");
        }
        int debit = row.debit();
        return new CaseView.Money(
                id,
                state.accounts.id(debit),
                state.accounts.id(row.credit()),
                row.amount(),
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
