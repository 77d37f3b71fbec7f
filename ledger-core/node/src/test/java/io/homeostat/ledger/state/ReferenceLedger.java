package io.homeostat.ledger.state;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the money commands mean, told once more and as plainly as it can be: maps, big integers, no table, no journal, no
 * limits of memory. Written from docs/interfaces.md. It knows no policy, so it is asked only about assets without tiers.
 */
final class ReferenceLedger {
    static final BigInteger MOST = BigInteger.ONE.shiftLeft(63).subtract(BigInteger.ONE);
    private static final long SECOND = 1_000_000L;
    private static final long DAY = 86_400 * SECOND;
    private static final long WEEK_SECONDS = 7 * 86_400;
    private static final long MOST_SECONDS = 90 * 86_400;

    static final class Account {
        final Command.CreateAccount made;
        BigInteger debits = BigInteger.ZERO;
        BigInteger credits = BigInteger.ZERO;
        BigInteger heldDebits = BigInteger.ZERO;
        BigInteger heldCredits = BigInteger.ZERO;

        Account(Command.CreateAccount made) {
            this.made = made;
        }
    }

    /** Everything that was ever asked under an id. */
    static final class Known {
        final Command content;
        String status = "rejected";
        /** Account and what it is credited; a debit is negative. */
        List<Map.Entry<String, BigInteger>> legs = List.of();

        boolean hold;
        boolean ofTwo;
        boolean reversal;
        long expires;

        Known(Command content) {
            this.content = content;
        }
    }

    /** What a client is told. */
    record Told(Reason reason, String status) {}

    final Map<String, Account> accounts = new TreeMap<>();
    final Map<UUID, Known> ids = new LinkedHashMap<>();
    private final Map<UUID, UUID> reversedBy = new HashMap<>();
    private long time;

    List<Told> apply(Command.Batch batch) {
        time = Math.max(time + 1, batch.timeMicros());
        for (UUID id : new ArrayList<>(ids.keySet())) {
            Known known = ids.get(id);
            if (known.status.equals("held") && time > known.expires) {
                free(known);
                known.status = "expired";
                reversedBy.values().remove(id);
            }
        }
        List<Told> told = new ArrayList<>();
        for (Command command : batch.commands()) {
            told.add(one(command));
        }
        return told;
    }

    private Told one(Command command) {
        if (command instanceof Command.CreateAccount c) {
            return account(c);
        } else if (command instanceof Command.CreateTransfer c) {
            return once(c.id(), c, () -> ofTwo(c, Command.NO_DAY));
        } else if (command instanceof Command.CreateDatedTransfer c) {
            return once(c.transfer().id(), c, () -> ofTwo(c.transfer(), c.effectiveDay()));
        } else if (command instanceof Command.CreateLegs c) {
            return once(c.id(), c, () -> legs(c.id(), c.legs(), c.effectiveDay()));
        } else if (command instanceof Command.ReverseTransfer c) {
            return once(c.id(), c, () -> reverse(c));
        } else if (command instanceof Command.PostHold c) {
            return post(c);
        } else if (command instanceof Command.VoidHold c) {
            return close(c.id(), "voided", BigInteger.ZERO);
        }
        return new Told(Reason.OK, "ticked");
    }

    private Told account(Command.CreateAccount c) {
        Account known = accounts.get(c.id());
        if (known != null) {
            return known.made.equals(c)
                    ? new Told(Reason.DUPLICATE, "created")
                    : new Told(Reason.ACCOUNT_EXISTS_WITH_OTHER_CONTENT, "refused");
        }
        for (Account other : accounts.values()) {
            if (other.made.asset().equals(c.asset()) && other.made.exponent() != c.exponent()) {
                return new Told(Reason.ASSET_MISMATCH, "refused");
            }
        }
        accounts.put(c.id(), new Account(c));
        return new Told(Reason.OK, "created");
    }

    private interface Rule {
        Optional<Reason> refusal();
    }

    /** The first outcome of an id stands, also when it was a rejection. */
    private Told once(UUID id, Command content, Rule rule) {
        Known known = ids.get(id);
        if (known != null) {
            return known.content.equals(content)
                    ? new Told(Reason.DUPLICATE, known.status)
                    : new Told(Reason.ID_CONFLICT, "refused");
        }
        ids.put(id, new Known(content));
        Optional<Reason> refusal = rule.refusal();
        return new Told(refusal.orElse(Reason.OK), ids.get(id).status);
    }

    private Optional<Reason> ofTwo(Command.CreateTransfer c, int day) {
        Optional<Reason> refusal = refusalOfTwo(c).or(() -> refusalOf(day));
        if (refusal.isEmpty()) {
            Known known = ids.get(c.id());
            known.ofTwo = true;
            BigInteger amount = BigInteger.valueOf(c.amount());
            known.legs = List.of(Map.entry(c.debit(), amount.negate()), Map.entry(c.credit(), amount));
            if (c.hold()) {
                known.hold = true;
                known.status = "held";
                long seconds = c.timeoutSeconds() == 0 ? WEEK_SECONDS : c.timeoutSeconds();
                known.expires = time + seconds * SECOND;
                Account debit = accounts.get(c.debit());
                Account credit = accounts.get(c.credit());
                debit.heldDebits = debit.heldDebits.add(amount);
                credit.heldCredits = credit.heldCredits.add(amount);
            } else {
                book(known);
            }
        }
        return refusal;
    }

    private Optional<Reason> refusalOfTwo(Command.CreateTransfer c) {
        Account debit = accounts.get(c.debit());
        Account credit = accounts.get(c.credit());
        BigInteger amount = BigInteger.valueOf(c.amount());
        if (amount.signum() <= 0) {
            return Optional.of(Reason.AMOUNT_MUST_BE_POSITIVE);
        } else if (c.debit().equals(c.credit())) {
            return Optional.of(Reason.ACCOUNTS_MUST_DIFFER);
        } else if (debit == null) {
            return Optional.of(Reason.DEBIT_ACCOUNT_NOT_FOUND);
        } else if (credit == null) {
            return Optional.of(Reason.CREDIT_ACCOUNT_NOT_FOUND);
        } else if (!debit.made.asset().equals(c.asset()) || !credit.made.asset().equals(c.asset())) {
            return Optional.of(Reason.ASSET_MISMATCH);
        }
        return limits(
                        Map.of(c.debit(), amount.negate(), c.credit(), amount),
                        Map.of(c.debit(), amount),
                        Map.of(c.credit(), amount))
                .or(() -> {
                    boolean inRange = c.hold()
                            ? c.timeoutSeconds() >= 0 && c.timeoutSeconds() <= MOST_SECONDS
                            : c.timeoutSeconds() == 0;
                    return inRange ? Optional.empty() : Optional.of(Reason.TIMEOUT_OUT_OF_RANGE);
                });
    }

    private Optional<Reason> legs(UUID id, List<Command.Leg> legs, int day) {
        Optional<Reason> refusal = refusalOfLegs(legs).or(() -> refusalOf(day));
        if (refusal.isEmpty()) {
            Known known = ids.get(id);
            List<Map.Entry<String, BigInteger>> booked = new ArrayList<>();
            legs.forEach(leg -> booked.add(Map.entry(leg.account(), BigInteger.valueOf(leg.amount()))));
            known.legs = booked;
            book(known);
        }
        return refusal;
    }

    private Optional<Reason> refusalOfLegs(List<Command.Leg> legs) {
        Map<String, BigInteger> perAsset = new HashMap<>();
        Map<String, BigInteger> net = new HashMap<>();
        Map<String, BigInteger> out = new HashMap<>();
        Map<String, BigInteger> in = new HashMap<>();
        for (Command.Leg leg : legs) {
            if (leg.amount() == 0 || leg.amount() == Long.MIN_VALUE) {
                return Optional.of(Reason.AMOUNT_MUST_BE_POSITIVE);
            }
            BigInteger amount = BigInteger.valueOf(leg.amount());
            perAsset.merge(leg.asset(), amount, BigInteger::add);
            net.merge(leg.account(), amount, BigInteger::add);
            (amount.signum() < 0 ? out : in).merge(leg.account(), amount.abs(), BigInteger::add);
        }
        if (legs.stream().anyMatch(leg -> !accounts.containsKey(leg.account()))) {
            return Optional.of(Reason.ACCOUNT_NOT_FOUND);
        } else if (legs.stream()
                .anyMatch(leg -> !accounts.get(leg.account()).made.asset().equals(leg.asset()))) {
            return Optional.of(Reason.ASSET_MISMATCH);
        } else if (perAsset.values().stream().anyMatch(sum -> sum.signum() != 0)) {
            return Optional.of(Reason.LEGS_UNBALANCED);
        }
        return limits(net, out, in);
    }

    /** What is held counts as taken on both sides. */
    private Optional<Reason> limits(
            Map<String, BigInteger> net, Map<String, BigInteger> out, Map<String, BigInteger> in) {
        for (String id : net.keySet()) {
            Account account = accounts.get(id);
            BigInteger debits = account.debits.add(account.heldDebits).add(out.getOrDefault(id, BigInteger.ZERO));
            BigInteger credits = account.credits.add(account.heldCredits).add(in.getOrDefault(id, BigInteger.ZERO));
            if (debits.compareTo(MOST) > 0 || credits.compareTo(MOST) > 0) {
                return Optional.of(Reason.AMOUNT_OVERFLOWS);
            }
        }
        for (Map.Entry<String, BigInteger> change : net.entrySet()) {
            Account account = accounts.get(change.getKey());
            BigInteger left = account.credits
                    .subtract(account.debits)
                    .subtract(account.heldDebits)
                    .add(change.getValue());
            if (account.made.debitsMustNotExceedCredits() && change.getValue().signum() < 0 && left.signum() < 0) {
                return Optional.of(Reason.INSUFFICIENT_FUNDS);
            }
        }
        for (Map.Entry<String, BigInteger> change : net.entrySet()) {
            Account account = accounts.get(change.getKey());
            BigInteger left = account.debits
                    .subtract(account.credits)
                    .subtract(account.heldCredits)
                    .subtract(change.getValue());
            if (account.made.creditsMustNotExceedDebits() && change.getValue().signum() > 0 && left.signum() < 0) {
                return Optional.of(Reason.CREDITS_EXCEED_DEBITS);
            }
        }
        return Optional.empty();
    }

    private Optional<Reason> refusalOf(int day) {
        boolean far = day != Command.NO_DAY && Math.abs(day - Math.floorDiv(time, DAY)) > 366;
        return far ? Optional.of(Reason.EFFECTIVE_DATE_OUT_OF_RANGE) : Optional.empty();
    }

    private Optional<Reason> reverse(Command.ReverseTransfer c) {
        Known target = c.reverses().equals(c.id()) ? null : ids.get(c.reverses());
        if (target == null) {
            return Optional.of(Reason.TRANSFER_NOT_FOUND);
        } else if (!target.status.equals("posted") || target.reversal) {
            return Optional.of(Reason.NOT_REVERSIBLE);
        } else if (reversedBy.containsKey(c.reverses())) {
            return Optional.of(Reason.ALREADY_REVERSED);
        }
        List<Command.Leg> legs = new ArrayList<>();
        target.legs.forEach(leg -> legs.add(new Command.Leg(
                leg.getKey(),
                accounts.get(leg.getKey()).made.asset(),
                leg.getValue().negate().longValueExact())));
        Optional<Reason> refusal = legs(c.id(), legs, c.effectiveDay());
        if (refusal.isEmpty()) {
            ids.get(c.id()).reversal = true;
            reversedBy.put(c.reverses(), c.id());
        }
        return refusal;
    }

    private Told post(Command.PostHold c) {
        if (c.amount() < 0) {
            return new Told(Reason.AMOUNT_MUST_BE_POSITIVE, "refused");
        }
        Known known = ids.get(c.id());
        boolean open = known != null && known.status.equals("held");
        BigInteger amount = BigInteger.valueOf(c.amount());
        if (open && amount.compareTo(known.legs.get(1).getValue()) > 0) {
            return new Told(Reason.POST_EXCEEDS_HOLD, "held");
        }
        return close(c.id(), "posted", amount);
    }

    /** @param amount posted of it; 0 for all */
    private Told close(UUID id, String status, BigInteger amount) {
        Known known = ids.get(id);
        if (known == null) {
            return new Told(Reason.HOLD_NOT_FOUND, "unknown");
        } else if (!known.hold) {
            return new Told(Reason.NOT_A_HOLD, known.status);
        }
        switch (known.status) {
            case "posted":
                return new Told(Reason.HOLD_ALREADY_POSTED, "posted");
            case "voided":
                return new Told(Reason.HOLD_ALREADY_VOIDED, "voided");
            case "expired":
                return new Told(Reason.HOLD_EXPIRED, "expired");
            default:
                free(known);
        }
        known.status = status;
        if (status.equals("posted")) {
            BigInteger posted = amount.signum() == 0 ? known.legs.get(1).getValue() : amount;
            known.legs = List.of(
                    Map.entry(known.legs.get(0).getKey(), posted.negate()),
                    Map.entry(known.legs.get(1).getKey(), posted));
            book(known);
        }
        return new Told(Reason.OK, status);
    }

    private void book(Known known) {
        known.status = "posted";
        for (Map.Entry<String, BigInteger> leg : known.legs) {
            Account account = accounts.get(leg.getKey());
            if (leg.getValue().signum() < 0) {
                account.debits = account.debits.add(leg.getValue().negate());
            } else {
                account.credits = account.credits.add(leg.getValue());
            }
        }
    }

    private void free(Known known) {
        Account debit = accounts.get(known.legs.get(0).getKey());
        Account credit = accounts.get(known.legs.get(1).getKey());
        BigInteger amount = known.legs.get(1).getValue();
        debit.heldDebits = debit.heldDebits.subtract(amount);
        credit.heldCredits = credit.heldCredits.subtract(amount);
    }

    Map<String, BigInteger> sums() {
        Map<String, BigInteger> sums = new TreeMap<>();
        for (Account account : accounts.values()) {
            sums.merge(account.made.asset(), account.credits.subtract(account.debits), BigInteger::add);
        }
        return sums;
    }

    long openHolds() {
        return ids.values().stream()
                .filter(known -> known.status.equals("held"))
                .count();
    }
}
