package io.homeostat.ledger.state;

import io.homeostat.ledger.archive.RowArchive;
import io.homeostat.ledger.attest.AccountPages;
import io.homeostat.ledger.attest.AttestationTally;
import io.homeostat.ledger.attest.RunningFold;
import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateBook;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.gate.RefusalBook;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.MerkleTree;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the replicas must agree on. {@link #apply} takes what a decider found to be right: it cannot fail, reads no
 * clock, no random and no configuration. Not thread-safe: {@link Ledger} guards it.
 */
final class LedgerState implements LedgerEvent.Handler {
    private static final byte[] DIGEST_TITLE = "homeostat state v1\n".getBytes(StandardCharsets.US_ASCII);
    private static final long MICROS_PER_MINUTE = 60_000_000L;

    final LedgerStateLimits limits;
    final Genesis genesis;
    final GateBook gate;
    final AccountTable accounts = new AccountTable();
    final TransferTable transfers;
    final NodeRegister nodes;
    final AttestationTally tally;
    final AccountPages pages;
    final RunningFold fold = new RunningFold();
    /** Open holds, oldest first: a posted transfer never comes here. */
    final Map<UUID, Hold> holds = new LinkedHashMap<>();

    final Map<String, ApprovalCase> cases = new HashMap<>();
    final List<ApprovalCase> casesInOrder = new ArrayList<>();
    final Map<String, ApprovalCase> openCases = new LinkedHashMap<>();
    /** Holds that wait for a detector's verdict, oldest first. */
    final Map<UUID, Screening> screenings = new LinkedHashMap<>();

    final TreeSet<Expiry> expiries = new TreeSet<>(Expiry.ORDER);

    @Nullable
    Anchor anchor;

    @Nullable
    Maintenance maintenance;

    boolean begun;
    long raftIndex;
    long timeMicros;
    /** Attestations that have fallen due so far. */
    long turns;

    long refusals;
    long looseMinute;
    int looseRefusals;
    /** Of this minute, beyond the bound. */
    long looseBeyond;

    /** The reversal of each transfer that has one, posted or waiting for its approvals; at most as many as cases. */
    final Map<UUID, UUID> reversals = new LinkedHashMap<>();

    private final Map<UUID, UUID> reversed = new HashMap<>();
    private LedgerEvent.@Nullable TransferTerms terms;
    private long admittedLow;
    private long admitted = TransferTable.NONE;
    private long sequence;

    /** Newest head of the trail that stands in the journal. */
    record Anchor(long treeSize, byte[] root) {}

    LedgerState(Genesis genesis, LedgerStateLimits limits, long tableSeed, RowArchive archive) {
        this.genesis = genesis;
        this.limits = limits;
        gate = new GateBook(genesis);
        transfers = new TransferTable(tableSeed, limits.recentTransfers(), archive);
        nodes = new NodeRegister(genesis);
        tally = new AttestationTally(genesis.majority(), limits.attestationsKept());
        pages = new AccountPages(accounts, limits.scrubEvery());
    }

    /** The id is taken from now on; the events, or {@link #reject}, say what became of it. */
    void admit(UUID id, long fingerprint, long nextSequence) {
        admit(id.getMostSignificantBits(), id.getLeastSignificantBits(), fingerprint, nextSequence);
    }

    void admit(long idHigh, long idLow, long fingerprint, long nextSequence) {
        admittedLow = idLow;
        admitted = transfers.add(idHigh, idLow, fingerprint, nextSequence);
    }

    /** True for a transfer that is the reversal of another. */
    boolean isReversal(UUID id) {
        return reversed.containsKey(id);
    }

    /** Remembers the first outcome of the admitted id. {@code newest} is the sequence of the newest leaf. */
    void reject(Command.CreateTransfer command, Reason reason, long newest) {
        reject(reason, accounts.find(command.debit()), accounts.find(command.credit()), command.amount(), newest);
    }

    /** The same for a command that does not name a debit, a credit and an amount; they are what is known of them. */
    void reject(Reason reason, int debit, int credit, long amount, long newest) {
        transfers.reject(admitted, reason, debit, credit, amount, newest);
        foldAdmitted(Status.REJECTED, reason);
    }

    void apply(LedgerEvent event, long atSequence) {
        sequence = atSequence;
        event.to(this);
    }

    @Override
    public void on(LedgerEvent.Begun event) {
        begun = true;
        gate.begin(timeMicros);
    }

    @Override
    public void on(LedgerEvent.AccountCreated event) {
        accounts.add(event);
        pages.touch(event.ordinal());
    }

    @Override
    public void on(LedgerEvent.TransferPosted event) {
        post(event.debit(), event.credit(), event.amount());
    }

    /** The same as {@link #apply} with the {@link LedgerEvent.TransferPosted} of the admitted id, without that object. */
    void post(int debit, int credit, long amount, long atSequence) {
        sequence = atSequence;
        post(debit, credit, amount);
    }

    private void post(int debit, int credit, long amount) {
        accounts.post(debit, credit, amount);
        int flags = takeTerms();
        transfers.set(admitted, Status.POSTED, debit, credit, amount, flags, sequence);
        pages.touch(debit);
        pages.touch(credit);
        foldAdmitted(Status.POSTED, Reason.OK);
    }

    @Override
    public void on(LedgerEvent.TransferHeld event) {
        int flags = TransferTable.HOLD | (event.gated() ? TransferTable.GATED : 0) | takeTerms();
        accounts.hold(event.debit(), event.credit(), event.amount());
        transfers.set(admitted, Status.HELD, event.debit(), event.credit(), event.amount(), flags, sequence);
        pages.touch(event.debit());
        pages.touch(event.credit());
        Hold hold = new Hold(
                event.id(),
                admitted,
                event.debit(),
                event.credit(),
                event.amount(),
                timeMicros,
                event.expiresMicros(),
                event.requester(),
                event.gated(),
                sequence);
        remember(hold);
        foldAdmitted(Status.HELD, Reason.OK);
    }

    @Override
    public void on(LedgerEvent.HoldPosted event) {
        Hold hold = close(event.id(), Status.POSTED, event.amount());
        accounts.post(hold.debit(), hold.credit(), event.amount());
    }

    @Override
    public void on(LedgerEvent.HoldVoided event) {
        close(event.id(), Status.VOIDED, 0);
        forgetReversal(event.id());
    }

    @Override
    public void on(LedgerEvent.HoldExpired event) {
        close(event.id(), Status.EXPIRED, 0);
        forgetReversal(event.id());
    }

    @Override
    public void on(LedgerEvent.CaseOpened event) {
        remember(new ApprovalCase(event, timeMicros, sequence));
    }

    @Override
    public void on(LedgerEvent.ApprovalRecorded event) {
        ApprovalCase opened = caseOf(event.caseId());
        Genesis.Key key = gate.keys().active(event.keyId());
        if (key == null) {
            throw new InvariantViolation(
                    "expected the key of a recorded approval but '" + event.keyId() + "' is not active");
        }
        gate.keys().count(key, event.signature());
        opened.record(event, key, timeMicros, sequence);
    }

    @Override
    public void on(LedgerEvent.CaseDecided event) {
        ApprovalCase opened = caseOf(event.caseId());
        opened.decide(ApprovalCase.State.of(event.outcome()), sequence);
        openCases.remove(event.caseId());
        expiries.remove(Expiry.of(opened));
        gate.close(event.caseId());
    }

    @Override
    public void on(LedgerEvent.ChangeProposed event) {
        caseOf(event.caseId()).propose(event);
        gate.propose(event);
    }

    @Override
    public void on(LedgerEvent.PolicyChanged event) {
        gate.changePolicy(
                event.caseId(), ApprovalPolicy.tiersOf(changeOf(event.caseId()).body()), sequence, timeMicros);
    }

    /** A signature counts at the moment of decision: what a distrusted key signed for open cases is forgotten. */
    @Override
    public void on(LedgerEvent.KeysChanged event) {
        KeyChange change = KeyChange.fromBody(changeOf(event.caseId()).body());
        gate.changeKeys(change, sequence);
        if (change instanceof KeyChange.Revoke revoked) {
            openCases.values().forEach(open -> open.forgetKey(revoked.keyId()));
        } else if (change instanceof KeyChange.Roles changed) {
            openCases.values().forEach(open -> open.forgetPerson(changed.person()));
        }
    }

    @Override
    public void on(LedgerEvent.ScreeningBegun event) {
        remember(new Screening(event, sequence));
    }

    @Override
    public void on(LedgerEvent.VerdictRecorded event) {
        endScreening(event.id());
    }

    @Override
    public void on(LedgerEvent.ScreeningLapsed event) {
        endScreening(event.id());
    }

    @Override
    public void on(LedgerEvent.ApprovalRefused event) {}

    @Override
    public void on(LedgerEvent.RefusalsCounted event) {}

    private void endScreening(UUID id) {
        Screening ended = screenings.remove(id);
        if (ended == null) {
            throw new InvariantViolation("expected transfer " + id + " to wait for a verdict but it does not");
        }
        expiries.remove(Expiry.of(ended));
    }

    void remember(Screening begun) {
        screenings.put(begun.begun().id(), begun);
        expiries.add(Expiry.of(begun));
    }

    /** True when there is no room for another case, counting those that screenings may become. */
    boolean casesFull() {
        return cases.size() + screenings.size() >= limits.maxCases();
    }

    /**
     * What stands in the journal of a refusal: itself while it is within the bounds of its case, of the key that it claims, and
     * of what belongs to no case; else, at each power of two, the count of those beyond; else nothing.
     */
    @Nullable
    LedgerEvent evidence(LedgerEvent refusal, @Nullable String caseId) {
        boolean mayStand = countRefusal(caseId);
        ApprovalCase opened = caseId == null ? null : cases.get(caseId);
        String scope = opened == null ? "loose" : "case:" + opened.id();
        long beyond = opened == null ? looseBeyond : opened.refusals() - limits.refusedLeavesPerCase();
        if (refusal instanceof LedgerEvent.ApprovalRefused approval) {
            String key = gate.keys().entry(approval.keyId()) == null ? "" : approval.keyId();
            long ofKey = gate.refusals().count(key, timeMicros);
            if (mayStand && ofKey > RefusalBook.LEAVES_PER_KEY) {
                mayStand = false;
                scope = "key:" + key;
                beyond = ofKey - RefusalBook.LEAVES_PER_KEY;
            }
        }
        if (mayStand) {
            return refusal;
        }
        return Long.bitCount(beyond) == 1 ? new LedgerEvent.RefusalsCounted(scope, beyond) : null;
    }

    /** A refusal changes nothing but its counts, which {@link #countRefusal} keeps also when there is no leaf. */
    @Override
    public void on(LedgerEvent.Refused event) {}

    @Override
    public void on(LedgerEvent.NodeIsolated event) {
        NodeRegister.Entry node = nodes.entry(nodes.number(event.node()));
        node.isolated = true;
        node.incidentId = event.incidentId();
    }

    @Override
    public void on(LedgerEvent.NodeAdmitted event) {
        int node = nodes.number(event.node());
        nodes.admit(node);
        tally.forget(node);
    }

    @Override
    public void on(LedgerEvent.Attested event) {
        int node = nodes.number(event.node());
        tally.vote(event.raftIndex(), node, event.digest());
        nodes.entry(node).attestedIndex = event.raftIndex();
        nodes.entry(node).digest = event.digest();
    }

    @Override
    public void on(LedgerEvent.NodeDiverged event) {
        nodes.entry(nodes.number(event.node())).diverged = true;
    }

    @Override
    public void on(LedgerEvent.TrailAnchored event) {
        anchor = new Anchor(event.treeSize(), event.root());
    }

    @Override
    public void on(LedgerEvent.MaintenanceSet event) {
        maintenance = event.untilMicros() == 0
                ? null
                : new Maintenance(event.by(), event.reason(), timeMicros, event.untilMicros());
    }

    @Override
    public void on(LedgerEvent.LegsPosted event) {
        for (int i = 0; i < event.accounts().length; i++) {
            accounts.postLeg(event.accounts()[i], event.amounts()[i]);
            pages.touch(event.accounts()[i]);
        }
        int flags = TransferTable.LEGS | takeTerms();
        transfers.set(admitted, Status.POSTED, AccountTable.NONE, AccountTable.NONE, 0, flags, sequence);
        foldAdmitted(Status.POSTED, Reason.OK);
    }

    @Override
    public void on(LedgerEvent.TransferTerms event) {
        terms = event;
        UUID reverses = event.reverses();
        if (reverses != null) {
            rememberReversal(reverses, event.id());
        }
    }

    void rememberReversal(UUID target, UUID reversal) {
        reversals.put(target, reversal);
        reversed.put(reversal, target);
    }

    /** A reversal that was held and came to nothing: the transfer may be reversed again. */
    private void forgetReversal(UUID reversal) {
        UUID target = reversed.remove(reversal);
        if (target != null) {
            reversals.remove(target);
        }
    }

    /** The flag of the transfer that follows its terms. */
    private int takeTerms() {
        if (terms == null) {
            return 0;
        }
        terms = null;
        transfers.first(admitted, sequence);
        return TransferTable.TERMS;
    }

    /** Counts a refusal, of a case when there is one; true when it may still have a leaf of its own. */
    private boolean countRefusal(@Nullable String caseId) {
        refusals++;
        ApprovalCase opened = caseId == null ? null : cases.get(caseId);
        if (opened != null) {
            opened.countRefusal();
            return opened.refusals() <= limits.refusedLeavesPerCase();
        }
        long minute = timeMicros / MICROS_PER_MINUTE;
        if (minute != looseMinute) {
            looseMinute = minute;
            looseRefusals = 0;
            looseBeyond = 0;
        }
        if (looseRefusals >= limits.refusedLeavesPerMinute()) {
            looseBeyond++;
            return false;
        }
        looseRefusals++;
        return true;
    }

    void remember(Hold hold) {
        holds.put(hold.id(), hold);
        if (!hold.gated()) {
            expiries.add(Expiry.of(hold));
        }
    }

    void remember(ApprovalCase known) {
        cases.put(known.id(), known);
        casesInOrder.add(known);
        if (known.state() == ApprovalCase.State.OPEN) {
            openCases.put(known.id(), known);
            expiries.add(Expiry.of(known));
            LedgerEvent.ChangeProposed change = known.change();
            if (change != null) {
                gate.propose(change);
            }
        }
    }

    /**
     * SHA-256 over the canonical state. Transfers, holds, cases, nodes and anchors follow from the leaves, which the journal
     * root covers, and from what is folded; balances are read from the live arrays, so damage to them shows.
     */
    byte[] digest(byte[] journalRoot, long journalSize) {
        MessageDigest sha256 = digestBegun(journalRoot, journalSize);
        sha256.update(pages.digest(turns));
        return sha256.digest();
    }

    /** All of the digest but the balances, which come last because they alone take time. */
    MessageDigest digestBegun(byte[] journalRoot, long journalSize) {
        MessageDigest sha256 = MerkleTree.newSha256();
        sha256.update(DIGEST_TITLE);
        sha256.update(ByteBuffer.allocate(9 * Long.BYTES)
                .putLong(raftIndex)
                .putLong(timeMicros)
                .putLong(journalSize)
                .putLong(accounts.count())
                .putLong(transfers.rows())
                .putLong(holds.size())
                .putLong(openCases.size())
                .putLong(refusals)
                .putLong(turns)
                .flip());
        sha256.update(journalRoot);
        sha256.update(fold.value());
        return sha256;
    }

    private Hold close(UUID id, Status status, long postedAmount) {
        Hold hold = holds.remove(id);
        if (hold == null) {
            throw new InvariantViolation(
                    "expected an open hold " + id + " but found none; a decider let through what is closed");
        }
        accounts.free(hold.debit(), hold.credit(), hold.amount());
        transfers.close(id, hold.row(), status, status == Status.POSTED ? postedAmount : hold.amount(), sequence);
        pages.touch(hold.debit());
        pages.touch(hold.credit());
        if (!hold.gated()) {
            expiries.remove(Expiry.of(hold));
        }
        return hold;
    }

    private ApprovalCase caseOf(String caseId) {
        ApprovalCase known = cases.get(caseId);
        if (known == null) {
            throw new InvariantViolation(
                    "expected case " + caseId + " but found none; a decider let through what is unknown");
        }
        return known;
    }

    private LedgerEvent.ChangeProposed changeOf(String caseId) {
        LedgerEvent.ChangeProposed change = caseOf(caseId).change();
        if (change == null) {
            throw new InvariantViolation("expected the change of case " + caseId + " but found none");
        }
        return change;
    }

    private void foldAdmitted(Status status, Reason reason) {
        fold.add(admittedLow, transfers.fingerprint(admitted), status.ordinal(), reason.number());
    }
}
