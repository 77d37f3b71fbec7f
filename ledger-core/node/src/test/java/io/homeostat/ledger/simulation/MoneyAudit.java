package io.homeostat.ledger.simulation;

import io.homeostat.ledger.state.AccountView;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.bundle.Leaf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Keeps the books a second time, from the leaves alone: balances and reservations, the life of every hold, links of reversals,
 * and what a stop of writes forbids. Complains of the first leaf that breaks a rule of money, and at the end of any account
 * that differs from the ledger's.
 */
final class MoneyAudit {
    private final Map<Long, Account> accounts = new HashMap<>();
    private final Map<UUID, Moved> moved = new HashMap<>();
    private final Map<UUID, Leaf.TransferHeld> open = new HashMap<>();
    private final Set<UUID> reversed = new HashSet<>();
    /** From a reversal to what it reverses. */
    private final Map<UUID, UUID> reversals = new HashMap<>();

    private Leaf.TransferTerms terms;
    private boolean stopped;

    private static final class Account {
        private final Leaf.AccountCreated created;
        private long debits;
        private long credits;
        private long debitsHeld;
        private long creditsHeld;

        Account(Leaf.AccountCreated created) {
            this.created = created;
        }
    }

    /** Of every transfer id, what its legs are, and whether they are posted. */
    private record Moved(List<Leaf.Leg> legs, boolean posted) {}

    void read(Leaf leaf) {
        boolean ofMoney = true;
        if (leaf instanceof Leaf.AccountCreated created) {
            accounts.put(created.ordinal(), new Account(created));
        } else if (leaf instanceof Leaf.TransferTerms next) {
            terms = next;
        } else if (leaf instanceof Leaf.TransferPosted posted) {
            begin(leaf, posted.id(), legs(posted.debit(), posted.credit(), posted.amount()), true);
        } else if (leaf instanceof Leaf.LegsPosted posted) {
            begin(leaf, posted.id(), posted.legs(), true);
        } else if (leaf instanceof Leaf.TransferHeld held) {
            begin(leaf, held.id(), legs(held.debit(), held.credit(), held.amount()), false);
            open.put(held.id(), held);
            reserve(held, held.amount());
        } else if (leaf instanceof Leaf.HoldPosted posted) {
            Leaf.TransferHeld held = release(leaf, posted.id());
            require(posted.amount() > 0 && posted.amount() <= held.amount(), leaf, "posts more than was held");
            require(leaf.timeMicros() <= held.expiresMicros(), leaf, "posts a hold that had expired");
            List<Leaf.Leg> legs = legs(held.debit(), held.credit(), posted.amount());
            moved.put(posted.id(), new Moved(legs, true));
            post(leaf, legs);
        } else if (leaf instanceof Leaf.HoldVoided voided) {
            release(leaf, voided.id());
            cameToNothing(voided.id());
        } else if (leaf instanceof Leaf.PolicyChanged || leaf instanceof Leaf.KeysChanged) {
            ofMoney = true;
        } else {
            ofMoney = false;
            if (leaf instanceof Leaf.HoldExpired expired) {
                Leaf.TransferHeld held = release(leaf, expired.id());
                require(leaf.timeMicros() > held.expiresMicros(), leaf, "ends a hold before its time");
                cameToNothing(expired.id());
            } else if (leaf instanceof Leaf.MaintenanceSet set) {
                stopped = set.untilMicros() > 0;
            }
        }
        require(!(stopped && ofMoney), leaf, "was written while writes were stopped");
        limits(leaf);
    }

    private static List<Leaf.Leg> legs(long debit, long credit, long amount) {
        return List.of(new Leaf.Leg(debit, -amount), new Leaf.Leg(credit, amount));
    }

    private void begin(Leaf leaf, UUID id, List<Leaf.Leg> legs, boolean posted) {
        require(moved.put(id, new Moved(legs, posted)) == null, leaf, "uses an id for the second time");
        if (terms != null) {
            require(terms.id().equals(id), leaf, "stands where the terms of " + terms.id() + " want theirs");
            terms.reverses().ifPresent(target -> reverses(leaf, id, target, legs));
            terms = null;
        }
        if (posted) {
            post(leaf, legs);
        }
    }

    private void reverses(Leaf leaf, UUID id, UUID target, List<Leaf.Leg> legs) {
        Moved was = moved.get(target);
        require(was != null && was.posted(), leaf, "reverses what was not posted");
        require(!reversals.containsKey(target), leaf, "reverses a reversal");
        require(reversed.add(target), leaf, "reverses for the second time");
        reversals.put(id, target);
        List<Leaf.Leg> rest = new ArrayList<>(was.legs());
        for (Leaf.Leg leg : legs) {
            require(rest.remove(new Leaf.Leg(leg.account(), -leg.amount())), leaf, "is not the opposite of " + was);
        }
        require(rest.isEmpty(), leaf, "leaves a part of " + was);
    }

    /** What a held reversal would have reversed may be reversed by another one. */
    private void cameToNothing(UUID id) {
        UUID target = reversals.remove(id);
        if (target != null) {
            reversed.remove(target);
        }
    }

    private void post(Leaf leaf, List<Leaf.Leg> legs) {
        Map<String, Long> sums = new HashMap<>();
        for (Leaf.Leg leg : legs) {
            Account account = accounts.get(leg.account());
            require(account != null && leg.amount() != 0, leaf, "names an account that is not there, or moves 0");
            sums.merge(account.created.asset(), leg.amount(), Math::addExact);
            account.debits = Math.addExact(account.debits, Math.max(0, -leg.amount()));
            account.credits = Math.addExact(account.credits, Math.max(0, leg.amount()));
        }
        require(sums.values().stream().allMatch(sum -> sum == 0), leaf, "does not add up to 0: " + sums);
    }

    private void reserve(Leaf.TransferHeld held, long amount) {
        accounts.get(held.debit()).debitsHeld += amount;
        accounts.get(held.credit()).creditsHeld += amount;
    }

    private Leaf.TransferHeld release(Leaf leaf, UUID id) {
        Leaf.TransferHeld held = open.remove(id);
        require(held != null, leaf, "is about no open hold");
        reserve(held, -held.amount());
        return held;
    }

    /** Only accounts with a limit, and only after what can break it. */
    private void limits(Leaf leaf) {
        if (leaf instanceof Leaf.TransferPosted
                || leaf instanceof Leaf.LegsPosted
                || leaf instanceof Leaf.TransferHeld) {
            for (Account a : accounts.values()) {
                boolean debitsHold = !a.created.debitsMustNotExceedCredits() || a.debits + a.debitsHeld <= a.credits;
                boolean creditsHold = !a.created.creditsMustNotExceedDebits() || a.credits + a.creditsHeld <= a.debits;
                require(debitsHold && creditsHold, leaf, "breaks the limit of " + a.created.id());
            }
        }
    }

    /** Complains unless the ledger has just these balances. */
    void compare(Ledger ledger) {
        for (Account a : accounts.values()) {
            AccountView view = ledger.account(a.created.id()).orElseThrow();
            boolean same = view.debitsPosted() == a.debits
                    && view.creditsPosted() == a.credits
                    && view.debitsHeld() == a.debitsHeld
                    && view.creditsHeld() == a.creditsHeld;
            if (!same) {
                throw new SimulationFailed(
                        "the leaves give " + a.created.id() + " debits " + a.debits + " credits " + a.credits + " held "
                                + a.debitsHeld + " and " + a.creditsHeld + " but the ledger says " + view);
            }
        }
    }

    private static void require(boolean holds, Leaf leaf, String otherwise) {
        if (!holds) {
            throw new SimulationFailed("leaf " + leaf.sequence() + " " + otherwise + ": " + leaf);
        }
    }
}
