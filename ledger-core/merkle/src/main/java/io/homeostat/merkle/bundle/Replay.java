package io.homeostat.merkle.bundle;

import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's rules once more, in code of the auditor's own: follows every leaf and reports what the rules of
 * docs/encoding.md do not allow. Each leaf is judged against the state that the leaves before it gave; then it is applied,
 * as far as it can be, so that one lie does not hide the next.
 *
 * <p>Each part knows one kind of rule: {@link ReplayAccounts}, {@link ReplayTransfers}, {@link ReplayLegs}, {@link ReplayTerms},
 * {@link ReplayHolds}, {@link ReplayScreenings}, {@link ReplayCases}, {@link ReplayChanges}. Here leaves are dealt out, and the
 * few that concern none of them are judged.
 *
 * <p>A node that was isolated or that diverged is no failure of the ledger. Not thread-safe.
 */
final class Replay implements Leaf.Handler {
    /** 0 is accepted, 1 a repetition of what was accepted. */
    private static final int LAST_ACCEPTING_REASON = 1;

    private final ReplayPlace at;
    private final Consumer<Bytes> cited;
    private final Map<String, GateCase> cases = new HashMap<>();
    private final ReplayChanges changes;
    private final ReplayAccounts accounts;
    private final ReplayTerms terms;
    private final ReplayHolds holds;
    private final ReplayScreenings screenings;
    private final ReplayCases approvals;
    private final ReplayTransfers transfers;
    private final ReplayLegs legs;
    private final List<Leaf.TrailAnchored> anchors = new ArrayList<>();
    private @Nullable Genesis genesis;
    private long refusals;
    private long isolations;
    private long divergences;

    /** @param cited takes every digest of a text that a leaf cites */
    Replay(Findings findings, Consumer<Bytes> cited) {
        this.at = new ReplayPlace(findings);
        this.cited = cited;
        this.changes = new ReplayChanges(at, cases);
        this.accounts = new ReplayAccounts(at);
        this.terms = new ReplayTerms(at);
        this.holds = new ReplayHolds(at);
        this.screenings = new ReplayScreenings(at, holds, changes, cited);
        this.approvals = new ReplayCases(at, cases, holds, screenings, changes, cited);
        this.transfers = new ReplayTransfers(at, accounts, terms, holds, cases, screenings, changes);
        this.legs = new ReplayLegs(at, accounts, terms, changes);
    }

    /** @param offset byte offset of the leaf's frame in the bundle */
    void follow(Leaf leaf, long offset) {
        at.moveTo(leaf, offset);
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
        Map<String, BigInteger> sums = accounts.sums();
        return new Statistics(
                leaves,
                accounts.size(),
                terms.posted(),
                transfers.gatedHolds(),
                transfers.gatedPostings(),
                cases.size(),
                approvals.approvalsChecked(),
                approvals.approvalsCounted(),
                approvals.persons(),
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
            changes.begin(genesis);
        } else {
            at.incomplete("a second GENESIS would change who may approve");
        }
    }

    @Override
    public void accountCreated(Leaf.AccountCreated leaf) {
        accounts.created(leaf);
    }

    @Override
    public void transferPosted(Leaf.TransferPosted leaf) {
        transfers.posted(leaf);
    }

    @Override
    public void transferHeld(Leaf.TransferHeld leaf) {
        transfers.held(leaf);
    }

    @Override
    public void holdPosted(Leaf.HoldPosted leaf) {
        transfers.holdPosted(leaf);
    }

    @Override
    public void holdVoided(Leaf.HoldVoided leaf) {
        transfers.holdVoided(leaf);
    }

    @Override
    public void holdExpired(Leaf.HoldExpired leaf) {
        transfers.holdExpired(leaf);
    }

    @Override
    public void legsPosted(Leaf.LegsPosted leaf) {
        legs.posted(leaf);
    }

    @Override
    public void transferTerms(Leaf.TransferTerms leaf) {
        terms.announced(leaf);
    }

    @Override
    public void screeningBegun(Leaf.ScreeningBegun leaf) {
        screenings.begun(leaf);
    }

    @Override
    public void verdictRecorded(Leaf.VerdictRecorded leaf) {
        screenings.verdict(leaf);
    }

    @Override
    public void screeningLapsed(Leaf.ScreeningLapsed leaf) {
        screenings.lapsed(leaf);
    }

    @Override
    public void caseOpened(Leaf.CaseOpened leaf) {
        approvals.opened(leaf);
    }

    @Override
    public void approvalRecorded(Leaf.ApprovalRecorded leaf) {
        approvals.approved(leaf);
    }

    @Override
    public void caseDecided(Leaf.CaseDecided leaf) {
        approvals.decided(leaf);
    }

    @Override
    public void changeProposed(Leaf.ChangeProposed leaf) {
        changes.proposed(leaf);
    }

    @Override
    public void policyChanged(Leaf.PolicyChanged leaf) {
        changes.policyChanged(leaf);
    }

    @Override
    public void keysChanged(Leaf.KeysChanged leaf) {
        changes.keysChanged(leaf);
    }

    @Override
    public void approvalRefused(Leaf.ApprovalRefused leaf) {
        refusals++;
        approvals.refused(leaf);
    }

    @Override
    public void refused(Leaf.Refused leaf) {
        cited.accept(leaf.commandDigest());
        refusals++;
        if (leaf.reasonCode() <= LAST_ACCEPTING_REASON) {
            at.incomplete("a refusal of '" + leaf.by() + "' carries the reason of a success, " + leaf.reasonCode());
        }
    }

    @Override
    public void refusalsCounted(Leaf.RefusalsCounted leaf) {
        if (Long.bitCount(leaf.count()) != 1) {
            at.incomplete(
                    "refusals of '" + leaf.scope() + "' are counted at powers of two but here at " + leaf.count());
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
            at.integrity("the anchor's origin must be '" + origin + "' but is '" + leaf.origin() + "'");
        }
        Leaf.TrailAnchored last = anchors.isEmpty() ? null : anchors.get(anchors.size() - 1);
        if (last != null && leaf.treeSize() < last.treeSize()) {
            at.integrity("the trail had " + last.treeSize() + " leaves at leaf " + last.sequence() + " but only "
                    + leaf.treeSize() + " here");
        }
        anchors.add(leaf);
    }

    @Override
    public void maintenanceSet(Leaf.MaintenanceSet leaf) {
        if (leaf.untilMicros() != 0 && leaf.untilMicros() <= leaf.timeMicros()) {
            at.integrity("a stop of writes must end after its own time but ends at " + leaf.untilMicros());
        }
    }

    private void requireNode(String node) {
        if (!genesis().hasNode(node)) {
            at.incomplete("node '" + node + "' is not in genesis");
        }
    }
}
