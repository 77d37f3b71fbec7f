package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.Requirement;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TransferPayload;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Accounts, transfers and holds. Reads the state and changes nothing. The checks stand in the order of {@link Reason}, one
 * condition each.
 */
final class TransferDecider {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final String CREATED = "created";

    private TransferDecider() {}

    static Decision decide(LedgerState state, Command.CreateAccount c) {
        AccountTable accounts = state.accounts;
        int known = accounts.find(c.id());
        if (known != AccountTable.NONE) {
            boolean same = accounts.asset(known).equals(c.asset())
                    && accounts.exponent(known) == c.exponent()
                    && accounts.classNumber(known) == number(c.accountClass())
                    && accounts.flagged(known) == c.debitsMustNotExceedCredits()
                    && accounts.creditsLimited(known) == c.creditsMustNotExceedDebits();
            return same ? Decision.duplicate(CREATED, null) : Decision.reject(Reason.ACCOUNT_EXISTS_WITH_OTHER_CONTENT);
        }
        int exponent = accounts.exponentOfAsset(c.asset());
        // An asset with two exponents would make its sums mean nothing.
        if (exponent != AccountTable.NONE && exponent != c.exponent()) {
            return Decision.reject(Reason.ASSET_MISMATCH);
        }
        boolean newAssetFits = exponent != AccountTable.NONE || accounts.assetCount() < state.limits.maxAssets();
        if (accounts.count() >= state.limits.maxAccounts() || !newAssetFits) {
            return Decision.reject(Reason.LEDGER_FULL);
        }
        return Decision.accept(
                CREATED,
                new LedgerEvent.AccountCreated(
                        accounts.count(),
                        c.id(),
                        c.asset(),
                        c.exponent(),
                        number(c.accountClass()),
                        c.debitsMustNotExceedCredits(),
                        c.creditsMustNotExceedDebits()));
    }

    /** The id is new: {@link Ledger} has looked. */
    static Decision decide(LedgerState state, Command.CreateTransfer c) {
        AccountTable accounts = state.accounts;
        if (c.amount() <= 0) {
            return rejected(Reason.AMOUNT_MUST_BE_POSITIVE);
        }
        if (c.debit().equals(c.credit())) {
            return rejected(Reason.ACCOUNTS_MUST_DIFFER);
        }
        int debit = accounts.find(c.debit());
        if (debit == AccountTable.NONE) {
            return rejected(Reason.DEBIT_ACCOUNT_NOT_FOUND);
        }
        int credit = accounts.find(c.credit());
        if (credit == AccountTable.NONE) {
            return rejected(Reason.CREDIT_ACCOUNT_NOT_FOUND);
        }
        Reason money = money(accounts, debit, credit, accounts.findAsset(c.asset()), c.amount());
        if (money != Reason.OK) {
            return rejected(money);
        }
        if (c.timeoutSeconds() < 0 || c.timeoutSeconds() > (c.hold() ? state.limits.maxHoldSeconds() : 0)) {
            return rejected(Reason.TIMEOUT_OUT_OF_RANGE);
        }
        if (state.transfers.rows() >= state.limits.maxTransfers()) {
            return rejected(Reason.LEDGER_FULL);
        }
        Requirement tier = approval(state, debit, credit, c.amount());
        if (tier != null) {
            return gated(state, c, debit, credit, tier);
        }
        Requirement screening = screening(state, debit, credit, c.amount());
        if (screening != null) {
            return screened(state, c, debit, credit, screening);
        }
        if (c.hold()) {
            long seconds = c.timeoutSeconds() == 0 ? state.limits.defaultHoldSeconds() : c.timeoutSeconds();
            return Decision.accept(
                    Status.HELD.wireName(),
                    held(c, debit, credit, state.timeMicros + seconds * MICROS_PER_SECOND, false));
        }
        return Decision.accept(
                Status.POSTED.wireName(), new LedgerEvent.TransferPosted(c.id(), debit, credit, c.amount()));
    }

    /**
     * Whether {@link #decide} would post this transfer at once, for one that asks for neither a hold nor a timeout: the same
     * rules, for what is decided without objects.
     *
     * @param asset number of the asset, {@link AccountTable#NONE} for an unknown one
     */
    static boolean postsAtOnce(LedgerState state, int debit, int credit, int asset, long amount) {
        AccountTable accounts = state.accounts;
        return amount > 0
                && debit != AccountTable.NONE
                && credit != AccountTable.NONE
                && debit != credit
                && money(accounts, debit, credit, asset, amount) == Reason.OK
                && state.transfers.rows() < state.limits.maxTransfers()
                && approval(state, debit, credit, amount) == null
                && screening(state, debit, credit, amount) == null;
    }

    /** What the two accounts say to it. */
    private static Reason money(AccountTable accounts, int debit, int credit, int asset, long amount) {
        if (accounts.assetNumber(debit) != asset || !accounts.sameAsset(debit, credit)) {
            return Reason.ASSET_MISMATCH;
        }
        if (accounts.overflows(debit, credit, amount)) {
            return Reason.AMOUNT_OVERFLOWS;
        }
        if (accounts.flagged(debit) && accounts.available(debit) < amount) {
            return Reason.INSUFFICIENT_FUNDS;
        }
        if (accounts.creditsLimited(credit) && accounts.creditable(credit) < amount) {
            return Reason.CREDITS_EXCEED_DEBITS;
        }
        return Reason.OK;
    }

    private static @Nullable Requirement approval(LedgerState state, int debit, int credit, long amount) {
        AccountTable accounts = state.accounts;
        return state.gate
                .policy()
                .approval(accounts.asset(debit), amount, accounts.classNumber(debit), accounts.classNumber(credit));
    }

    private static @Nullable Requirement screening(LedgerState state, int debit, int credit, long amount) {
        AccountTable accounts = state.accounts;
        return state.gate
                .policy()
                .screening(accounts.asset(debit), amount, accounts.classNumber(debit), accounts.classNumber(credit));
    }

    static Decision decide(LedgerState state, Command.PostHold c) {
        if (c.amount() < 0) {
            return Decision.reject(Reason.AMOUNT_MUST_BE_POSITIVE);
        }
        Hold hold = state.holds.get(c.id());
        if (hold == null) {
            return notOpen(state, c.id());
        }
        if (state.timeMicros > hold.expiresMicros()) {
            return Decision.reject(Reason.HOLD_EXPIRED, Status.HELD.wireName());
        }
        if (c.amount() > hold.amount()) {
            return Decision.reject(Reason.POST_EXCEEDS_HOLD, Status.HELD.wireName());
        }
        if (hold.gated()) {
            return triedTheGate(hold, c.principal(), c);
        }
        return Decision.accept(
                Status.POSTED.wireName(),
                new LedgerEvent.HoldPosted(c.id(), c.amount() == 0 ? hold.amount() : c.amount()));
    }

    static Decision decide(LedgerState state, Command.VoidHold c) {
        Hold hold = state.holds.get(c.id());
        if (hold == null) {
            return notOpen(state, c.id());
        }
        if (state.timeMicros > hold.expiresMicros()) {
            return Decision.reject(Reason.HOLD_EXPIRED, Status.HELD.wireName());
        }
        if (hold.gated()) {
            return triedTheGate(hold, c.principal(), c);
        }
        return Decision.accept(
                Status.VOIDED.wireName(), new LedgerEvent.HoldVoided(c.id(), LedgerEvent.VOIDED_BY_CLIENT));
    }

    /** The hold and the case that alone can release it, in one command: there is no moment between the two. */
    private static Decision gated(
            LedgerState state, Command.CreateTransfer c, int debit, int credit, Requirement tier) {
        if (state.casesFull()) {
            return rejected(Reason.LEDGER_FULL);
        }
        String caseId = caseId(c.id());
        long expires = tier.expiresMicros(state.timeMicros);
        byte[] payload =
                new TransferPayload(c.id(), c.debit(), c.credit(), c.asset(), c.amount(), c.principal()).digest();
        return Decision.accept(
                Status.HELD.wireName(),
                caseId,
                List.of(
                        held(c, debit, credit, expires, true),
                        new LedgerEvent.CaseOpened(
                                caseId,
                                LedgerEvent.CASE_OF_TRANSFER,
                                payload,
                                c.principal(),
                                expires,
                                tier.demands(),
                                tier.escalatesMicros(state.timeMicros),
                                tier.escalationRoles())));
    }

    /** The hold, and the wait for the verdict that may release it; the room for a later case is kept. */
    private static Decision screened(
            LedgerState state, Command.CreateTransfer c, int debit, int credit, Requirement screening) {
        if (state.casesFull()) {
            return rejected(Reason.LEDGER_FULL);
        }
        byte[] payload =
                new TransferPayload(c.id(), c.debit(), c.credit(), c.asset(), c.amount(), c.principal()).digest();
        return Decision.accept(
                Status.HELD.wireName(),
                caseId(c.id()),
                List.of(
                        held(c, debit, credit, ScreeningDecider.holdExpires(state, screening), true),
                        ScreeningDecider.begin(state, c.id(), payload, screening)));
    }

    static String caseId(UUID transfer) {
        return "transfer:" + transfer;
    }

    private static LedgerEvent held(
            Command.CreateTransfer c, int debit, int credit, long expiresMicros, boolean gated) {
        return new LedgerEvent.TransferHeld(c.id(), debit, credit, c.amount(), expiresMicros, c.principal(), gated);
    }

    private static Decision triedTheGate(Hold hold, String principal, Command command) {
        byte[] digest = MerkleTree.sha256(CommandCodec.encodeOne(command));
        return Decision.refuse(
                Reason.GATED,
                caseId(hold.id()),
                LedgerEvent.REFUSED_RELEASE,
                hold.id().toString(),
                principal,
                digest);
    }

    private static Decision notOpen(LedgerState state, UUID id) {
        TransferRow row = state.transfers.find(id);
        if (row == null) {
            return Decision.reject(Reason.HOLD_NOT_FOUND, "unknown");
        }
        Status status = row.status();
        if (!row.wasHold()) {
            return Decision.reject(Reason.NOT_A_HOLD, status.wireName());
        }
        Reason reason = switch (status) {
            case POSTED -> Reason.HOLD_ALREADY_POSTED;
            case VOIDED -> Reason.HOLD_ALREADY_VOIDED;
            case EXPIRED -> Reason.HOLD_EXPIRED;
            case HELD, REJECTED ->
                throw new InvariantViolation("expected hold " + id + " to be closed but it is " + status);
        };
        return Decision.reject(reason, status.wireName());
    }

    static Decision rejected(Reason reason) {
        return Decision.reject(reason, Status.REJECTED.wireName());
    }

    static int number(AccountClass accountClass) {
        return switch (accountClass) {
            case CUSTOMER -> 1;
            case SETTLEMENT -> 2;
            case EXTERNAL -> 3;
            case FEE -> 4;
            case SUSPENSE -> 5;
        };
    }
}
