package io.homeostat.merkle.bundle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The accounts in the order of their leaves, and what a movement between two of them may do. Not thread-safe. */
final class ReplayAccounts {
    private final ReplayPlace at;
    private final List<ReplayAccount> accounts = new ArrayList<>();
    private final Set<String> accountIds = new HashSet<>();
    private final Map<String, Integer> exponents = new HashMap<>();

    ReplayAccounts(ReplayPlace at) {
        this.at = at;
    }

    void created(Leaf.AccountCreated leaf) {
        if (leaf.ordinal() != accounts.size()) {
            at.incomplete("account ordinal must be " + accounts.size() + " but is " + leaf.ordinal());
        }
        Integer exponent = exponents.putIfAbsent(leaf.asset(), leaf.exponent());
        if (exponent != null && exponent != leaf.exponent()) {
            at.incomplete("account " + leaf.id() + " counts " + leaf.asset() + " with exponent " + leaf.exponent()
                    + " but the ones before with " + exponent);
        }
        if (!accountIds.add(leaf.id())) {
            at.incomplete("account " + leaf.id() + " exists already");
        }
        accounts.add(new ReplayAccount(leaf));
    }

    @Nullable
    ReplayAccount find(long ordinal, String side) {
        if (ordinal >= accounts.size()) {
            at.incomplete(
                    "the " + side + " account has ordinal " + ordinal + " but " + accounts.size() + " accounts exist");
            return null;
        }
        return accounts.get((int) ordinal);
    }

    /** Of an ordinal that {@link #find} has found. */
    ReplayAccount get(long ordinal) {
        return accounts.get((int) ordinal);
    }

    int size() {
        return accounts.size();
    }

    /** False when the amount can not be applied at all; a debit beyond the funds is reported and applied. */
    boolean mayMove(ReplayAccount debit, ReplayAccount credit, long amount) {
        if (debit == credit) {
            at.incomplete("debit and credit must differ but both are account " + debit.id);
            return false;
        }
        if (!debit.asset.equals(credit.asset)) {
            at.incomplete(
                    "account " + debit.id + " holds " + debit.asset + " but account " + credit.id + " " + credit.asset);
            return false;
        }
        if (amount > Long.MAX_VALUE - debit.debitsPosted - debit.debitsHeld
                || amount > Long.MAX_VALUE - credit.creditsPosted - credit.creditsHeld) {
            at.incomplete("the amount " + amount + " overflows account " + debit.id + " or " + credit.id);
            return false;
        }
        long available = debit.creditsPosted - debit.debitsPosted - debit.debitsHeld;
        if (debit.debitsMustNotExceedCredits && amount > available) {
            at.incomplete("account " + debit.id + " may not go below zero: " + amount + " taken of " + available
                    + " available");
        }
        long room = credit.debitsPosted - credit.creditsPosted - credit.creditsHeld;
        if (credit.creditsMustNotExceedDebits && amount > room) {
            at.incomplete("account " + credit.id + " may not be credited beyond its debits: " + amount + " given of "
                    + room + " that it takes");
        }
        return true;
    }

    /** The balances of each asset, which must add up to nothing. */
    Map<String, BigInteger> sums() {
        Map<String, BigInteger> sums = new TreeMap<>();
        for (ReplayAccount account : accounts) {
            BigInteger balance =
                    BigInteger.valueOf(account.creditsPosted).subtract(BigInteger.valueOf(account.debitsPosted));
            sums.merge(account.asset, balance, BigInteger::add);
        }
        sums.forEach((asset, sum) -> {
            if (sum.signum() != 0) {
                at.incomplete("the balances of " + asset + " must add up to 0 but give " + sum);
            }
        });
        return sums;
    }
}
