package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.bundle.Leaf;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Transfers of many legs, dated transfers and reversals. Reads the state and changes nothing. The checks stand in the order
 * of {@link Reason}; limits are asked of the combined effect on each account. The id is new: {@link Ledger} has looked.
 */
final class LegsDecider {
    /** An effective day lies at most this many days before or after the day of booking: a year, and a leap day. */
    static final int MOST_DAYS_APART = 366;

    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private LegsDecider() {}

    /** Day of booking, in UTC, of what is committed at this time. */
    static long day(long timeMicros) {
        return Math.floorDiv(timeMicros, MICROS_PER_DAY);
    }

    /** First microsecond of a day, since the epoch. */
    static long beginOf(long day) {
        return day * MICROS_PER_DAY;
    }

    static Decision decide(LedgerState state, Command.CreateDatedTransfer c) {
        Decision decision = TransferDecider.decide(state, c.transfer());
        return withTerms(state, decision, new Terms(c.transfer().id(), c.effectiveDay(), null, 0));
    }

    static Decision decide(LedgerState state, Command.CreateLegs c) {
        return withTerms(state, legs(state, c.id(), c.legs()), new Terms(c.id(), c.effectiveDay(), null, 0));
    }

    /** @param leafAt gives the leaf of the transfer that is to be reversed: its legs stand only there */
    static Decision decide(LedgerState state, Command.ReverseTransfer c, LongFunction<Leaf> leafAt) {
        TransferRow row = state.transfers.find(c.reverses());
        if (row == null) {
            return TransferDecider.rejected(Reason.TRANSFER_NOT_FOUND);
        }
        if (row.status() != Status.POSTED || state.isReversal(c.reverses())) {
            return TransferDecider.rejected(Reason.NOT_REVERSIBLE);
        }
        if (state.reversals.containsKey(c.reverses())) {
            return TransferDecider.rejected(Reason.ALREADY_REVERSED);
        }
        Decision decision = row.hasLegs()
                ? legs(state, c.id(), opposite(state, leafAt.apply(row.first())))
                : TransferDecider.decide(state, opposite(state, row, c));
        if (decision.reason().accepted() && state.reversals.size() >= state.limits.maxCases()) {
            decision = TransferDecider.rejected(Reason.LEDGER_FULL);
        }
        return withTerms(
                state,
                decision,
                new Terms(c.id(), c.effectiveDay(), c.reverses(), c.reason().number()));
    }

    private record Terms(
            UUID id, int effectiveDay, @Nullable UUID reverses, int reasonNumber) {
        boolean dated() {
            return effectiveDay != Command.NO_DAY;
        }

        LedgerEvent event() {
            return new LedgerEvent.TransferTerms(id, dated() ? (Integer) effectiveDay : null, reverses, reasonNumber);
        }
    }

    /** The terms come before the transfer, in the same command. */
    private static Decision withTerms(LedgerState state, Decision decision, Terms terms) {
        boolean outranked = decision.reason().compareTo(Reason.EFFECTIVE_DATE_OUT_OF_RANGE) < 0
                && !decision.reason().accepted();
        if (outranked) {
            return decision;
        }
        if (terms.dated() && Math.abs(terms.effectiveDay() - day(state.timeMicros)) > MOST_DAYS_APART) {
            return TransferDecider.rejected(Reason.EFFECTIVE_DATE_OUT_OF_RANGE);
        }
        if (!decision.reason().accepted() || !terms.dated() && terms.reverses() == null) {
            return decision;
        }
        List<LedgerEvent> events = new ArrayList<>(decision.events().size() + 1);
        events.add(terms.event());
        events.addAll(decision.events());
        return Decision.accept(decision.status(), decision.subject(), events);
    }

    private static Decision legs(LedgerState state, UUID id, List<Command.Leg> legs) {
        AccountTable accounts = state.accounts;
        int[] ordinals = new int[legs.size()];
        long[] amounts = new long[legs.size()];
        for (int i = 0; i < ordinals.length; i++) {
            amounts[i] = legs.get(i).amount();
            if (amounts[i] == 0 || amounts[i] == Long.MIN_VALUE) {
                return TransferDecider.rejected(Reason.AMOUNT_MUST_BE_POSITIVE);
            }
            ordinals[i] = accounts.find(legs.get(i).account());
        }
        for (int ordinal : ordinals) {
            if (ordinal == AccountTable.NONE) {
                return TransferDecider.rejected(Reason.ACCOUNT_NOT_FOUND);
            }
        }
        for (int i = 0; i < ordinals.length; i++) {
            if (!accounts.asset(ordinals[i]).equals(legs.get(i).asset())) {
                return TransferDecider.rejected(Reason.ASSET_MISMATCH);
            }
        }
        Map<String, BigInteger> debitsOfAsset = new LinkedHashMap<>();
        Map<String, BigInteger> creditsOfAsset = new LinkedHashMap<>();
        Map<Integer, BigInteger> debits = new LinkedHashMap<>();
        Map<Integer, BigInteger> credits = new LinkedHashMap<>();
        for (int i = 0; i < ordinals.length; i++) {
            boolean debit = amounts[i] < 0;
            BigInteger amount = BigInteger.valueOf(amounts[i]).abs();
            (debit ? debitsOfAsset : creditsOfAsset).merge(legs.get(i).asset(), amount, BigInteger::add);
            (debit ? debits : credits).merge(ordinals[i], amount, BigInteger::add);
        }
        if (!debitsOfAsset.equals(creditsOfAsset)) {
            return TransferDecider.rejected(Reason.LEGS_UNBALANCED);
        }
        Reason refusal = refusalOf(accounts, ordinals, debits, credits);
        if (refusal != null) {
            return TransferDecider.rejected(refusal);
        }
        for (String asset : debitsOfAsset.keySet()) {
            if (state.gate.policy().approval(asset, c -> moved(accounts, legs, ordinals, asset, c)) != null
                    || state.gate.policy().screening(asset, c -> moved(accounts, legs, ordinals, asset, c)) != null) {
                return TransferDecider.rejected(Reason.LEGS_REACH_TIER);
            }
        }
        if (state.transfers.rows() >= state.limits.maxTransfers()) {
            return TransferDecider.rejected(Reason.LEDGER_FULL);
        }
        return Decision.accept(Status.POSTED.wireName(), new LedgerEvent.LegsPosted(id, ordinals, amounts));
    }

    /** What the legs of an asset move on accounts of a class, on the side that moves more; of class 0 on all accounts. */
    private static long moved(
            AccountTable accounts, List<Command.Leg> legs, int[] ordinals, String asset, int accountClass) {
        BigInteger debits = BigInteger.ZERO;
        BigInteger credits = BigInteger.ZERO;
        for (int i = 0; i < ordinals.length; i++) {
            boolean counts = accountClass == 0 || accounts.classNumber(ordinals[i]) == accountClass;
            if (counts && legs.get(i).asset().equals(asset)) {
                BigInteger amount = BigInteger.valueOf(legs.get(i).amount());
                debits = debits.add(amount.negate().max(BigInteger.ZERO));
                credits = credits.add(amount.max(BigInteger.ZERO));
            }
        }
        return debits.max(credits).min(MOST).longValueExact();
    }

    private static @Nullable Reason refusalOf(
            AccountTable accounts, int[] ordinals, Map<Integer, BigInteger> debits, Map<Integer, BigInteger> credits) {
        for (int ordinal : ordinals) {
            BigInteger debited = debits.getOrDefault(ordinal, BigInteger.ZERO)
                    .add(BigInteger.valueOf(accounts.debitsPosted(ordinal)))
                    .add(BigInteger.valueOf(accounts.debitsHeld(ordinal)));
            BigInteger credited = credits.getOrDefault(ordinal, BigInteger.ZERO)
                    .add(BigInteger.valueOf(accounts.creditsPosted(ordinal)))
                    .add(BigInteger.valueOf(accounts.creditsHeld(ordinal)));
            if (debited.compareTo(MOST) > 0 || credited.compareTo(MOST) > 0) {
                return Reason.AMOUNT_OVERFLOWS;
            }
        }
        for (int ordinal : ordinals) {
            long net = net(ordinal, debits, credits);
            if (accounts.flagged(ordinal) && net < 0 && accounts.available(ordinal) < -net) {
                return Reason.INSUFFICIENT_FUNDS;
            }
        }
        for (int ordinal : ordinals) {
            long net = net(ordinal, debits, credits);
            if (accounts.creditsLimited(ordinal) && net > 0 && accounts.creditable(ordinal) < net) {
                return Reason.CREDITS_EXCEED_DEBITS;
            }
        }
        return null;
    }

    /** It does not overflow: both parts were found to fit. */
    private static long net(int ordinal, Map<Integer, BigInteger> debits, Map<Integer, BigInteger> credits) {
        return credits.getOrDefault(ordinal, BigInteger.ZERO)
                .subtract(debits.getOrDefault(ordinal, BigInteger.ZERO))
                .longValueExact();
    }

    private static Command.CreateTransfer opposite(LedgerState state, TransferRow row, Command.ReverseTransfer c) {
        AccountTable accounts = state.accounts;
        int debit = row.debit();
        return new Command.CreateTransfer(
                c.id(),
                accounts.id(row.credit()),
                accounts.id(debit),
                accounts.asset(debit),
                row.amount(),
                false,
                0,
                c.principal());
    }

    private static List<Command.Leg> opposite(LedgerState state, Leaf leaf) {
        List<Command.Leg> legs = new ArrayList<>();
        for (Leaf.Leg leg : ((Leaf.LegsPosted) leaf).legs()) {
            int ordinal = (int) leg.account();
            legs.add(new Command.Leg(state.accounts.id(ordinal), state.accounts.asset(ordinal), -leg.amount()));
        }
        return legs;
    }
}
