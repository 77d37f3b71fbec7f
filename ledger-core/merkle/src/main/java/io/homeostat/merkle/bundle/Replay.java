package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.VerdictText;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's rules once more, in code of the auditor's own: follows every leaf and reports what the rules of
 * docs/encoding.md do not allow. Each leaf is judged against the state that the leaves before it gave; then it is applied,
 * as far as it can be, so that one lie does not hide the next.
 *
 * <p>A node that was isolated or that diverged is no failure of the ledger. Not thread-safe.
 */
final class Replay implements Leaf.Handler {
    private static final String SECTION = BundleSection.JOURNAL.wireName();
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    private static final int MOST_DAYS_APART = 366;
    private static final long MICROS_PER_MILLI = 1_000;
    private static final String DETECTOR = "detector";
    /** 0 is accepted, 1 a repetition of what was accepted. */
    private static final int LAST_ACCEPTING_REASON = 1;

    private final Findings findings;
    private final Consumer<Bytes> cited;
    private final List<Account> accounts = new ArrayList<>();
    private final Set<String> accountIds = new HashSet<>();
    private final Map<String, Integer> exponents = new HashMap<>();
    private final TransferIds transferIds = new TransferIds();
    private final Map<UUID, Hold> openHolds = new HashMap<>();
    private final Map<UUID, Screening> screenings = new HashMap<>();
    private final Map<String, GateCase> cases = new HashMap<>();
    private final List<Leaf.TrailAnchored> anchors = new ArrayList<>();
    private final Set<String> persons = new HashSet<>();
    private @Nullable Genesis genesis;
    private final Set<String> openChanges = new LinkedHashSet<>();
    private Policy policy = new Policy(List.of());
    private long policyVersion = 1;
    private KeyBook keys = new KeyBook(List.of());
    /** The one reversal of each reversed transfer, and the reverse of it. */
    private final Map<UUID, UUID> reversals = new HashMap<>();

    private final Map<UUID, UUID> reversed = new HashMap<>();
    private Leaf.@Nullable TransferTerms terms;
    private @Nullable Expectation expected;
    private long sequence;
    private long offset;

    private long transfers;
    private long gatedHolds;
    private long gatedPostings;
    private long approvalsChecked;
    private long approvalsCounted;
    private long refusals;
    private long isolations;
    private long divergences;

    private static final class Account {
        final String id;
        final String asset;
        final int accountClass;
        final boolean debitsMustNotExceedCredits;
        final boolean creditsMustNotExceedDebits;
        long debitsPosted;
        long creditsPosted;
        long debitsHeld;
        long creditsHeld;

        Account(Leaf.AccountCreated leaf) {
            this.id = leaf.id();
            this.asset = leaf.asset();
            this.accountClass = leaf.accountClass();
            this.debitsMustNotExceedCredits = leaf.debitsMustNotExceedCredits();
            this.creditsMustNotExceedDebits = leaf.creditsMustNotExceedDebits();
        }
    }

    /** @param tier the one that gates it by the policy, whatever the leaf says; null when none does */
    private record Hold(
            Leaf.TransferHeld leaf,
            Account debit,
            Account credit,
            @Nullable Requirement tier,
            @Nullable Requirement screening) {
        boolean gated() {
            return tier != null || screening != null || leaf.gated();
        }
    }

    /** A hold that waits for its verdict, and what came of it. */
    private static final class Screening {
        final Leaf.ScreeningBegun begun;
        boolean clear;
        boolean toPeople;

        Screening(Leaf.ScreeningBegun begun) {
            this.begun = begun;
        }
    }

    /** What the very next leaf must be, because the ledger writes the two in one command. */
    private record Expectation(long since, String what, Predicate<Leaf> holds) {}

    /** @param cited takes every digest of a text that a leaf cites */
    Replay(Findings findings, Consumer<Bytes> cited) {
        this.findings = findings;
        this.cited = cited;
    }

    /** @param atOffset byte offset of the leaf's frame in the bundle */
    void follow(Leaf leaf, long atOffset) {
        sequence = leaf.sequence();
        offset = atOffset;
        Expectation due = expected;
        expected = null;
        if (due != null && !due.holds.test(leaf)) {
            incomplete("after leaf " + due.since + " " + due.what + " must follow at once");
        }
        leaf.handle(this);
    }

    Genesis genesis() {
        if (genesis == null) {
            throw new IllegalStateException("leaf 0 was not replayed");
        }
        return genesis;
    }

    boolean begun() {
        return genesis != null;
    }

    boolean knowsCase(String caseId) {
        return cases.containsKey(caseId);
    }

    List<Leaf.TrailAnchored> anchors() {
        return anchors;
    }

    /** Checks that the balances of each asset add up to nothing, and returns the counts. */
    Statistics finish(long leaves, long trailLeaves, long texts) {
        Map<String, BigInteger> sums = new TreeMap<>();
        for (Account account : accounts) {
            BigInteger balance =
                    BigInteger.valueOf(account.creditsPosted).subtract(BigInteger.valueOf(account.debitsPosted));
            sums.merge(account.asset, balance, BigInteger::add);
        }
        sums.forEach((asset, sum) -> {
            if (sum.signum() != 0) {
                incomplete("the balances of " + asset + " must add up to 0 but give " + sum);
            }
        });
        return new Statistics(
                leaves,
                accounts.size(),
                transfers,
                gatedHolds,
                gatedPostings,
                cases.size(),
                approvalsChecked,
                approvalsCounted,
                persons.size(),
                refusals,
                isolations,
                divergences,
                anchors.size(),
                trailLeaves,
                texts,
                sums);
    }

    @Override
    public void genesis(Leaf.GenesisLeaf leaf) {
        if (genesis == null) {
            genesis = leaf.genesis();
            policy = genesis.policy();
            keys = new KeyBook(genesis.keys());
        } else {
            incomplete("a second GENESIS would change who may approve");
        }
    }

    @Override
    public void accountCreated(Leaf.AccountCreated leaf) {
        if (leaf.ordinal() != accounts.size()) {
            incomplete("account ordinal must be " + accounts.size() + " but is " + leaf.ordinal());
        }
        Integer exponent = exponents.putIfAbsent(leaf.asset(), leaf.exponent());
        if (exponent != null && exponent != leaf.exponent()) {
            incomplete("account " + leaf.id() + " counts " + leaf.asset() + " with exponent " + leaf.exponent()
                    + " but the ones before with " + exponent);
        }
        if (!accountIds.add(leaf.id())) {
            incomplete("account " + leaf.id() + " exists already");
        }
        accounts.add(new Account(leaf));
    }

    @Override
    public void transferPosted(Leaf.TransferPosted leaf) {
        Account debit = account(leaf.debit(), "debit");
        Account credit = account(leaf.credit(), "credit");
        if (!isNewTransfer(leaf.id()) || debit == null || credit == null || !mayMove(debit, credit, leaf.amount())) {
            return;
        }
        Requirement tier = tierOf(debit, credit, leaf.amount());
        if (tier != null) {
            incomplete("transfer " + leaf.id() + " of " + leaf.amount() + " " + debit.asset + " falls in tier '"
                    + tier.name() + "' but was posted without a hold and without approval");
        }
        Requirement screening = tier == null ? screeningOf(debit, credit, leaf.amount()) : null;
        if (screening != null) {
            incomplete("transfer " + leaf.id() + " of " + leaf.amount() + " " + debit.asset
                    + " falls in screening tier '" + screening.name() + "' but was posted without a verdict");
        }
        long moved = moved(leaf.debit(), leaf.credit(), leaf.amount());
        checkTerms(leaf.timeMicros(), leaf.id(), moved(leaf.credit(), leaf.debit(), leaf.amount()));
        transferIds.posted(leaf.id(), moved);
        debit.debitsPosted += leaf.amount();
        credit.creditsPosted += leaf.amount();
        transfers++;
    }

    @Override
    public void transferHeld(Leaf.TransferHeld leaf) {
        Account debit = account(leaf.debit(), "debit");
        Account credit = account(leaf.credit(), "credit");
        if (!isNewTransfer(leaf.id()) || debit == null || credit == null || !mayMove(debit, credit, leaf.amount())) {
            return;
        }
        Requirement tier = tierOf(debit, credit, leaf.amount());
        Requirement screening = tier == null ? screeningOf(debit, credit, leaf.amount()) : null;
        Requirement gating = tier == null ? screening : tier;
        if (leaf.gated() != (gating != null)) {
            incomplete("hold " + leaf.id() + " of " + leaf.amount() + " " + debit.asset + " says gated=" + leaf.gated()
                    + " but the policy "
                    + (gating == null ? "does not gate it" : "gates it by tier '" + gating.name() + "'"));
        }
        if (screening != null) {
            expected = new Expectation(
                    sequence,
                    "SCREENING_BEGUN of " + leaf.id(),
                    next -> next instanceof Leaf.ScreeningBegun b && b.id().equals(leaf.id()));
        }
        if (leaf.expiresMicros() < leaf.timeMicros()) {
            incomplete("hold " + leaf.id() + " expired before it was made");
        }
        checkTerms(leaf.timeMicros(), leaf.id(), moved(leaf.credit(), leaf.debit(), leaf.amount()));
        Hold hold = new Hold(leaf, debit, credit, tier, screening);
        debit.debitsHeld += leaf.amount();
        credit.creditsHeld += leaf.amount();
        openHolds.put(leaf.id(), hold);
        gatedHolds += hold.gated() ? 1 : 0;
    }

    @Override
    public void holdPosted(Leaf.HoldPosted leaf) {
        Hold hold = close(leaf.id(), "post");
        if (hold == null) {
            return;
        }
        long amount = leaf.amount();
        if (amount > hold.leaf.amount()) {
            incomplete("hold " + leaf.id() + " of " + hold.leaf.amount() + " was posted with " + amount);
            amount = hold.leaf.amount();
        }
        if (leaf.timeMicros() > hold.leaf.expiresMicros()) {
            incomplete("hold " + leaf.id() + " was posted after it had expired");
        }
        if (hold.gated()) {
            gatedPostings++;
            checkGatedPosting(leaf, hold);
        }
        if (reversed.containsKey(leaf.id()) && amount != hold.leaf.amount()) {
            incomplete("reversal " + leaf.id() + " must be posted whole");
        }
        transferIds.posted(leaf.id(), moved(hold.leaf.debit(), hold.leaf.credit(), amount));
        hold.debit.debitsPosted += amount;
        hold.credit.creditsPosted += amount;
        transfers++;
    }

    private void checkGatedPosting(Leaf.HoldPosted leaf, Hold hold) {
        if (leaf.amount() != hold.leaf.amount()) {
            incomplete("gated hold " + leaf.id() + " must be posted whole, " + hold.leaf.amount()
                    + ", but was posted with " + leaf.amount());
        }
        GateCase gate = cases.get(CaseKind.TRANSFER.prefix() + leaf.id());
        Screening screening = screenings.get(leaf.id());
        if (screening != null && screening.clear && gate == null) {
            return;
        }
        if (gate == null) {
            incomplete("gated hold " + leaf.id() + " was posted without an approval case");
        } else if (gate.outcome() != Leaf.Outcome.APPROVED) {
            incomplete("gated hold " + leaf.id() + " was posted but its case is " + gate.stateText());
        } else if (!gate.isFilled()) {
            incomplete("gated hold " + leaf.id() + " was posted but its case lacks " + gate.missing());
        }
    }

    @Override
    public void holdVoided(Leaf.HoldVoided leaf) {
        Hold hold = close(leaf.id(), "void");
        if (hold == null) {
            return;
        }
        forgetReversal(leaf.id());
        if (!leaf.deniedByApprovers()) {
            if (hold.gated()) {
                incomplete("gated hold " + leaf.id() + " was voided by a client but ends with its case only");
            }
            return;
        }
        GateCase gate = cases.get(CaseKind.TRANSFER.prefix() + leaf.id());
        if (gate == null || !gate.isDenied()) {
            incomplete("hold " + leaf.id()
                    + " was voided as denied by approvers but no valid denial stands in the journal");
        }
    }

    @Override
    public void holdExpired(Leaf.HoldExpired leaf) {
        Hold hold = close(leaf.id(), "expire");
        forgetReversal(leaf.id());
        if (hold != null && leaf.timeMicros() < hold.leaf.expiresMicros()) {
            incomplete("hold " + leaf.id() + " expired before its time");
        }
    }

    @Override
    public void caseOpened(Leaf.CaseOpened leaf) {
        if (leaf.kind() == CaseKind.RECOVERY) {
            cited.accept(leaf.payloadDigest());
        }
        if (cases.containsKey(leaf.caseId())) {
            incomplete("case " + leaf.caseId() + " exists already");
            return;
        }
        if (!leaf.caseId().startsWith(leaf.kind().prefix())) {
            incomplete("the id of a " + leaf.kind() + " case must begin with '"
                    + leaf.kind().prefix() + "' but is " + leaf.caseId());
        }
        Hold hold = null;
        if (leaf.kind() == CaseKind.TRANSFER) {
            hold = checkTransferCase(leaf);
        } else if (leaf.kind() == CaseKind.RECOVERY) {
            if (policy.recoveryTiers().stream().noneMatch(t -> Requirement.of(t).isMetBy(leaf))) {
                incomplete("no recovery tier of the policy has the demands " + leaf.demands()
                        + " and the expiry of case " + leaf.caseId());
            }
        } else {
            checkChangeCase(leaf);
        }
        cases.put(leaf.caseId(), new GateCase(leaf, hold == null ? null : hold.leaf.id()));
    }

    private void checkChangeCase(Leaf.CaseOpened leaf) {
        boolean ofPolicy = leaf.kind() == CaseKind.POLICY;
        PolicyTier tier = policy.changeTier(ofPolicy ? PolicyTier.Kind.POLICY : PolicyTier.Kind.KEYS)
                .orElse(null);
        if (tier == null || !Requirement.of(tier).isMetBy(leaf)) {
            incomplete("case " + leaf.caseId() + " demands " + leaf.demands() + " until " + leaf.expiresMicros()
                    + " but the policy in force "
                    + (tier == null ? "allows no such change" : "asks for tier '" + tier.name() + "'"));
        }
        openChanges.add(leaf.caseId());
        expected = new Expectation(
                sequence,
                "CHANGE_PROPOSED of " + leaf.caseId(),
                next -> next instanceof Leaf.ChangeProposed p && p.caseId().equals(leaf.caseId()));
    }

    @Override
    public void changeProposed(Leaf.ChangeProposed leaf) {
        GateCase gate = cases.get(leaf.caseId());
        if (gate == null || !openChanges.contains(leaf.caseId()) || gate.proposed() != null) {
            incomplete("a change was proposed for " + leaf.caseId() + ", which waits for none");
            return;
        }
        byte[] body = leaf.body().toArray();
        boolean ofPolicy = gate.kind() == CaseKind.POLICY;
        Bytes digest = new Bytes(
                ofPolicy ? ChangePayload.policyDigest(leaf.baseVersion(), body) : ChangePayload.keysDigest(body));
        if (!digest.equals(gate.payload())) {
            incomplete("the payload digest of case " + leaf.caseId() + " is not the digest of the proposed change");
            return;
        }
        String refusal = unfit(ofPolicy, leaf);
        if (refusal != null) {
            incomplete("the change of case " + leaf.caseId() + " should not have been taken: " + refusal);
            return;
        }
        gate.propose(leaf);
    }

    /** Why the change does not fit the policy and keys as they are now, null when it does. */
    private @Nullable String unfit(boolean ofPolicy, Leaf.ChangeProposed leaf) {
        try {
            if (ofPolicy) {
                Policy next = Policy.decode(leaf.body().toArray());
                return leaf.baseVersion() == policyVersion
                        ? keys.refusalOf(next)
                        : "it is based on policy " + leaf.baseVersion() + " but " + policyVersion + " is in force";
            }
            return keys.refusalOf(KeyChange.decode(leaf.body().toArray()), policy);
        } catch (LeafMalformed e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void policyChanged(Leaf.PolicyChanged leaf) {
        Leaf.ChangeProposed change = approvedChange(leaf.caseId(), CaseKind.POLICY);
        if (change == null) {
            return;
        }
        if (leaf.version() != policyVersion + 1) {
            incomplete("policy version must be " + (policyVersion + 1) + " but is " + leaf.version());
        }
        policy = Policy.decode(change.body().toArray());
        policyVersion++;
    }

    @Override
    public void keysChanged(Leaf.KeysChanged leaf) {
        Leaf.ChangeProposed proposed = approvedChange(leaf.caseId(), CaseKind.KEYS);
        if (proposed == null) {
            return;
        }
        KeyChange change = KeyChange.decode(proposed.body().toArray());
        keys.apply(change);
        if (change instanceof KeyChange.Revoke c) {
            cases.values().forEach(gate -> gate.forget(c.keyId()::equals, person -> false));
        } else if (change instanceof KeyChange.Roles c) {
            cases.values().forEach(gate -> gate.forget(key -> false, c.person()::equals));
        }
    }

    /** The change of an approved case that has not taken effect yet; null after a finding. */
    private Leaf.@Nullable ChangeProposed approvedChange(String caseId, CaseKind kind) {
        GateCase gate = cases.get(caseId);
        Leaf.ChangeProposed change = gate == null ? null : gate.proposed();
        boolean lawful = gate != null
                && gate.kind() == kind
                && gate.outcome() == Leaf.Outcome.APPROVED
                && gate.isFilled()
                && openChanges.remove(caseId);
        String refusal = change == null ? "" : unfit(kind == CaseKind.POLICY, change);
        if (!lawful || change == null || refusal != null) {
            incomplete("the change of " + kind + " by case " + caseId + " took effect but "
                    + (lawful && refusal != null ? refusal : "its case was not approved"));
            return null;
        }
        return change;
    }

    private @Nullable Hold checkTransferCase(Leaf.CaseOpened leaf) {
        Hold hold = holdOf(leaf.caseId());
        if (hold != null && hold.screening != null) {
            return checkCaseAfterScreening(leaf, hold, hold.screening);
        }
        if (hold == null || hold.tier == null) {
            incomplete("case " + leaf.caseId() + " belongs to no open gated hold");
            return hold;
        }
        if (!GateCase.payloadOf(hold.leaf, hold.debit.id, hold.credit.id, hold.debit.asset)
                .equals(leaf.payloadDigest())) {
            incomplete("the payload digest of case " + leaf.caseId() + " is not the digest of hold " + hold.leaf.id());
        }
        if (!leaf.requester().equals(hold.leaf.requester())) {
            incomplete("case " + leaf.caseId() + " names another requester than its hold");
        }
        if (!hold.tier.isMetBy(leaf)) {
            incomplete("case " + leaf.caseId() + " demands " + leaf.demands() + " until " + leaf.expiresMicros()
                    + " but tier '" + hold.tier.name() + "' demands " + hold.tier.demands() + " within "
                    + hold.tier.expirySeconds() + " s");
        }
        return hold;
    }

    private Hold checkCaseAfterScreening(Leaf.CaseOpened leaf, Hold hold, Requirement tier) {
        Screening screening = screenings.get(hold.leaf.id());
        long escalates = tier.escalateAfterSeconds() * MICROS_PER_SECOND;
        boolean asked = leaf.demands().equals(tier.demands())
                && leaf.expiresMicros() <= hold.leaf.expiresMicros()
                && tier.escalationRoles().containsAll(leaf.escalationRoles())
                && (leaf.escalatesMicros() == 0
                        || escalates > 0 && leaf.escalatesMicros() - leaf.timeMicros() >= escalates);
        if (screening == null || !screening.toPeople || !asked) {
            incomplete("case " + leaf.caseId() + " follows from no screening of tier '" + tier.name()
                    + "', or demands something else than it");
        }
        Bytes payload = GateCase.payloadOf(hold.leaf, hold.debit.id, hold.credit.id, hold.debit.asset);
        if (!payload.equals(leaf.payloadDigest()) || !leaf.requester().equals(hold.leaf.requester())) {
            incomplete("case " + leaf.caseId() + " has another payload or requester than its hold");
        }
        return hold;
    }

    @Override
    public void screeningBegun(Leaf.ScreeningBegun leaf) {
        Hold hold = openHolds.get(leaf.id());
        Requirement tier = hold == null ? null : hold.screening;
        if (hold == null || tier == null || screenings.containsKey(leaf.id())) {
            incomplete("screening of " + leaf.id() + " belongs to no open hold that the policy screens");
            return;
        }
        boolean asked = leaf.demands().equals(tier.demands())
                && leaf.dueMicros() - leaf.timeMicros() <= tier.screenMillis() * MICROS_PER_MILLI
                && GateCase.payloadOf(hold.leaf, hold.debit.id, hold.credit.id, hold.debit.asset)
                        .equals(leaf.payloadDigest());
        if (!asked) {
            incomplete("screening of " + leaf.id() + " has another payload, time or demands than tier '" + tier.name()
                    + "'");
        }
        screenings.put(leaf.id(), new Screening(leaf));
    }

    @Override
    public void verdictRecorded(Leaf.VerdictRecorded leaf) {
        cited.accept(leaf.evidenceDigest());
        Genesis.Key key = keys.active(leaf.keyId()).orElse(null);
        VerdictText text = new VerdictText(
                CaseKind.TRANSFER.prefix() + leaf.id(),
                leaf.payloadDigest().toArray(),
                leaf.clear(),
                leaf.expiresMicros(),
                leaf.evidenceDigest().toArray());
        boolean signed =
                key != null && text.signedBy(key.key(), leaf.signature().toArray());
        if (!signed) {
            findings.add(
                    Question.AUTHORSHIP,
                    SECTION,
                    sequence,
                    offset,
                    "the verdict on " + leaf.id() + " by key '" + leaf.keyId() + "' is not signed by an active key");
        }
        Screening screening = screenings.get(leaf.id());
        boolean counts = signed
                && key != null
                && key.roles().equals(List.of(DETECTOR))
                && screening != null
                && !screening.clear
                && !screening.toPeople
                && screening.begun.payloadDigest().equals(leaf.payloadDigest())
                && leaf.timeMicros() <= leaf.expiresMicros()
                && leaf.expiresMicros() <= screening.begun.dueMicros();
        if (!counts || screening == null) {
            incomplete("the verdict on " + leaf.id() + " by key '" + leaf.keyId() + "' does not count");
            return;
        }
        screening.clear = leaf.clear();
        screening.toPeople = !leaf.clear();
        expected = leaf.clear() ? expectPosting(leaf.id()) : expectCase(leaf.id());
    }

    @Override
    public void screeningLapsed(Leaf.ScreeningLapsed leaf) {
        Screening screening = screenings.get(leaf.id());
        if (screening == null
                || screening.clear
                || screening.toPeople
                || leaf.timeMicros() <= screening.begun.dueMicros()) {
            incomplete("the screening of " + leaf.id() + " lapsed but it was not waiting, or its time was not over");
            return;
        }
        screening.toPeople = true;
        expected = expectCase(leaf.id());
    }

    private Expectation expectPosting(UUID hold) {
        return new Expectation(
                sequence, "HOLD_POSTED of " + hold, next -> next instanceof Leaf.HoldPosted p && p.id().equals(hold));
    }

    private Expectation expectCase(UUID hold) {
        String caseId = CaseKind.TRANSFER.prefix() + hold;
        return new Expectation(
                sequence,
                "CASE_OPENED of " + caseId,
                next -> next instanceof Leaf.CaseOpened c && c.caseId().equals(caseId));
    }

    /** The open hold that a case of this id is about; the id has one text form. */
    private @Nullable Hold holdOf(String caseId) {
        String prefix = CaseKind.TRANSFER.prefix();
        try {
            UUID id = UUID.fromString(caseId.startsWith(prefix) ? caseId.substring(prefix.length()) : caseId);
            return caseId.equals(prefix + id) ? openHolds.get(id) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public void approvalRecorded(Leaf.ApprovalRecorded leaf) {
        cited.accept(leaf.reasonDigest());
        approvalsChecked++;
        Genesis.Key key = keys.active(leaf.keyId()).orElse(null);
        boolean signed = key != null && GateCase.signedBy(leaf, key);
        if (!signed) {
            // One lie, two questions: nobody registered said it, and so it can not complete a case.
            findings.add(
                    Question.AUTHORSHIP,
                    SECTION,
                    sequence,
                    offset,
                    key == null
                            ? "approval by key '" + leaf.keyId() + "', which is not registered and active"
                            : "the signature of key '" + leaf.keyId() + "' does not verify over the approval's text");
        }
        GateCase gate = cases.get(leaf.caseId());
        String refusal =
                gate == null ? "the case is not in the journal" : gate.refusalOf(leaf, key, signed, subjectOf(gate));
        if (refusal != null || gate == null || key == null) {
            incomplete("the approval of case " + leaf.caseId() + " by key '" + leaf.keyId() + "' does not count: "
                    + refusal);
            return;
        }
        if (!keys.countGrows(key, leaf.signature().toArray())) {
            incomplete(
                    "the authenticator of key '" + leaf.keyId() + "' counted no further: a copy, or an old assertion");
        }
        keys.count(key, leaf.signature().toArray());
        gate.record(leaf, key);
        approvalsCounted++;
        persons.add(key.person());
        if (gate.isDenied() || gate.isFilled()) {
            Leaf.Outcome outcome = gate.isDenied() ? Leaf.Outcome.DENIED : Leaf.Outcome.APPROVED;
            expected = new Expectation(
                    sequence,
                    "CASE_DECIDED " + outcome + " of " + leaf.caseId(),
                    next -> next instanceof Leaf.CaseDecided d
                            && d.caseId().equals(leaf.caseId())
                            && d.outcome() == outcome);
        }
    }

    /** The person whose key the case changes, empty when it changes none. */
    private String subjectOf(GateCase gate) {
        Leaf.ChangeProposed change = gate.proposed();
        return change == null || gate.kind() != CaseKind.KEYS
                ? ""
                : keys.subject(KeyChange.decode(change.body().toArray()));
    }

    @Override
    public void caseDecided(Leaf.CaseDecided leaf) {
        GateCase gate = cases.get(leaf.caseId());
        if (gate == null) {
            incomplete("case " + leaf.caseId() + " was decided but never opened");
            return;
        }
        String refusal = gate.refusalOf(leaf);
        if (refusal != null) {
            incomplete("case " + leaf.caseId() + " was decided as " + leaf.outcome() + " but " + refusal);
        }
        Leaf.ChangeProposed change = gate.proposed();
        if (leaf.outcome() == Leaf.Outcome.SUPERSEDED
                && change != null
                && unfit(gate.kind() == CaseKind.POLICY, change) == null) {
            incomplete("case " + leaf.caseId() + " was set aside as superseded but its change still fits");
        }
        gate.decide(leaf.outcome());
        if (leaf.outcome() != Leaf.Outcome.APPROVED) {
            openChanges.remove(leaf.caseId());
        } else if (openChanges.contains(leaf.caseId())) {
            expected = new Expectation(
                    sequence,
                    "the change of " + leaf.caseId(),
                    next -> next instanceof Leaf.PolicyChanged p && p.caseId().equals(leaf.caseId())
                            || next instanceof Leaf.KeysChanged k && k.caseId().equals(leaf.caseId()));
        }
        UUID hold = gate.hold();
        if (leaf.outcome() == Leaf.Outcome.APPROVED && hold != null && openHolds.containsKey(hold)) {
            expected = new Expectation(
                    sequence,
                    "HOLD_POSTED of " + hold,
                    next -> next instanceof Leaf.HoldPosted p && p.id().equals(hold));
        }
    }

    @Override
    public void refused(Leaf.Refused leaf) {
        cited.accept(leaf.commandDigest());
        refusals++;
        if (leaf.reasonCode() <= LAST_ACCEPTING_REASON) {
            incomplete("a refusal of '" + leaf.by() + "' carries the reason of a success, " + leaf.reasonCode());
        }
    }

    /** A refusal stands for what was wrong at its leaf: a reason that can not be true was edited. */
    @Override
    public void approvalRefused(Leaf.ApprovalRefused leaf) {
        cited.accept(leaf.commandDigest());
        refusals++;
        GateCase gate = cases.get(leaf.caseId());
        boolean ofApproval = leaf.what() == 1;
        String contradiction = switch (leaf.reasonCode()) {
            case 40 -> ofApproval && gate != null ? "the case is in the journal" : null;
            case 43 -> ofApproval && (gate == null || gate.outcome() == null) ? "the case was not decided" : null;
            case 48 -> keys.status(leaf.keyId()) != null ? "the key is registered" : null;
            case 53 ->
                keys.status(leaf.keyId()) == null || keys.active(leaf.keyId()).isPresent()
                        ? "the key was not retired"
                        : null;
            case 44, 45, 46, 47, 49, 50, 51, 52, 54, 75, 76, 77 -> null;
            default -> "no statement is refused for it";
        };
        if (contradiction != null) {
            incomplete("the refusal of key '" + leaf.keyId() + "' in " + leaf.caseId() + " gives reason "
                    + leaf.reasonCode() + " but " + contradiction);
        }
    }

    @Override
    public void refusalsCounted(Leaf.RefusalsCounted leaf) {
        if (Long.bitCount(leaf.count()) != 1) {
            incomplete("refusals of '" + leaf.scope() + "' are counted at powers of two but here at " + leaf.count());
        }
    }

    @Override
    public void nodeIsolated(Leaf.NodeIsolated leaf) {
        requireNode(leaf.node());
        isolations++;
    }

    @Override
    public void nodeAdmitted(Leaf.NodeAdmitted leaf) {
        requireNode(leaf.node());
    }

    @Override
    public void attested(Leaf.Attested leaf) {
        requireNode(leaf.node());
    }

    @Override
    public void nodeDiverged(Leaf.NodeDiverged leaf) {
        requireNode(leaf.node());
        divergences++;
    }

    @Override
    public void trailAnchored(Leaf.TrailAnchored leaf) {
        String origin = genesis().ledgerName() + "/trail";
        if (!leaf.origin().equals(origin)) {
            findings.add(
                    Question.INTEGRITY,
                    SECTION,
                    sequence,
                    offset,
                    "the anchor's origin must be '" + origin + "' but is '" + leaf.origin() + "'");
        }
        Leaf.TrailAnchored last = anchors.isEmpty() ? null : anchors.get(anchors.size() - 1);
        if (last != null && leaf.treeSize() < last.treeSize()) {
            findings.add(
                    Question.INTEGRITY,
                    SECTION,
                    sequence,
                    offset,
                    "the trail had " + last.treeSize() + " leaves at leaf " + last.sequence() + " but only "
                            + leaf.treeSize() + " here");
        }
        anchors.add(leaf);
    }

    @Override
    public void maintenanceSet(Leaf.MaintenanceSet leaf) {
        if (leaf.untilMicros() != 0 && leaf.untilMicros() <= leaf.timeMicros()) {
            findings.add(
                    Question.INTEGRITY,
                    SECTION,
                    sequence,
                    offset,
                    "a stop of writes must end after its own time but ends at " + leaf.untilMicros());
        }
    }

    private void requireNode(String node) {
        if (!genesis().hasNode(node)) {
            incomplete("node '" + node + "' is not in genesis");
        }
    }

    private @Nullable Account account(long ordinal, String side) {
        if (ordinal >= accounts.size()) {
            incomplete(
                    "the " + side + " account has ordinal " + ordinal + " but " + accounts.size() + " accounts exist");
            return null;
        }
        return accounts.get((int) ordinal);
    }

    private boolean isNewTransfer(UUID id) {
        boolean fresh = transferIds.add(id);
        if (!fresh) {
            incomplete("transfer " + id + " exists already");
        }
        return fresh;
    }

    /** False when the amount can not be applied at all; a debit beyond the funds is reported and applied. */
    private boolean mayMove(Account debit, Account credit, long amount) {
        if (debit == credit) {
            incomplete("debit and credit must differ but both are account " + debit.id);
            return false;
        }
        if (!debit.asset.equals(credit.asset)) {
            incomplete(
                    "account " + debit.id + " holds " + debit.asset + " but account " + credit.id + " " + credit.asset);
            return false;
        }
        if (amount > Long.MAX_VALUE - debit.debitsPosted - debit.debitsHeld
                || amount > Long.MAX_VALUE - credit.creditsPosted - credit.creditsHeld) {
            incomplete("the amount " + amount + " overflows account " + debit.id + " or " + credit.id);
            return false;
        }
        long available = debit.creditsPosted - debit.debitsPosted - debit.debitsHeld;
        if (debit.debitsMustNotExceedCredits && amount > available) {
            incomplete("account " + debit.id + " may not go below zero: " + amount + " taken of " + available
                    + " available");
        }
        long room = credit.debitsPosted - credit.creditsPosted - credit.creditsHeld;
        if (credit.creditsMustNotExceedDebits && amount > room) {
            incomplete("account " + credit.id + " may not be credited beyond its debits: " + amount + " given of "
                    + room + " that it takes");
        }
        return true;
    }

    @Override
    public void legsPosted(Leaf.LegsPosted leaf) {
        Map<Long, Account> touched = new TreeMap<>();
        boolean known = isNewTransfer(leaf.id());
        for (Leaf.Leg leg : leaf.legs()) {
            Account account = account(leg.account(), "leg's");
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
            moved += transferIds.leg(leg.account(), leg.amount());
            opposite += transferIds.leg(leg.account(), -leg.amount());
            Account account = accounts.get((int) leg.account());
            if (leg.amount() < 0) {
                account.debitsPosted -= leg.amount();
            } else {
                account.creditsPosted += leg.amount();
            }
        }
        touched.values().forEach(account -> checkLimits(leaf, account));
        checkTerms(leaf.timeMicros(), leaf.id(), opposite);
        transferIds.posted(leaf.id(), moved);
        transfers++;
    }

    /** False when the legs can not be applied at all. */
    private boolean fits(Leaf.LegsPosted leaf, Map<Long, Account> touched) {
        Map<Account, BigInteger> debits = new HashMap<>();
        Map<Account, BigInteger> credits = new HashMap<>();
        for (Leaf.Leg leg : leaf.legs()) {
            (leg.amount() < 0 ? debits : credits)
                    .merge(
                            accounts.get((int) leg.account()),
                            BigInteger.valueOf(leg.amount()).abs(),
                            BigInteger::add);
        }
        for (Account account : touched.values()) {
            BigInteger debited = debits.getOrDefault(account, BigInteger.ZERO)
                    .add(BigInteger.valueOf(account.debitsPosted))
                    .add(BigInteger.valueOf(account.debitsHeld));
            BigInteger credited = credits.getOrDefault(account, BigInteger.ZERO)
                    .add(BigInteger.valueOf(account.creditsPosted))
                    .add(BigInteger.valueOf(account.creditsHeld));
            if (debited.bitLength() > 63 || credited.bitLength() > 63) {
                incomplete("the legs of transfer " + leaf.id() + " overflow account " + account.id);
                return false;
            }
        }
        return true;
    }

    private void checkBalanced(Leaf.LegsPosted leaf, Map<Long, Account> touched) {
        Map<String, BigInteger> sums = new TreeMap<>();
        Map<String, BigInteger> debits = new TreeMap<>();
        for (Leaf.Leg leg : leaf.legs()) {
            String asset = java.util.Objects.requireNonNull(touched.get(leg.account())).asset;
            BigInteger amount = BigInteger.valueOf(leg.amount());
            sums.merge(asset, amount, BigInteger::add);
            if (leg.amount() < 0) {
                debits.merge(asset, amount.negate(), BigInteger::add);
            }
        }
        sums.forEach((asset, sum) -> {
            if (sum.signum() != 0) {
                incomplete("the legs of transfer " + leaf.id() + " in " + asset + " must add up to 0 but give " + sum);
            }
        });
        for (String asset : debits.keySet()) {
            if (policy.approval(asset, c -> debited(leaf, touched, asset, c)) != null
                    || policy.screening(asset, c -> debited(leaf, touched, asset, c)) != null) {
                incomplete("the legs of transfer " + leaf.id() + " move " + debits.get(asset) + " " + asset
                        + ", which falls in a tier, but were posted without approval");
            }
        }
    }

    /** What the legs of an asset move on accounts of a class, on the side that moves more; of class 0 on all accounts. */
    private static long debited(Leaf.LegsPosted leaf, Map<Long, Account> touched, String asset, int accountClass) {
        BigInteger debits = BigInteger.ZERO;
        BigInteger credits = BigInteger.ZERO;
        for (Leaf.Leg leg : leaf.legs()) {
            Account account = java.util.Objects.requireNonNull(touched.get(leg.account()));
            if (account.asset.equals(asset) && (accountClass == 0 || account.accountClass == accountClass)) {
                BigInteger amount = BigInteger.valueOf(leg.amount());
                debits = debits.add(amount.negate().max(BigInteger.ZERO));
                credits = credits.add(amount.max(BigInteger.ZERO));
            }
        }
        return debits.max(credits).min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
    }

    /** After the legs were applied: what an account may is asked of all of them together. */
    private void checkLimits(Leaf.LegsPosted leaf, Account account) {
        if (account.debitsMustNotExceedCredits
                && account.debitsPosted + account.debitsHeld - account.creditsPosted > 0
                && netOf(leaf, account) < 0) {
            incomplete("account " + account.id + " may not go below zero but does by the legs of " + leaf.id());
        }
        if (account.creditsMustNotExceedDebits
                && account.creditsPosted + account.creditsHeld - account.debitsPosted > 0
                && netOf(leaf, account) > 0) {
            incomplete("account " + account.id + " may not be credited beyond its debits but is by the legs of "
                    + leaf.id());
        }
    }

    private long netOf(Leaf.LegsPosted leaf, Account account) {
        long net = 0;
        for (Leaf.Leg leg : leaf.legs()) {
            net += accounts.get((int) leg.account()) == account ? leg.amount() : 0;
        }
        return net;
    }

    @Override
    public void transferTerms(Leaf.TransferTerms leaf) {
        terms = leaf;
        expected = new Expectation(
                sequence,
                "the leaf of transfer " + leaf.id(),
                next -> next instanceof Leaf.TransferPosted p && p.id().equals(leaf.id())
                        || next instanceof Leaf.TransferHeld h && h.id().equals(leaf.id())
                        || next instanceof Leaf.LegsPosted l && l.id().equals(leaf.id()));
    }

    /** Judges what the leaf before said of this transfer. {@code opposite} is what it must undo if it is a reversal. */
    private void checkTerms(long timeMicros, UUID id, long opposite) {
        Leaf.TransferTerms said = terms;
        terms = null;
        if (said == null || said.sequence() != sequence - 1 || !said.id().equals(id)) {
            return;
        }
        if (said.effectiveDay().isPresent()) {
            long apart = said.effectiveDay().getAsInt() - Math.floorDiv(timeMicros, MICROS_PER_DAY);
            if (Math.abs(apart) > MOST_DAYS_APART) {
                incomplete("the effective day of transfer " + id + " lies " + apart + " days from its booking");
            }
        }
        UUID target = said.reverses().orElse(null);
        if (target == null) {
            return;
        }
        if (transferIds.moved(target) == 0) {
            incomplete("transfer " + id + " reverses " + target + ", which is not posted");
        } else if (reversed.containsKey(target)) {
            incomplete("transfer " + id + " reverses " + target + ", which is a reversal itself");
        } else if (reversals.containsKey(target)) {
            incomplete("transfer " + id + " reverses " + target + ", which " + reversals.get(target) + " has reversed");
        } else if (transferIds.moved(target) != opposite) {
            incomplete("transfer " + id + " is not the opposite of " + target + ", which it reverses");
        }
        reversals.put(target, id);
        reversed.put(id, target);
    }

    /** A reversal that was held and came to nothing: the transfer may be reversed again. */
    private void forgetReversal(UUID id) {
        UUID target = reversed.remove(id);
        if (target != null) {
            reversals.remove(target);
        }
    }

    private long moved(long debit, long credit, long amount) {
        return transferIds.leg(debit, -amount) + transferIds.leg(credit, amount);
    }

    private @Nullable Requirement screeningOf(Account debit, Account credit, long amount) {
        return policy.screening(
                debit.asset, c -> c == 0 || c == debit.accountClass || c == credit.accountClass ? amount : 0);
    }

    private @Nullable Requirement tierOf(Account debit, Account credit, long amount) {
        return policy.approval(
                debit.asset, c -> c == 0 || c == debit.accountClass || c == credit.accountClass ? amount : 0);
    }

    private @Nullable Hold close(UUID id, String verb) {
        Hold hold = openHolds.remove(id);
        if (hold == null) {
            incomplete("no open hold " + id + " to " + verb);
            return null;
        }
        hold.debit.debitsHeld -= hold.leaf.amount();
        hold.credit.creditsHeld -= hold.leaf.amount();
        return hold;
    }

    private void incomplete(String message) {
        findings.add(Question.COMPLETENESS, SECTION, sequence, offset, message);
    }
}
