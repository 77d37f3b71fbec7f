package io.homeostat.ledger.simulation;

import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.VerdictText;
import io.homeostat.merkle.bundle.CaseKind;
import io.homeostat.merkle.bundle.Demand;
import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.KeyChange;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.Policy;
import io.homeostat.merkle.bundle.PolicyTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntToLongFunction;

/**
 * Reads leaves in order, with the proof module's decoder and none of the ledger's deciders, and complains of any gated money
 * that moved, and any change of policy or keys that took effect, without its approvals; of a transfer that passed a tier
 * unseen; of a signature that nobody made over just that statement; and of a commit time that goes back.
 *
 * <p>It keeps its own policy and register of keys from the leaves. Whether a case has its approvals is asked anew at its end,
 * as a question of seats: can the persons who signed be seated so that every demanded seat is taken?
 */
final class GateAudit {
    private static final int CLASSES = 6;
    private static final long SECOND = 1_000_000L;

    /** What each signature that some key really made says, by hex: nothing else may ever stand in the journal. */
    private final Map<String, String> genuine;

    private final Map<String, Long> happened = new TreeMap<>();
    private final Map<String, Genesis.Key> active = new HashMap<>();
    private final Map<Long, Leaf.AccountCreated> accounts = new HashMap<>();
    private final Map<String, Case> cases = new HashMap<>();
    private final Map<UUID, Leaf.TransferHeld> gated = new HashMap<>();
    private final Set<UUID> cleared = new HashSet<>();
    private List<PolicyTier> tiers = List.of();
    private long version = 1;
    private long time;

    /** A case that waits, with what the policy asked for when it was opened. */
    private static final class Case {
        private final Leaf.CaseOpened opened;
        private final Demanded demanded;
        private final Map<String, Signed> signed = new LinkedHashMap<>();
        private Leaf.ChangeProposed change;
        private boolean denied;
        private boolean approved;

        Case(Leaf.CaseOpened opened, Demanded demanded) {
            this.opened = opened;
            this.demanded = demanded;
        }
    }

    /** Of several tiers joined: the highest count of each role, the escalation that all of them allow. */
    private record Demanded(Map<String, Integer> roles, Set<String> standIns, long standInAfterMicros) {}

    private record Signed(String keyId, List<String> roles, long timeMicros) {}

    GateAudit(Map<String, String> genuine) {
        this.genuine = genuine;
    }

    /** How often each kind of leaf was read. */
    Map<String, Long> happened() {
        return happened;
    }

    void read(Leaf leaf) {
        happened.merge(leaf.getClass().getSimpleName(), 1L, Long::sum);
        require(leaf.timeMicros() >= time, leaf, "has time " + leaf.timeMicros() + " after " + time);
        time = leaf.timeMicros();
        if (leaf instanceof Leaf.GenesisLeaf begin) {
            tiers = begin.genesis().policy().tiers();
            begin.genesis().keys().forEach(key -> active.put(key.keyId(), key));
        } else if (leaf instanceof Leaf.AccountCreated account) {
            accounts.put(account.ordinal(), account);
        } else if (leaf instanceof Leaf.TransferPosted posted) {
            boolean free = reached(posted.debit(), posted.credit(), posted.amount(), PolicyTier.Kind.TRANSFER) == null
                    && reached(posted.debit(), posted.credit(), posted.amount(), PolicyTier.Kind.SCREENING) == null;
            require(free, leaf, "was posted at once though a tier is about it");
        } else if (leaf instanceof Leaf.LegsPosted posted) {
            legs(posted);
        } else if (leaf instanceof Leaf.TransferHeld held) {
            held(held);
        } else if (leaf instanceof Leaf.CaseOpened opened) {
            cases.put(opened.caseId(), new Case(opened, demandedBy(opened)));
        } else if (leaf instanceof Leaf.ChangeProposed proposed) {
            cases.get(proposed.caseId()).change = proposed;
        } else if (leaf instanceof Leaf.ApprovalRecorded approval) {
            approval(approval);
        } else if (leaf instanceof Leaf.VerdictRecorded verdict) {
            verdict(verdict);
        } else if (leaf instanceof Leaf.CaseDecided decided) {
            decided(decided);
        } else if (leaf instanceof Leaf.HoldPosted posted && gated.containsKey(posted.id())) {
            posted(posted);
        } else if (leaf instanceof Leaf.PolicyChanged changed) {
            policyChanged(changed);
        } else if (leaf instanceof Leaf.KeysChanged changed) {
            keysChanged(changed);
        }
    }

    private void legs(Leaf.LegsPosted posted) {
        Set<String> assets = new HashSet<>();
        posted.legs().forEach(leg -> assets.add(accounts.get(leg.account()).asset()));
        for (String asset : assets) {
            IntToLongFunction moved = c -> {
                long debits = 0;
                long credits = 0;
                for (Leaf.Leg leg : posted.legs()) {
                    Leaf.AccountCreated account = accounts.get(leg.account());
                    if (account.asset().equals(asset) && (c == 0 || account.accountClass() == c)) {
                        debits += Math.max(0, -leg.amount());
                        credits += Math.max(0, leg.amount());
                    }
                }
                return Math.max(debits, credits);
            };
            boolean free = reached(asset, moved, PolicyTier.Kind.TRANSFER) == null
                    && reached(asset, moved, PolicyTier.Kind.SCREENING) == null;
            require(free, posted, "moves " + asset + " though a tier is about it");
        }
    }

    private void held(Leaf.TransferHeld held) {
        boolean atTier = reached(held.debit(), held.credit(), held.amount(), PolicyTier.Kind.TRANSFER) != null
                || reached(held.debit(), held.credit(), held.amount(), PolicyTier.Kind.SCREENING) != null;
        require(held.gated() == atTier, held, "has the wrong gate");
        if (held.gated()) {
            gated.put(held.id(), held);
        }
    }

    private Demanded demandedBy(Leaf.CaseOpened opened) {
        return switch (opened.kind()) {
            case TRANSFER -> {
                Leaf.TransferHeld held =
                        gated.get(UUID.fromString(opened.caseId().substring("transfer:".length())));
                // People decide by the policy under which the transfer was held; it may have changed since.
                Demanded asked = new Demanded(
                        counts(opened.demands()), Set.copyOf(opened.escalationRoles()), opened.escalatesMicros());
                if (held.timeMicros() == opened.timeMicros()) {
                    Demanded tier = reached(held.debit(), held.credit(), held.amount(), PolicyTier.Kind.TRANSFER);
                    require(
                            tier != null && tier.roles().equals(asked.roles()),
                            opened,
                            "does not ask for what the policy does: " + tier);
                    yield tier.standInAfterMicros() == 0 ? tier : from(tier, opened.timeMicros());
                }
                yield asked;
            }
            case POLICY -> from(tierOf(PolicyTier.Kind.POLICY), opened.timeMicros());
            case KEYS -> from(tierOf(PolicyTier.Kind.KEYS), opened.timeMicros());
            case RECOVERY ->
                new Demanded(counts(opened.demands()), Set.copyOf(opened.escalationRoles()), opened.escalatesMicros());
        };
    }

    private static Demanded from(Demanded demanded, long opened) {
        return demanded.standIns().isEmpty()
                ? demanded
                : new Demanded(demanded.roles(), demanded.standIns(), opened + demanded.standInAfterMicros());
    }

    private Demanded tierOf(PolicyTier.Kind kind) {
        return tiers.stream()
                .filter(tier -> tier.kind() == kind)
                .findFirst()
                .map(tier -> new Demanded(
                        counts(tier.demands()),
                        Set.copyOf(tier.escalationRoles()),
                        tier.escalateAfterSeconds() * SECOND))
                .orElseThrow(() -> new SimulationFailed("a case of kind " + kind + " without a tier"));
    }

    private Demanded reached(long debit, long credit, long amount, PolicyTier.Kind kind) {
        int one = accounts.get(debit).accountClass();
        int other = accounts.get(credit).accountClass();
        return reached(accounts.get(debit).asset(), c -> c == 0 || c == one || c == other ? amount : 0, kind);
    }

    /** Of each class the highest tier that is reached, all of them joined; null when none is. */
    private Demanded reached(String asset, IntToLongFunction moved, PolicyTier.Kind kind) {
        Map<String, Integer> roles = new HashMap<>();
        Set<String> standIns = null;
        long after = 0;
        for (int c = 0; c < CLASSES; c++) {
            PolicyTier highest = null;
            for (PolicyTier tier : tiers) {
                boolean fits = tier.kind() == kind
                        && tier.asset().equals(asset)
                        && tier.accountClass() == c
                        && tier.fromAmount() <= moved.applyAsLong(c);
                if (fits && (highest == null || tier.fromAmount() > highest.fromAmount())) {
                    highest = tier;
                }
            }
            if (highest != null) {
                highest.demands().forEach(d -> roles.merge(d.role(), d.count(), Math::max));
                Set<String> own = new HashSet<>(highest.escalationRoles());
                if (standIns == null) {
                    standIns = own;
                } else {
                    standIns.retainAll(own);
                }
                after = Math.max(after, highest.escalateAfterSeconds() * SECOND);
            }
        }
        return roles.isEmpty() ? null : new Demanded(roles, standIns, standIns.isEmpty() ? 0 : after);
    }

    private static Map<String, Integer> counts(List<Demand> demands) {
        Map<String, Integer> counts = new HashMap<>();
        demands.forEach(demand -> counts.merge(demand.role(), demand.count(), Math::max));
        return counts;
    }

    private void approval(Leaf.ApprovalRecorded approval) {
        Case open = cases.get(approval.caseId());
        require(open != null && !open.approved && !open.denied, approval, "is about no open case");
        String text = new ApprovalText(
                        approval.caseId(),
                        approval.payloadDigest().toArray(),
                        approval.approve(),
                        approval.expiresMicros(),
                        approval.reasonDigest().toArray())
                .text();
        requireGenuine(approval, approval.keyId(), approval.signature(), text);
        require(approval.expiresMicros() >= approval.timeMicros(), approval, "had expired");
        require(open.opened.payloadDigest().equals(approval.payloadDigest()), approval, "is about another payload");
        Genesis.Key key = active.get(approval.keyId());
        require(!key.person().equals(open.opened.requester()), approval, "is the requester's own");
        require(!key.person().equals(subject(open)), approval, "is of the person whose keys change");
        if (approval.approve()) {
            Signed before = open.signed.put(key.person(), new Signed(key.keyId(), key.roles(), approval.timeMicros()));
            require(before == null, approval, "is the second of one person");
        } else {
            open.denied = true;
        }
    }

    private void verdict(Leaf.VerdictRecorded verdict) {
        String text = new VerdictText(
                        "transfer:" + verdict.id(),
                        verdict.payloadDigest().toArray(),
                        verdict.clear(),
                        verdict.expiresMicros(),
                        verdict.evidenceDigest().toArray())
                .text();
        requireGenuine(verdict, verdict.keyId(), verdict.signature(), text);
        require(active.get(verdict.keyId()).roles().equals(List.of("detector")), verdict, "is of no detector");
        if (verdict.clear()) {
            cleared.add(verdict.id());
        }
    }

    private void requireGenuine(Leaf leaf, String keyId, Leaf.Bytes signature, String text) {
        require(active.containsKey(keyId), leaf, "is of a key that is not active");
        require(
                (keyId + "\n" + text).equals(genuine.get(signature.toString())),
                leaf,
                "carries a signature that nobody made over this");
    }

    private String subject(Case open) {
        if (open.change == null || open.opened.kind() != CaseKind.KEYS) {
            return "";
        }
        KeyChange change = KeyChange.decode(open.change.body().toArray());
        if (change instanceof KeyChange.Register c) {
            return c.key().person();
        }
        if (change instanceof KeyChange.Roles c) {
            return c.person();
        }
        String keyId = change instanceof KeyChange.Rotate c ? c.keyId() : ((KeyChange.Revoke) change).keyId();
        return active.containsKey(keyId) ? active.get(keyId).person() : "";
    }

    private void decided(Leaf.CaseDecided decided) {
        Case open = cases.get(decided.caseId());
        require(open != null && !open.approved, decided, "is about no open case");
        switch (decided.outcome()) {
            case APPROVED -> {
                require(!open.denied, decided, "was denied before");
                require(seated(open), decided, "has not its approvals: " + open.signed + " for " + open.demanded);
                open.approved = true;
            }
            case DENIED -> require(open.denied, decided, "was denied by nobody");
            case EXPIRED, SUPERSEDED -> open.denied = true;
        }
    }

    private void posted(Leaf.HoldPosted posted) {
        require(posted.amount() == gated.get(posted.id()).amount(), posted, "posts another amount than was approved");
        Case people = cases.get("transfer:" + posted.id());
        boolean byPeople = people != null && people.approved;
        require(
                byPeople || people == null && cleared.contains(posted.id()),
                posted,
                "was posted without its approvals");
        happened.merge(byPeople ? "posted by people" : "posted by verdict", 1L, Long::sum);
    }

    private void policyChanged(Leaf.PolicyChanged changed) {
        Case open = cases.get(changed.caseId());
        require(open != null && open.approved && open.change != null, changed, "took effect without approval");
        byte[] body = open.change.body().toArray();
        require(open.change.baseVersion() == version, changed, "replaces another version than " + version);
        require(
                Arrays.equals(
                        ChangePayload.policyDigest(version, body),
                        open.opened.payloadDigest().toArray()),
                changed,
                "is not what was approved");
        version++;
        require(changed.version() == version, changed, "is version " + changed.version() + " after " + (version - 1));
        tiers = Policy.decode(body).tiers();
    }

    private void keysChanged(Leaf.KeysChanged changed) {
        Case open = cases.get(changed.caseId());
        require(open != null && open.approved && open.change != null, changed, "took effect without approval");
        byte[] body = open.change.body().toArray();
        require(
                Arrays.equals(
                        ChangePayload.keysDigest(body),
                        open.opened.payloadDigest().toArray()),
                changed,
                "is not what was approved");
        KeyChange change = KeyChange.decode(body);
        if (change instanceof KeyChange.Register c) {
            active.put(c.key().keyId(), c.key());
        } else if (change instanceof KeyChange.Rotate c) {
            Genesis.Key old = active.remove(c.keyId());
            active.put(c.newKeyId(), new Genesis.Key(c.newKeyId(), old.person(), old.roles(), c.newKey()));
        } else if (change instanceof KeyChange.Revoke c) {
            active.remove(c.keyId());
            cases.values()
                    .forEach(other -> forget(other, signed -> signed.keyId().equals(c.keyId())));
        } else if (change instanceof KeyChange.Roles c) {
            active.replaceAll((id, key) ->
                    key.person().equals(c.person()) ? new Genesis.Key(id, key.person(), c.roles(), key.key()) : key);
            cases.values().stream().filter(other -> !other.approved).forEach(other -> other.signed.remove(c.person()));
        }
    }

    private static void forget(Case other, java.util.function.Predicate<Signed> which) {
        if (!other.approved) {
            other.signed.values().removeIf(which);
        }
    }

    private static boolean seated(Case open) {
        List<String> seats = new ArrayList<>();
        open.demanded.roles().forEach((role, count) -> {
            for (int i = 0; i < count; i++) {
                seats.add(role);
            }
        });
        return seated(open.demanded, seats, 0, new ArrayList<>(open.signed.values()));
    }

    /** Tries every person left on the next seat; seats and persons are few. */
    private static boolean seated(Demanded demanded, List<String> seats, int next, List<Signed> left) {
        if (next == seats.size()) {
            return true;
        }
        for (Signed person : left) {
            boolean standsIn = demanded.standInAfterMicros() > 0
                    && person.timeMicros() >= demanded.standInAfterMicros()
                    && person.roles().stream().anyMatch(demanded.standIns()::contains);
            if (standsIn || person.roles().contains(seats.get(next))) {
                List<Signed> others = new ArrayList<>(left);
                others.remove(person);
                if (seated(demanded, seats, next + 1, others)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void require(boolean holds, Leaf leaf, String otherwise) {
        if (!holds) {
            throw new SimulationFailed("leaf " + leaf.sequence() + " " + otherwise + ": " + leaf);
        }
    }
}
