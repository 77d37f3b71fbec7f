package io.homeostat.merkle.bundle;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Transfers of many legs. Not thread-safe. */
final class ReplayLegs {
    private final ReplayPlace at;
    private final ReplayAccounts accounts;
    private final ReplayTerms terms;
    private final ReplayChanges changes;

    ReplayLegs(ReplayPlace at, ReplayAccounts accounts, ReplayTerms terms, ReplayChanges changes) {
        this.at = at;
        this.accounts = accounts;
        this.terms = terms;
        this.changes = changes;
    }

    void posted(Leaf.LegsPosted leaf) {
        Map<Long, ReplayAccount> touched = new TreeMap<>();
        boolean known = terms.isNew(leaf.id());
        for (Leaf.Leg leg : leaf.legs()) {
            ReplayAccount account = accounts.find(leg.account(), "leg's");
            known &= account != null;
            if (account != null) {
                touched.put(leg.account(), account);
            }
        }
        if (!known || !fits(leaf, touched)) {
            return;
        }
        checkBalanced(leaf, touched);
        long moved = 0;
        long opposite = 0;
        for (Leaf.Leg leg : leaf.legs()) {
            moved += terms.leg(leg.account(), leg.amount());
            opposite += terms.leg(leg.account(), -leg.amount());
            ReplayAccount account = accounts.get(leg.account());
            if (leg.amount() < 0) {
                account.debitsPosted -= leg.amount();
            } else {
                account.creditsPosted += leg.amount();
            }
        }
        touched.values().forEach(account -> checkLimits(leaf, account));
        terms.check(leaf.timeMicros(), leaf.id(), opposite);
        terms.posted(leaf.id(), moved);
    }

    /** False when the legs can not be applied at all. */
    private boolean fits(Leaf.LegsPosted leaf, Map<Long, ReplayAccount> touched) {
        Map<ReplayAccount, BigInteger> debits = new HashMap<>();
        Map<ReplayAccount, BigInteger> credits = new HashMap<>();
        for (Leaf.Leg leg : leaf.legs()) {
            (leg.amount() < 0 ? debits : credits)
                    .merge(
                            accounts.get(leg.account()),
                            BigInteger.valueOf(leg.amount()).abs(),
                            BigInteger::add);
        }
        for (ReplayAccount account : touched.values()) {
            BigInteger debited = debits.getOrDefault(account, BigInteger.ZERO)
                    .add(BigInteger.valueOf(account.debitsPosted))
                    .add(BigInteger.valueOf(account.debitsHeld));
            BigInteger credited = credits.getOrDefault(account, BigInteger.ZERO)
                    .add(BigInteger.valueOf(account.creditsPosted))
                    .add(BigInteger.valueOf(account.creditsHeld));
            if (debited.bitLength() > 63 || credited.bitLength() > 63) {
                at.incomplete("the legs of transfer " + leaf.id() + " overflow account " + account.id);
                return false;
            }
        }
        return true;
    }

    private void checkBalanced(Leaf.LegsPosted leaf, Map<Long, ReplayAccount> touched) {
        Map<String, BigInteger> sums = new TreeMap<>();
        Map<String, BigInteger> debits = new TreeMap<>();
        for (Leaf.Leg leg : leaf.legs()) {
            String asset = Objects.requireNonNull(touched.get(leg.account())).asset;
            BigInteger amount = BigInteger.valueOf(leg.amount());
            sums.merge(asset, amount, BigInteger::add);
            if (leg.amount() < 0) {
                debits.merge(asset, amount.negate(), BigInteger::add);
            }
        }
        sums.forEach((asset, sum) -> {
            if (sum.signum() != 0) {
                at.incomplete(
                        "the legs of transfer " + leaf.id() + " in " + asset + " must add up to 0 but give " + sum);
            }
        });
        for (String asset : debits.keySet()) {
            if (changes.policy().approval(asset, c -> debited(leaf, touched, asset, c)) != null
                    || changes.policy().screening(asset, c -> debited(leaf, touched, asset, c)) != null) {
                at.incomplete("the legs of transfer " + leaf.id() + " move " + debits.get(asset) + " " + asset
                        + ", which falls in a tier, but were posted without approval");
            }
        }
    }

    /** What the legs of an asset move on accounts of a class, on the side that moves more; of class 0 on all accounts. */
    private static long debited(
            Leaf.LegsPosted leaf, Map<Long, ReplayAccount> touched, String asset, int accountClass) {
        BigInteger debits = BigInteger.ZERO;
        BigInteger credits = BigInteger.ZERO;
        for (Leaf.Leg leg : leaf.legs()) {
            ReplayAccount account = Objects.requireNonNull(touched.get(leg.account()));
            if (account.asset.equals(asset) && (accountClass == 0 || account.accountClass == accountClass)) {
                BigInteger amount = BigInteger.valueOf(leg.amount());
                debits = debits.add(amount.negate().max(BigInteger.ZERO));
                credits = credits.add(amount.max(BigInteger.ZERO));
            }
        }
        return debits.max(credits).min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
    }

    /** After the legs were applied: what an account may is asked of all of them together. */
    private void checkLimits(Leaf.LegsPosted leaf, ReplayAccount account) {
        if (account.debitsMustNotExceedCredits
                && account.debitsPosted + account.debitsHeld - account.creditsPosted > 0
                && netOf(leaf, account) < 0) {
            at.incomplete("account " + account.id + " may not go below zero but does by the legs of " + leaf.id());
        }
        if (account.creditsMustNotExceedDebits
                && account.creditsPosted + account.creditsHeld - account.debitsPosted > 0
                && netOf(leaf, account) > 0) {
            at.incomplete("account " + account.id + " may not be credited beyond its debits but is by the legs of "
                    + leaf.id());
        }
    }

    private long netOf(Leaf.LegsPosted leaf, ReplayAccount account) {
        long net = 0;
        for (Leaf.Leg leg : leaf.legs()) {
            net += accounts.get(leg.account()) == account ? leg.amount() : 0;
        }
        return net;
    }
}
