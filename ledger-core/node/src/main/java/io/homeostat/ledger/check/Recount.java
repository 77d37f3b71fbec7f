package io.homeostat.ledger.check;

import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.KeyChange;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import io.homeostat.merkle.bundle.LeafMalformed;
import io.homeostat.merkle.bundle.Policy;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Follows every leaf from the first on and counts for itself: balances, open holds, cases, nodes. One method per event, so
 * that a new event does not compile before it is counted here; an unknown one is refused loudly. Not thread-safe.
 */
final class Recount implements Leaf.Handler {
    static final String JOURNAL = "journal";
    private final Differences differences;
    private final List<Account> accounts = new ArrayList<>();
    private final Map<String, Account> accountsById = new HashMap<>();
    private final Map<UUID, Leaf.TransferHeld> openHolds = new LinkedHashMap<>();
    private final Set<UUID> screenings = new HashSet<>();
    private final Map<String, Case> cases = new LinkedHashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final IdSet ids = new IdSet();
    private final List<Settled> listeners = new ArrayList<>();
    private final Map<String, Genesis.Key> keys = new LinkedHashMap<>();
    private final Set<String> retired = new HashSet<>();
    private Leaf.@Nullable GenesisLeaf genesis;
    private @Nullable Policy policy;
    private long policyVersion;
    private long next;
    private long time;
    private long transfers;

    /** A transfer has come to its end: nothing changes it any more. */
    interface Settled {
        void settled(UUID id, String status, long debit, long credit, long amount, long sequence);
    }

    static final class Account {
        final Leaf.AccountCreated created;
        long debitsPosted;
        long creditsPosted;
        long debitsHeld;
        long creditsHeld;

        Account(Leaf.AccountCreated created) {
            this.created = created;
        }
    }

    static final class Case {
        final Leaf.CaseOpened opened;
        /** Key ids of the signatures that count. */
        final List<String> approvals = new ArrayList<>();

        Leaf.@Nullable ChangeProposed change;
        String state = "open";
        long decidedAt = -1;

        Case(Leaf.CaseOpened opened) {
            this.opened = opened;
        }
    }

    static final class Node {
        boolean isolated;
        boolean diverged;
        long attestedIndex;
        String digest = "";
    }

    Recount(Differences differences) {
        this.differences = differences;
    }

    void onSettled(Settled listener) {
        listeners.add(listener);
    }

    /** @throws UnknownEvent when the leaf can not be read: a check that skips what it does not know would be no check */
    void follow(byte[] bytes) {
        Leaf leaf;
        try {
            leaf = LeafDecoder.decode(bytes);
        } catch (LeafMalformed e) {
            throw new UnknownEvent("leaf " + next + " is no event that this version knows: " + e.getMessage(), e);
        }
        differences.same(JOURNAL, "leaf", next, next, leaf.sequence());
        if (leaf.timeMicros() < time) {
            differences.add(JOURNAL, "ledger time", next, "not before " + time, leaf.timeMicros());
        }
        time = Math.max(time, leaf.timeMicros());
        leaf.handle(this);
        next++;
    }

    long leaves() {
        return next;
    }

    long transfers() {
        return transfers;
    }

    List<Account> accounts() {
        return accounts;
    }

    Map<UUID, Leaf.TransferHeld> openHolds() {
        return openHolds;
    }

    Map<String, Case> cases() {
        return cases;
    }

    Map<String, Node> nodes() {
        return nodes;
    }

    Leaf.GenesisLeaf genesis() {
        if (genesis == null) {
            throw new UnknownEvent("the journal does not begin with a genesis", null);
        }
        return genesis;
    }

    Policy policy() {
        return Objects.requireNonNull(policy, "policy before the genesis");
    }

    long policyVersion() {
        return policyVersion;
    }

    List<Genesis.Key> activeKeys() {
        return keys.values().stream()
                .filter(key -> !retired.contains(key.keyId()))
                .toList();
    }

    String accountId(long ordinal) {
        return ordinal < accounts.size() ? accounts.get((int) ordinal).created.id() : "ordinal " + ordinal;
    }

    Map<String, BigInteger> sums() {
        Map<String, BigInteger> sums = new TreeMap<>();
        for (Account account : accounts) {
            sums.merge(
                    account.created.asset(),
                    BigInteger.valueOf(account.creditsPosted).subtract(BigInteger.valueOf(account.debitsPosted)),
                    BigInteger::add);
        }
        return sums;
    }

    @Override
    public void genesis(Leaf.GenesisLeaf leaf) {
        if (genesis != null) {
            differences.add(JOURNAL, "genesis", next, "only at sequence 0", "a second one");
            return;
        }
        genesis = leaf;
        leaf.genesis().nodes().forEach(node -> nodes.put(node.id(), new Node()));
        leaf.genesis().keys().forEach(key -> keys.put(key.keyId(), key));
        policy = leaf.genesis().policy();
        policyVersion = 1;
    }

    @Override
    public void accountCreated(Leaf.AccountCreated leaf) {
        differences.same(JOURNAL, "account " + leaf.id() + " ordinal", next, (long) accounts.size(), leaf.ordinal());
        Account account = new Account(leaf);
        accounts.add(account);
        if (accountsById.put(leaf.id(), account) != null) {
            differences.add(JOURNAL, "account " + leaf.id(), next, "made once", "made again");
        }
    }

    @Override
    public void transferPosted(Leaf.TransferPosted leaf) {
        if (isNew(leaf.id()) && move(leaf.id(), leaf.debit(), leaf.credit(), leaf.amount(), Recount::post)) {
            settled(leaf.id(), "posted", leaf.debit(), leaf.credit(), leaf.amount());
        }
    }

    @Override
    public void transferHeld(Leaf.TransferHeld leaf) {
        if (isNew(leaf.id()) && move(leaf.id(), leaf.debit(), leaf.credit(), leaf.amount(), Recount::hold)) {
            openHolds.put(leaf.id(), leaf);
        }
    }

    @Override
    public void holdPosted(Leaf.HoldPosted leaf) {
        Leaf.TransferHeld held = close(leaf.id(), "posted");
        if (held == null) {
            return;
        }
        if (leaf.amount() > held.amount()) {
            differences.add(JOURNAL, "hold " + leaf.id(), next, "at most " + held.amount() + " posted", leaf.amount());
        }
        move(leaf.id(), held.debit(), held.credit(), leaf.amount(), Recount::post);
        settled(leaf.id(), "posted", held.debit(), held.credit(), leaf.amount());
    }

    @Override
    public void holdVoided(Leaf.HoldVoided leaf) {
        Leaf.TransferHeld held = close(leaf.id(), "voided");
        if (held != null) {
            settled(leaf.id(), "voided", held.debit(), held.credit(), held.amount());
        }
    }

    @Override
    public void holdExpired(Leaf.HoldExpired leaf) {
        Leaf.TransferHeld held = close(leaf.id(), "expired");
        if (held != null) {
            settled(leaf.id(), "expired", held.debit(), held.credit(), held.amount());
        }
    }

    @Override
    public void caseOpened(Leaf.CaseOpened leaf) {
        if (cases.putIfAbsent(leaf.caseId(), new Case(leaf)) != null) {
            differences.add(JOURNAL, "case " + leaf.caseId(), next, "opened once", "opened again");
        }
    }

    @Override
    public void approvalRecorded(Leaf.ApprovalRecorded leaf) {
        Case known = openCase(leaf.caseId(), "an approval");
        if (known != null) {
            known.approvals.add(leaf.keyId());
            differences.same(
                    JOURNAL,
                    "payload of case " + leaf.caseId(),
                    next,
                    known.opened.payloadDigest(),
                    leaf.payloadDigest());
            if (!keys.containsKey(leaf.keyId()) || retired.contains(leaf.keyId())) {
                differences.add(JOURNAL, "case " + leaf.caseId(), next, "a key that may sign", leaf.keyId());
            }
        }
    }

    @Override
    public void caseDecided(Leaf.CaseDecided leaf) {
        Case known = openCase(leaf.caseId(), "a decision");
        if (known != null) {
            known.state = leaf.outcome().name().toLowerCase(java.util.Locale.ROOT);
            known.decidedAt = next;
        }
    }

    @Override
    public void refused(Leaf.Refused leaf) {
        // Evidence only: a refusal changes nothing that is derived.
    }

    @Override
    public void nodeIsolated(Leaf.NodeIsolated leaf) {
        node(leaf.node()).isolated = true;
    }

    @Override
    public void nodeAdmitted(Leaf.NodeAdmitted leaf) {
        Node node = node(leaf.node());
        node.isolated = false;
        node.diverged = false;
    }

    @Override
    public void attested(Leaf.Attested leaf) {
        Node node = node(leaf.node());
        node.attestedIndex = leaf.raftIndex();
        node.digest = io.homeostat.merkle.Digests.hex(leaf.stateDigest().toArray());
    }

    @Override
    public void nodeDiverged(Leaf.NodeDiverged leaf) {
        node(leaf.node()).diverged = true;
    }

    @Override
    public void trailAnchored(Leaf.TrailAnchored leaf) {
        // The trail has a tree of its own, which bundles carry and `homeostat verify` follows.
    }

    @Override
    public void legsPosted(Leaf.LegsPosted leaf) {
        if (!isNew(leaf.id())) {
            return;
        }
        Map<String, BigInteger> sums = new TreeMap<>();
        for (Leaf.Leg leg : leaf.legs()) {
            if (leg.account() >= accounts.size()) {
                differences.add(
                        JOURNAL,
                        "transfer " + leaf.id(),
                        next,
                        "accounts below ordinal " + accounts.size(),
                        leg.account());
                return;
            }
            Account account = accounts.get((int) leg.account());
            sums.merge(account.created.asset(), BigInteger.valueOf(leg.amount()), BigInteger::add);
            try {
                if (leg.amount() < 0) {
                    account.debitsPosted = Math.subtractExact(account.debitsPosted, leg.amount());
                } else {
                    account.creditsPosted = Math.addExact(account.creditsPosted, leg.amount());
                }
            } catch (ArithmeticException e) {
                differences.add(JOURNAL, "transfer " + leaf.id(), next, "sums of at most 63 bits", "an overflow");
            }
        }
        sums.forEach((asset, sum) ->
                differences.same(JOURNAL, "legs of " + leaf.id() + " in " + asset, next, "0", sum.toString()));
    }

    @Override
    public void transferTerms(Leaf.TransferTerms leaf) {
        // Dates and links change no balance; `homeostat verify` judges them.
    }

    @Override
    public void maintenanceSet(Leaf.MaintenanceSet leaf) {
        // No balance follows from it: that nothing was written meanwhile shows in the leaves themselves.
    }

    @Override
    public void changeProposed(Leaf.ChangeProposed leaf) {
        Case known = openCase(leaf.caseId(), "a proposed change");
        if (known != null) {
            known.change = leaf;
        }
    }

    @Override
    public void policyChanged(Leaf.PolicyChanged leaf) {
        Leaf.ChangeProposed change = approvedChange(leaf.caseId());
        if (change != null) {
            policyVersion++;
            policy = Policy.decode(change.body().toArray());
            differences.same(JOURNAL, "policy version", next, policyVersion, leaf.version());
        }
    }

    @Override
    public void keysChanged(Leaf.KeysChanged leaf) {
        Leaf.ChangeProposed proposed = approvedChange(leaf.caseId());
        if (proposed == null) {
            return;
        }
        KeyChange change = KeyChange.decode(proposed.body().toArray());
        if (change instanceof KeyChange.Register c) {
            keys.put(c.key().keyId(), c.key());
        } else if (change instanceof KeyChange.Rotate c) {
            Genesis.Key old = keys.get(c.keyId());
            if (old == null) {
                differences.add(JOURNAL, "key " + c.keyId(), next, "a registered key to rotate", "none");
                return;
            }
            retired.add(c.keyId());
            keys.put(c.newKeyId(), new Genesis.Key(c.newKeyId(), old.person(), old.roles(), c.newKey()));
        } else if (change instanceof KeyChange.Revoke c) {
            retired.add(c.keyId());
            forget(c.keyId()::equals);
        } else if (change instanceof KeyChange.Roles c) {
            keys.replaceAll((id, key) -> key.person().equals(c.person()) && !retired.contains(id)
                    ? new Genesis.Key(id, key.person(), c.roles(), key.key())
                    : key);
            forget(id -> {
                Genesis.Key key = keys.get(id);
                return key != null && key.person().equals(c.person());
            });
        }
    }

    @Override
    public void screeningBegun(Leaf.ScreeningBegun leaf) {
        Leaf.TransferHeld held = openHolds.get(leaf.id());
        if (held == null || !held.gated() || !screenings.add(leaf.id())) {
            differences.add(JOURNAL, "screening of " + leaf.id(), next, "one, of an open gated hold", "another");
        }
    }

    @Override
    public void verdictRecorded(Leaf.VerdictRecorded leaf) {
        endScreening(leaf.id());
        Genesis.Key key = keys.get(leaf.keyId());
        if (key == null || retired.contains(leaf.keyId()) || !key.roles().equals(List.of("detector"))) {
            differences.add(JOURNAL, "verdict on " + leaf.id(), next, "an active key of a detector", leaf.keyId());
        }
    }

    @Override
    public void screeningLapsed(Leaf.ScreeningLapsed leaf) {
        endScreening(leaf.id());
    }

    @Override
    public void approvalRefused(Leaf.ApprovalRefused leaf) {
        // Evidence only: a refusal changes nothing that is derived.
    }

    @Override
    public void refusalsCounted(Leaf.RefusalsCounted leaf) {
        // Evidence only, as the refusals that it counts.
    }

    private void endScreening(UUID id) {
        if (!screenings.remove(id)) {
            differences.add(JOURNAL, "screening of " + id, next, "one that waits", "none");
        }
    }

    /** Signatures in open cases that no longer count. */
    private void forget(Predicate<String> keyId) {
        for (Case each : cases.values()) {
            if (each.state.equals("open")) {
                each.approvals.removeIf(keyId);
            }
        }
    }

    private Leaf.@Nullable ChangeProposed approvedChange(String caseId) {
        Case known = cases.get(caseId);
        if (known == null || known.change == null || !known.state.equals("approved")) {
            differences.add(JOURNAL, "change of case " + caseId, next, "an approved one", "none");
            return null;
        }
        return known.change;
    }

    private interface Movement {
        void apply(Account debit, Account credit, long amount);
    }

    private static void post(Account debit, Account credit, long amount) {
        debit.debitsPosted = Math.addExact(debit.debitsPosted, amount);
        credit.creditsPosted = Math.addExact(credit.creditsPosted, amount);
    }

    private static void hold(Account debit, Account credit, long amount) {
        debit.debitsHeld = Math.addExact(debit.debitsHeld, amount);
        credit.creditsHeld = Math.addExact(credit.creditsHeld, amount);
    }

    private boolean move(UUID id, long debit, long credit, long amount, Movement movement) {
        if (debit >= accounts.size() || credit >= accounts.size()) {
            differences.add(
                    JOURNAL,
                    "transfer " + id,
                    next,
                    "accounts below ordinal " + accounts.size(),
                    "ordinals " + debit + " and " + credit);
            return false;
        }
        try {
            movement.apply(accounts.get((int) debit), accounts.get((int) credit), amount);
            return true;
        } catch (ArithmeticException e) {
            differences.add(JOURNAL, "transfer " + id, next, "sums of at most 63 bits", "an overflow");
            return false;
        }
    }

    private boolean isNew(UUID id) {
        if (ids.add(id)) {
            transfers++;
            return true;
        }
        differences.add(JOURNAL, "transfer " + id, next, "decided once", "decided again");
        return false;
    }

    private Leaf.@Nullable TransferHeld close(UUID id, String how) {
        Leaf.TransferHeld held = openHolds.remove(id);
        if (held == null) {
            differences.add(JOURNAL, "hold " + id, next, "an open hold", "none, and it is " + how);
            return null;
        }
        move(id, held.debit(), held.credit(), -held.amount(), Recount::hold);
        return held;
    }

    private void settled(UUID id, String status, long debit, long credit, long amount) {
        for (Settled listener : listeners) {
            listener.settled(id, status, debit, credit, amount, next);
        }
    }

    private @Nullable Case openCase(String id, String what) {
        Case known = cases.get(id);
        if (known == null || !known.state.equals("open")) {
            differences.add(JOURNAL, "case " + id, next, "open for " + what, known == null ? "unknown" : known.state);
            return null;
        }
        return known;
    }

    private Node node(String id) {
        Node known = nodes.get(id);
        if (known == null) {
            differences.add(JOURNAL, "node " + id, next, "a node of the genesis", "unknown");
            known = new Node();
            nodes.put(id, known);
        }
        return known;
    }
}
